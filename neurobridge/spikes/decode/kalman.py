"""Kalman filter: movement as a state with inertia, seen through noisy counts."""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy import ndarray

from neurobridge.spikes.decode.wiener import together


@final
@dataclass(frozen=True, kw_only=True)
class Kalman:
    """A linear state that is seen through linear noisy observations.

        x(t) = A x(t - 1) + noise,    z(t) = H x(t) + noise

    Source: Kalman 1960; for movement: Wu et al. 2003, Advances in Neural Information Processing Systems 15.

    Args:
        transition: `(state, state)`, A.
        transition_noise: `(state, state)` covariance.
        observation: `(neuron, state)`, H.
        observation_noise: `(neuron, neuron)` covariance.
    """

    transition: ndarray
    transition_noise: ndarray
    observation: ndarray
    observation_noise: ndarray

    def decode(self, observed: ndarray, mean: ndarray, covariance: ndarray) -> tuple[ndarray, ndarray]:
        """Return the posterior means `(..., step, state)` and covariances `(step, state, state)`.

        The covariances depend on no observation, so that sequences share them.

        Args:
            observed: `(..., step, neuron)`.
            mean: `(state,)` before the first observation.
            covariance: `(state, state)` before the first observation.
        """
        gains, covariances = self.gains(covariance, observed.shape[-2])
        return self.follow(observed, mean, gains), covariances

    def gains(self, covariance: ndarray, steps: int) -> tuple[ndarray, ndarray]:
        """Return the gains `(step, state, neuron)` and the posterior covariances `(step, state, state)`."""
        found = []
        for place in range(steps):
            if place:
                covariance = self.transition @ covariance @ self.transition.T + self.transition_noise
            gain, covariance = self.corrected(covariance)
            found.append((gain, covariance))
        gains, covariances = zip(*found, strict=True)
        return np.stack(gains), np.stack(covariances)

    def follow(self, observed: ndarray, mean: ndarray, gains: ndarray) -> ndarray:
        """Return the posterior means `(..., step, state)`; the last gain serves all steps after it."""
        means = []
        for place in range(observed.shape[-2]):
            if place:
                mean = mean @ self.transition.T
            gain = gains[min(place, len(gains) - 1)]
            mean = mean + (observed[..., place, :] - mean @ self.observation.T) @ gain.T
            means.append(mean)
        return np.stack(means, axis=-2)

    def corrected(self, covariance: ndarray) -> tuple[ndarray, ndarray]:
        """Return the gain `(state, neuron)` and the covariance after an observation, from the one before it."""
        spread = self.observation @ covariance @ self.observation.T + self.observation_noise
        gain = np.linalg.solve(spread, self.observation @ covariance).T
        # Joseph's form stays symmetric and positive where the short one loses both to rounding
        rest = np.eye(len(covariance)) - gain @ self.observation
        return gain, rest @ covariance @ rest.T + gain @ self.observation_noise @ gain.T


def fit_kalman(state: ndarray, observed: ndarray) -> Kalman:
    """Return the filter whose matrices fit training sequences by least squares.

    Args:
        state: `(..., step, state)`, with mean zero.
        observed: `(..., step, neuron)`, with mean zero.

    Raises:
        InputError: the two have different numbers of steps.
    """
    together(observed, state)
    size, neurons = state.shape[-1], observed.shape[-1]
    before, after = state[..., :-1, :].reshape(-1, size), state[..., 1:, :].reshape(-1, size)
    states, seen = state.reshape(-1, size), observed.reshape(-1, neurons)
    transition = np.linalg.lstsq(before, after, rcond=None)[0].T
    observation = np.linalg.lstsq(states, seen, rcond=None)[0].T
    return Kalman(
        transition=transition,
        transition_noise=np.cov((after - before @ transition.T).T).reshape(size, size),
        observation=observation,
        observation_noise=np.cov((seen - states @ observation.T).T).reshape(neurons, neurons),
    )
