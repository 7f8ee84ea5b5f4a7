"""Rotations of a population: the plane in which its mean activity turns, and how much of its change is turning."""

from dataclasses import dataclass
from itertools import combinations
from typing import final

import numpy as np
from numpy import ndarray

from neurobridge.errors import InputError
from neurobridge.units import Hertz, Seconds


@final
@dataclass(frozen=True, kw_only=True)
class Rotations:
    """What a fit of dX/dt = M X with a skew-symmetric M says.

    Args:
        plane: `(condition, time, 2)` activity in the plane that turns fastest.
        frequency: of that plane in Hz.
        explained: R² of dX/dt under the skew-symmetric fit, which only turns.
        best: R² of dX/dt under any M; the share of the first in the second says how rotational the dynamics are.
    """

    plane: ndarray
    frequency: Hertz
    explained: float
    best: float


def rotations(rates: ndarray, step: Seconds, components: int = 6) -> Rotations:
    """Return the rotations of mean rates, as jPCA finds them.

    Rates are divided by each neuron's range and 5 Hz, their mean over conditions is taken away, and their first
    principal components are fitted. Source: Churchland et al. 2012, Nature 487:51.

    Args:
        rates: `(condition, time, neuron)` in Hz.
        step: between times.
        components: how many principal components, an even number.

    Raises:
        InputError: fewer neurons than components, fewer than 2 conditions or 3 times, or an odd number of components.
    """
    conditions, times, neurons = rates.shape
    if components % 2 or not 2 <= components <= neurons or conditions < 2 or times < 3:
        raise InputError(
            f"rotations need 2 conditions, 3 times and an even number of components, at most one a neuron; got "
            f"{conditions} conditions, {times} times, {neurons} neurons and {components} components."
        )
    scaled = rates / (np.ptp(rates, axis=(0, 1)) + 5)
    flat = (scaled - scaled.mean(axis=0)).reshape(-1, neurons)
    reduced = flat @ np.linalg.svd(flat, full_matrices=False)[2][:components].T
    state = reduced.reshape(conditions, times, components)
    change = np.diff(state, axis=1).reshape(-1, components) / step
    middle = ((state[:, 1:] + state[:, :-1]) / 2).reshape(-1, components)
    free = np.linalg.lstsq(middle, change, rcond=None)[0]
    turning = _skew(middle, change)
    values, vectors = np.linalg.eig(turning)
    fastest = vectors[:, np.argmax(values.imag)]
    basis = np.linalg.qr(np.stack([fastest.real, fastest.imag], axis=1))[0]
    return Rotations(
        plane=state @ basis,
        frequency=float(values.imag.max() / (2 * np.pi)),
        explained=_explained(change, middle @ turning),
        best=_explained(change, middle @ free),
    )


def _skew(state: ndarray, change: ndarray) -> ndarray:
    """Return the skew-symmetric matrix M with the least |change - state M|."""
    size = state.shape[1]
    pairs = list(combinations(range(size), 2))
    columns = np.zeros((*state.shape, len(pairs)))
    for place, (i, j) in enumerate(pairs):
        columns[:, j, place], columns[:, i, place] = state[:, i], -state[:, j]
    entries = np.linalg.lstsq(columns.reshape(-1, len(pairs)), change.ravel(), rcond=None)[0]
    matrix = np.zeros((size, size))
    for (i, j), entry in zip(pairs, entries, strict=True):
        matrix[i, j], matrix[j, i] = entry, -entry
    return matrix


def _explained(change: ndarray, fitted: ndarray) -> float:
    return float(1 - ((change - fitted) ** 2).sum() / ((change - change.mean(axis=0)) ** 2).sum())
