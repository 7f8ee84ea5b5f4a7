"""Rank-order code: only the order of the first spikes counts (Thorpe, Gautrais 1998)."""

import numpy as np
from numpy import ndarray

from neurobridge.spikes.encode.values import checked
from neurobridge.spikes.trains import Train
from neurobridge.units import Seconds


def rank_order(values: ndarray, spacing: Seconds) -> list[Train]:
    """Return one spike a neuron, the largest value first, `spacing` apart; equal values in order of index."""
    order = np.argsort(-checked(values), kind="stable")
    times = np.empty(len(order))
    times[order] = np.arange(len(order)) * spacing
    return [times[k : k + 1] for k in range(len(times))]
