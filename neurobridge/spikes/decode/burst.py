"""Burst code: the number of spikes in the burst."""

import numpy as np
from numpy import ndarray

from neurobridge.spikes.trains import Trains


def burst(trains: Trains, most: int) -> ndarray:
    """Return the values, `(neuron,)`, to within `1 / (2 most)`."""
    return np.array([len(train) for train in trains]) / most
