"""How regular a train is: intervals, CV, CV2, LV, Fano factor."""

import numpy as np
from numpy import ndarray

from neurobridge.errors import InputError
from neurobridge.spikes.trains import Train, Trains, counts
from neurobridge.units import Hertz, Seconds


def intervals(train: Train) -> ndarray:
    """Return the inter-spike intervals in seconds, `(spike - 1,)`."""
    return np.diff(np.asarray(train, dtype=float))


def rate(train: Train, duration: Seconds) -> Hertz:
    """Return the mean rate.

    Raises:
        InputError: the duration is not positive.
    """
    if not duration > 0:
        raise InputError(f"a rate needs a positive duration; it is {duration} s.")
    return len(train) / duration


def variation(gaps: ndarray) -> float:
    """Return the coefficient of variation: 0 for a clock, 1 for a Poisson process."""
    _enough(gaps, 2, "CV")
    return float(np.std(gaps) / np.mean(gaps))


def local_variation(gaps: ndarray) -> float:
    """Return LV of Shinomoto, Shima, Tanji 2003: blind to slow changes of the rate, 1 for a Poisson process."""
    _enough(gaps, 2, "LV")
    first, second = gaps[:-1], gaps[1:]
    return float(3 * np.mean(((first - second) / (first + second)) ** 2))


def variation_of_neighbours(gaps: ndarray) -> float:
    """Return CV2 of Holt et al. 1996, the mean of `2 |a - b| / (a + b)` over neighbouring intervals."""
    _enough(gaps, 2, "CV2")
    first, second = gaps[:-1], gaps[1:]
    return float(2 * np.mean(np.abs(first - second) / (first + second)))


def fano_factor(trains: Trains, start: Seconds, stop: Seconds) -> float:
    """Return variance over mean of the spike counts of repeated trials: 1 for a Poisson process."""
    numbers = np.array([((train >= start) & (train < stop)).sum() for train in trains])
    if len(numbers) < 2 or numbers.sum() == 0:
        raise InputError(f"a Fano factor needs two trials and a spike; there are {len(numbers)} and {numbers.sum()}.")
    return float(numbers.var() / numbers.mean())


def peristimulus_histogram(trains: Trains, duration: Seconds, width: Seconds) -> ndarray:
    """Return the rate in Hz in each bin, averaged over trials, `(bin,)`."""
    if not len(trains):
        raise InputError("a peristimulus histogram needs at least one trial.")
    return np.mean([counts(train, duration, width) for train in trains], axis=0) / width


def smoothed_rate(train: Train, duration: Seconds, width: Seconds, step: Seconds) -> ndarray:
    """Return the rate in Hz through a Gaussian window of standard deviation `width`, every `step`."""
    grid = (np.arange(round(duration / step)) + 0.5) * step
    distance = (grid[:, None] - np.asarray(train)[None]) / width
    return np.exp(-0.5 * distance**2).sum(axis=1) / (width * np.sqrt(2 * np.pi))


def _enough(gaps: ndarray, number: int, what: str) -> None:
    if len(gaps) < number:
        raise InputError(f"{what} needs at least {number} intervals; there are {len(gaps)}.")
