"""Population code: population vector, maximum likelihood, and the bound no estimator beats."""

import numpy as np
from numpy import ndarray

from neurobridge.errors import InputError
from neurobridge.spikes.encode.population import Tuning
from neurobridge.units import Seconds


def population_vector(counts: ndarray) -> ndarray:
    """Return the direction of the sum of preferred directions weighted by counts, `(trial,)` in radians.

    Args:
        counts: `(trial, neuron)`, preferred directions evenly around the circle.
    """
    preferred = 2 * np.pi * np.arange(counts.shape[1]) / counts.shape[1]
    return np.angle(counts @ np.exp(1j * preferred))


def maximum_likelihood(counts: ndarray, tuning: Tuning, duration: Seconds, grid: ndarray) -> ndarray:
    """Return the value on a grid under which Poisson neurons are most likely to have fired as they did, `(trial,)`.

    Args:
        counts: `(trial, neuron)`.
        tuning: of the neurons.
        duration: of a trial.
        grid: `(value,)` candidates.

    Raises:
        InputError: the counts and the tuning curves are of different numbers of neurons.
    """
    expected = tuning(grid) * duration
    if counts.shape[1] != len(expected):
        raise InputError(f"counts of {counts.shape[1]} neurons do not fit {len(expected)} tuning curves.")
    # a rate of exactly 0 would forbid what one stray spike shows
    likelihood = counts @ np.log(np.maximum(expected, 1e-12)) - expected.sum(axis=0)
    return grid[likelihood.argmax(axis=1)]


def fisher_information(tuning: Tuning, value: float, duration: Seconds, step: float = 1e-4) -> float:
    """Return the Fisher information of Poisson neurons about a value; its inverse bounds any unbiased variance."""
    rates = tuning(np.array([value]))[:, 0]
    slope = (tuning(np.array([value + step])) - tuning(np.array([value - step])))[:, 0] / (2 * step)
    active = rates > 0
    return float(duration * (slope[active] ** 2 / rates[active]).sum())
