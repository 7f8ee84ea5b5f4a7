"""How far a model's behaviour is from a recording: in its spikes, and in the voltage between them."""

import numpy as np

from neurobridge.neuro.fits.coincidence import coincidence_factor
from neurobridge.spikes.trains import Train
from neurobridge.units import Seconds

BEFORE, AFTER = (
    0.002,
    0.005,
)  # seconds around a spike in which its shape, which the model does not have, is left out


def of_spikes(train: Train, data: Train, duration: Seconds) -> float:
    """Return 0 for equal trains, 1 and more for trains that have nothing to do with each other."""
    # the difference of the counts leads the search where nothing coincides yet
    apart = abs(len(train) - len(data)) / max(1, len(train) + len(data))
    agreement = coincidence_factor(train, data, duration) if len(train) + len(data) else 1.0
    return 1.0 + apart - agreement


def between_spikes(time: np.ndarray, *trains: Train) -> np.ndarray:
    """Return which samples are away from the spikes of all trains, `(sample,)`."""
    free = np.ones(len(time), dtype=bool)
    for train in trains:
        for spike in train:
            first, last = np.searchsorted(time, (spike - BEFORE, spike + AFTER))
            free[first:last] = False
    return free


def of_voltage(voltage: np.ndarray, data: np.ndarray, free: np.ndarray) -> float:
    """Return the root mean squared difference of two voltages where `free` says so, NaN if that is nowhere."""
    return float(np.sqrt(np.mean((voltage - data)[free] ** 2))) if free.any() else float("nan")
