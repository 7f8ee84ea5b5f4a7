"""Phase code: a spike in every cycle of an oscillation, the earlier the larger the value (O'Keefe, Recce 1993)."""

import numpy as np
from numpy import ndarray

from neurobridge.spikes.encode.values import checked
from neurobridge.spikes.trains import Train
from neurobridge.units import Hertz, Seconds


def phase(values: ndarray, duration: Seconds, frequency: Hertz) -> list[Train]:
    """Return one spike a cycle at phase `1 - value`, over half a cycle so that 0 and 1 stay apart."""
    starts = np.arange(round(duration * frequency)) / frequency
    return [starts + 0.5 * (1 - value) / frequency for value in checked(values)]
