"""Decoders of movement from many neurons: the Wiener filter and the Kalman filter."""

from dataclasses import dataclass

import numpy as np
from numpy import ndarray

from neurobridge.errors import InputError


def wiener(history: ndarray, target: ndarray) -> ndarray:
    """Return the weights, `(feature + 1, output)`, of the least-squares map; the last row is the offset.

    Args:
        history: `(sample, feature)` counts of recent bins.
        target: `(sample, output)`.
    """
    return np.linalg.lstsq(_with_offset(history), target, rcond=None)[0]


def apply_wiener(weights: ndarray, history: ndarray) -> ndarray:
    """Return the decoded outputs, `(sample, output)`."""
    return _with_offset(history) @ weights


def lagged(counts: ndarray, lags: int) -> ndarray:
    """Return each bin with the `lags - 1` bins before it, `(bin, lags neuron)`; before the start is zero."""
    padded = np.concatenate([np.zeros((lags - 1, counts.shape[1])), counts])
    return np.concatenate([padded[k : k + len(counts)] for k in range(lags)], axis=1)


def _with_offset(features: ndarray) -> ndarray:
    return np.concatenate([features, np.ones((len(features), 1))], axis=1)


@dataclass(frozen=True, kw_only=True)
class Kalman:
    """A linear state that is seen through linear noisy observations (Wu et al. 2003).

    Args:
        transition: `(state, state)` of `x <- A x + noise`.
        transition_noise: `(state, state)` covariance.
        observation: `(neuron, state)` of `z = H x + noise`.
        observation_noise: `(neuron, neuron)` covariance.
    """

    transition: ndarray
    transition_noise: ndarray
    observation: ndarray
    observation_noise: ndarray

    def decode(self, observed: ndarray, mean: ndarray, covariance: ndarray) -> tuple[ndarray, ndarray]:
        """Return the posterior means and covariances, `(step, state)` and `(step, state, state)`.

        Args:
            observed: `(step, neuron)`.
            mean: `(state,)` before the first observation.
            covariance: `(state, state)` before the first observation.
        """
        means, covariances = [], []
        for place, seen in enumerate(observed):
            if place:
                mean = self.transition @ mean
                covariance = self.transition @ covariance @ self.transition.T + self.transition_noise
            spread = self.observation @ covariance @ self.observation.T + self.observation_noise
            gain = np.linalg.solve(spread, self.observation @ covariance).T
            mean = mean + gain @ (seen - self.observation @ mean)
            covariance = covariance - gain @ self.observation @ covariance
            means.append(mean)
            covariances.append(covariance)
        return np.array(means), np.array(covariances)


def fit_kalman(state: ndarray, observed: ndarray) -> Kalman:
    """Return the filter whose matrices fit a training set by least squares.

    Args:
        state: `(step, state)`.
        observed: `(step, neuron)`.

    Raises:
        InputError: the two have different numbers of steps.
    """
    if len(state) != len(observed):
        raise InputError(f"{len(state)} states and {len(observed)} observations; give one of each a step.")
    transition = np.linalg.lstsq(state[:-1], state[1:], rcond=None)[0].T
    observation = np.linalg.lstsq(state, observed, rcond=None)[0].T
    return Kalman(
        transition=transition,
        transition_noise=np.cov((state[1:] - state[:-1] @ transition.T).T).reshape(transition.shape),
        observation=observation,
        observation_noise=np.cov((observed - state @ observation.T).T).reshape(len(observation), -1),
    )
