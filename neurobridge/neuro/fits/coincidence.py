"""The coincidence factor: how many spikes a model predicts beyond chance."""

import numpy as np

from neurobridge.errors import InputError
from neurobridge.spikes.trains import Train
from neurobridge.units import Seconds


def coincidence_factor(model: Train, data: Train, duration: Seconds, window: Seconds = 0.004) -> float:
    """Return Gamma of Kistler, Gerstner, van Hemmen 1997: 1 for equal trains, 0 for a Poisson train of the same rate.

    Args:
        model: predicted spikes.
        data: recorded spikes.
        duration: of the recording.
        window: how far apart two spikes may be to coincide; 4 ms in Jolivet et al. 2008.

    Raises:
        InputError: neither train has a spike.
    """
    if not len(model) and not len(data):
        raise InputError("a coincidence factor needs a spike in one of the trains.")
    if not len(model) or not len(data):
        return 0.0
    rate = len(model) / duration
    if 2 * rate * window >= 1:  # windows cover all of the time: any spike coincides by chance
        return 0.0
    # each recorded spike may be matched once
    place = np.searchsorted(model, data - window)
    hits, used = 0, -1
    for start, time in zip(place, data, strict=True):
        candidate = max(start, used + 1)
        if candidate < len(model) and model[candidate] <= time + window:
            hits, used = hits + 1, candidate
    chance = 2 * rate * window * len(data)
    return float((hits - chance) / (0.5 * (len(model) + len(data))) / (1 - 2 * rate * window))
