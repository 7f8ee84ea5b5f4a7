"""Kalman filter of movement: velocities of neighbouring bins as its state, aligned with activity that comes first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy import ndarray

from neurobridge.errors import InputError
from neurobridge.spikes.decode.kalman import Kalman, fit_kalman
from neurobridge.spikes.decode.wiener import together

ARRANGEMENTS = ((1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2), (4, 1), (4, 2), (4, 3))
"""Pairs (bins in the state, bins that activity comes first) among which a validation side chooses."""
SETTLED = 100
"""Bins after which gains no longer change: a state of movement forgets within a few."""


@final
@dataclass(frozen=True, kw_only=True)
class MovementKalman:
    """The state of bin t holds the velocities of bins t + lead down to t + lead - history + 1.

    Two velocities are velocity and acceleration, the state of Wu et al. 2003 without the position; the lead is theirs
    too (Wu et al. 2006, Neural Computation 18:80). What is decoded in bin t is the velocity of bin t.

    Args:
        filter: of states and counts with mean zero.
        rest: `(neuron,)` mean counts, of the neurons that fired in training.
        mean: `(output,)` mean velocity.
        gains: `(step, state, neuron)` from the first bin on, until they no longer change (Malik et al. 2011).
        fired: `(neuron,)` whether a neuron fired in training; one that did not would make the noise singular.
        lead: bins that activity comes before movement.
    """

    filter: Kalman
    rest: ndarray
    mean: ndarray
    gains: ndarray
    fired: ndarray
    lead: int

    def decode(self, counts: ndarray) -> ndarray:
        """Return the velocities `(..., step, output)` for counts `(..., step, neuron)`."""
        start = np.zeros(len(self.filter.transition))
        means = self.filter.follow(counts[..., self.fired] - self.rest, start, self.gains)
        first = self.lead * len(self.mean)
        return means[..., first : first + len(self.mean)] + self.mean


def fit_movement_kalman(counts: ndarray, velocity: ndarray, history: int = 2, lead: int = 0) -> MovementKalman:
    """Return the filter that fits training sequences.

    Args:
        counts: `(..., step, neuron)`.
        velocity: `(..., step, output)`.
        history: bins whose velocities the state holds.
        lead: bins that activity comes before movement, below `history`.

    Raises:
        InputError: counts and velocities of different lengths, or a history or lead that cannot be.
    """
    together(counts, velocity)
    steps = counts.shape[-2]
    if not 0 <= lead < history or steps - history < 2:
        raise InputError(
            f"a Kalman filter of movement needs 0 <= lead < history <= steps - 2; lead is {lead}, history {history}, "
            f"and sequences have {steps} steps."
        )
    fired = counts.reshape(-1, counts.shape[-1]).std(axis=0) > 0
    rest = counts[..., fired].reshape(-1, int(fired.sum())).mean(axis=0)
    mean = velocity.reshape(-1, velocity.shape[-1]).mean(axis=0)
    # bin t is the place of the counts; its state reaches from t + lead back to t + lead - history + 1
    last = steps - lead
    places = [slice(history - 1 - back, steps - back) for back in range(history)]
    state = np.concatenate([velocity[..., place, :] - mean for place in places], axis=-1)
    seen = counts[..., history - 1 - lead : last, fired] - rest
    fitted = fit_kalman(state, seen)
    flat = state.reshape(-1, state.shape[-1])
    gains, _ = fitted.gains(flat.T @ flat / len(flat), SETTLED)
    return MovementKalman(filter=fitted, rest=rest, mean=mean, gains=gains, fired=fired, lead=lead)


def choose_movement_kalman(
    counts: ndarray,
    velocity: ndarray,
    unseen_counts: ndarray,
    unseen_velocity: ndarray,
    arrangements: Sequence[tuple[int, int]] = ARRANGEMENTS,
) -> MovementKalman:
    """Return the filter of the arrangement with the least squared error on a validation side.

    Args:
        counts: `(..., step, neuron)` of the training side.
        velocity: `(..., step, output)` of the training side.
        unseen_counts: of the validation side.
        unseen_velocity: of the validation side.
        arrangements: pairs (history, lead).
    """
    found = [fit_movement_kalman(counts, velocity, history, lead) for history, lead in arrangements]
    errors = [((one.decode(unseen_counts) - unseen_velocity) ** 2).mean() for one in found]
    return found[int(np.argmin(errors))]
