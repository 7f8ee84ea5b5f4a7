"""Phase code: the mean phase of the spikes within their cycles."""

import numpy as np
from numpy import ndarray

from neurobridge.spikes.trains import Trains
from neurobridge.units import Hertz


def phase(trains: Trains, frequency: Hertz) -> ndarray:
    """Return the values, `(neuron,)`, from the circular mean of the phases; silence is 0."""
    return np.array([_value(train, frequency) if len(train) else 0.0 for train in trains])


def _value(train: ndarray, frequency: Hertz) -> float:
    # the code uses the first half of the cycle, so that a mean just below 0 cannot become one near 1
    angle = np.angle(np.exp(2j * np.pi * frequency * train).mean())
    return float(1 - angle / np.pi)
