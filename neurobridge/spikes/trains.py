"""Spike trains: sorted spike times in seconds, and trains drawn from point processes."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from neurobridge.errors import InputError
from neurobridge.units import Hertz, Seconds

Train = ndarray
"""Spike times of one neuron in seconds, `(spike,)`, sorted."""
Trains = Sequence[ndarray]
"""One train a neuron or a trial."""


def as_train(times: Sequence[float] | ndarray) -> Train:
    """Return spike times as a sorted array of floats.

    Raises:
        InputError: a time is not finite, or the times are not one row.
    """
    train = np.asarray(times, dtype=float)
    if train.ndim != 1 or not np.isfinite(train).all():
        raise InputError(f"a spike train is one row of finite times in seconds; this has shape {train.shape}.")
    return np.sort(train)


def poisson(rate: Hertz, duration: Seconds, random: Generator, dead_time: Seconds = 0.0) -> Train:
    """Return a Poisson train; with a dead time, `rate` is still the mean rate.

    Raises:
        InputError: the rate cannot be reached with this dead time.
    """
    if rate < 0 or rate * dead_time >= 1:
        raise InputError(f"a mean rate of {rate} Hz needs dead times below {1 / rate if rate else np.inf} s.")
    if rate == 0:
        return np.empty(0)
    free = 1 / rate - dead_time
    return _renewal(lambda count: dead_time + random.exponential(free, count), 1 / rate, duration)


def gamma(rate: Hertz, order: float, duration: Seconds, random: Generator) -> Train:
    """Return a train with gamma intervals, whose coefficient of variation is `1/sqrt(order)`.

    Raises:
        InputError: `rate` or `order` is not positive.
    """
    if rate <= 0 or order <= 0:
        raise InputError(f"a gamma process needs a positive rate and order; they are {rate} Hz and {order}.")
    return _renewal(lambda count: random.gamma(order, 1 / (order * rate), count), 1 / rate, duration)


def inhomogeneous_poisson(rate: ndarray, step: Seconds, random: Generator) -> Train:
    """Return a Poisson train whose rate changes, `(bin,)` in Hz, held for `step` each."""
    counts = random.poisson(np.clip(rate, 0, None) * step)
    bins = np.repeat(np.arange(len(counts)), counts)
    return np.sort((bins + random.random(len(bins))) * step)


def _renewal(intervals: Callable[[int], ndarray], mean: Seconds, duration: Seconds) -> Train:
    """Return the spikes of a renewal process from a time long before the start, so that it is stationary."""
    burn_in = 20 * mean
    times = np.empty(0)
    while not len(times) or times[-1] < duration + burn_in:
        count = int((duration + burn_in) / mean * 1.2) + 20
        times = np.append(times, (times[-1] if len(times) else 0.0) + np.cumsum(intervals(count)))
    times = times - burn_in
    return times[(times >= 0) & (times < duration)]


def counts(train: Train, duration: Seconds, width: Seconds) -> ndarray:
    """Return the number of spikes in each bin, `(bin,)`."""
    bins = round(duration / width)
    return np.histogram(train, bins=bins, range=(0, bins * width))[0]
