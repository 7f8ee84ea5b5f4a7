"""Latency code: the time of the first spike."""

import numpy as np
from numpy import ndarray

from neurobridge.spikes.trains import Trains
from neurobridge.units import Seconds


def latency(trains: Trains, duration: Seconds) -> ndarray:
    """Return the values, `(neuron,)`; silence is 0."""
    return np.array([1 - train[0] / duration if len(train) else 0.0 for train in trains])
