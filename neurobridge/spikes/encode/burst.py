"""Burst code: the number of spikes in a burst, and their spacing, grow with the value (Kepecs, Lisman 2003)."""

import numpy as np
from numpy import ndarray

from neurobridge.spikes.encode.values import checked
from neurobridge.spikes.trains import Train
from neurobridge.units import Seconds


def burst(values: ndarray, most: int, shortest: Seconds, longest: Seconds) -> list[Train]:
    """Return a burst a value: `round(value most)` spikes, `longest` apart for small values to `shortest` for 1.

    Args:
        values: `(neuron,)` from 0 to 1.
        most: spikes for the value 1.
        shortest: interval within the fastest burst.
        longest: interval within the slowest.
    """
    numbers = checked(values)
    gaps = longest - numbers * (longest - shortest)
    return [np.arange(round(value * most)) * gap for value, gap in zip(numbers, gaps, strict=True)]
