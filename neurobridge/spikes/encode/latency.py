"""Latency code: one spike, the earlier the larger the value (Thorpe 1990)."""

import numpy as np
from numpy import ndarray

from neurobridge.spikes.encode.values import checked
from neurobridge.spikes.trains import Train
from neurobridge.units import Seconds


def latency(values: ndarray, duration: Seconds) -> list[Train]:
    """Return one spike a value, at `(1 - value) duration`; 0 stays silent.

    Args:
        values: `(neuron,)` from 0 to 1.
        duration: of the window.
    """
    return [np.array([(1 - value) * duration]) if value > 0 else np.empty(0) for value in checked(values)]
