"""Rate code: the number of spikes over the number that the value 1 makes."""

import numpy as np
from numpy import ndarray

from neurobridge.spikes.trains import Trains
from neurobridge.units import Hertz, Seconds


def rate(trains: Trains, duration: Seconds, highest: Hertz) -> ndarray:
    """Return the values, `(neuron,)`; noise may carry them above 1."""
    return np.array([len(train) for train in trains]) / (duration * highest)
