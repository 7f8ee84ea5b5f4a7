"""How trains go together: correlograms, covariances, coherence and synchrony."""

import numpy as np
from numpy import ndarray

from neurobridge.errors import InputError
from neurobridge.spikes.trains import Train, Trains, counts
from neurobridge.units import Hertz, Seconds


def cross_correlogram(first: Train, second: Train, window: Seconds, width: Seconds) -> tuple[ndarray, ndarray]:
    """Return the lags in seconds and how many pairs have each lag `second - first`, `(bin,)` each.

    Args:
        first: the reference train.
        second: the other train.
        window: largest lag.
        width: of a bin; the middle one is centred on 0.
    """
    bins = 2 * round(window / width) + 1
    edges = (np.arange(bins + 1) - bins / 2) * width
    low, high = np.searchsorted(second, first + edges[0]), np.searchsorted(second, first + edges[-1])
    lags = [second[a:b] - time for time, a, b in zip(first, low, high, strict=True)]
    pairs = np.histogram(np.concatenate(lags) if lags else np.empty(0), edges)[0]
    return 0.5 * (edges[1:] + edges[:-1]), pairs


def auto_correlogram(train: Train, window: Seconds, width: Seconds) -> tuple[ndarray, ndarray]:
    """Return lags and pairs of a train with itself, each spike's pair with itself left out."""
    lags, pairs = cross_correlogram(train, train, window, width)
    pairs[len(pairs) // 2] -= len(train)
    return lags, pairs


def correlation_coefficient(trains: Trains, duration: Seconds, width: Seconds) -> ndarray:
    """Return Pearson's correlations of the binned trains, `(train, train)`."""
    return np.corrcoef(np.array([counts(train, duration, width) for train in trains]))


def spike_time_tiling(first: Train, second: Train, duration: Seconds, window: Seconds) -> float:
    """Return the tiling coefficient of Cutts and Eglen 2014: correlation that does not grow with the rates."""
    if not len(first) or not len(second):
        raise InputError("the tiling coefficient needs a spike in both trains.")
    tiled_first, tiled_second = (_tiled(train, duration, window) for train in (first, second))
    near_first, near_second = _near(first, second, window), _near(second, first, window)
    return 0.5 * (_tiling(near_first, tiled_second) + _tiling(near_second, tiled_first))


def _tiling(near: float, tiled: float) -> float:
    return 1.0 if near * tiled == 1 else (near - tiled) / (1 - near * tiled)


def _tiled(train: Train, duration: Seconds, window: Seconds) -> float:
    """Return the part of the recording that lies within `window` of a spike."""
    start, stop = np.clip(train - window, 0, duration), np.clip(train + window, 0, duration)
    overlap = np.clip(stop[:-1] - start[1:], 0, None).sum()
    return float(((stop - start).sum() - overlap) / duration)


def _near(train: Train, other: Train, window: Seconds) -> float:
    """Return the part of the spikes of `train` that have a spike of `other` within `window`."""
    place = np.searchsorted(other, train)
    before = np.abs(train - other[np.clip(place - 1, 0, None)])
    after = np.abs(other[np.clip(place, None, len(other) - 1)] - train)
    return float(np.mean(np.minimum(before, after) <= window))


def synchrony(trains: Trains, duration: Seconds, width: Seconds) -> float:
    """Return chi of Golomb 2007: 1 if all neurons do the same, about 1/sqrt(N) if they are independent."""
    activity = np.array([counts(train, duration, width) for train in trains], dtype=float)
    single = activity.var(axis=1).mean()
    if single == 0:
        raise InputError("synchrony needs activity that changes; every bin holds the same number of spikes.")
    return float(np.sqrt(activity.mean(axis=0).var() / single))


def spectrum(activity: ndarray, step: Seconds, segment: int = 1024) -> tuple[ndarray, ndarray]:
    """Return frequencies in Hz and the power density of an activity by Welch's method, `(frequency,)` each.

    Args:
        activity: `(bin,)`, such as a population rate.
        step: width of a bin.
        segment: bins of each window, half of which overlap.
    """
    from scipy.signal import welch

    return welch(activity, fs=1 / step, nperseg=min(segment, len(activity)))


def peak_frequency(activity: ndarray, step: Seconds, low: Hertz, high: Hertz, segment: int = 1024) -> Hertz:
    """Return the frequency of the largest power between two frequencies.

    Raises:
        InputError: the recording is too short to resolve that band.
    """
    frequency, power = spectrum(activity, step, segment)
    inside = (frequency >= low) & (frequency <= high)
    if not inside.any():
        raise InputError(f"no frequency between {low} and {high} Hz is resolved; record longer or in smaller bins.")
    return float(frequency[inside][power[inside].argmax()])
