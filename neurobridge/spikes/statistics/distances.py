"""How unlike two trains are: van Rossum's and Victor and Purpura's distances."""

import numpy as np

from neurobridge.errors import InputError
from neurobridge.spikes.trains import Train
from neurobridge.units import Hertz, Seconds


def van_rossum(first: Train, second: Train, tau: Seconds) -> float:
    """Return the distance of the two trains after an exponential filter, a lone spike being 1 from silence.

    Van Rossum 2001 divides by `sqrt(2)`; this is the normalisation of Houghton and Kreuz 2012.

    Raises:
        InputError: `tau` is not positive.
    """
    if not tau > 0:
        raise InputError(f"van Rossum's time constant must be positive; it is {tau} s.")
    square = _overlap(first, first, tau) + _overlap(second, second, tau) - 2 * _overlap(first, second, tau)
    return float(np.sqrt(max(square, 0.0)))


def _overlap(first: Train, second: Train, tau: Seconds) -> float:
    return float(np.exp(-np.abs(np.subtract.outer(first, second)) / tau).sum())


def victor_purpura(first: Train, second: Train, cost: Hertz) -> float:
    """Return the cheapest way from one train to the other: 1 to add or drop a spike, `cost` times the shift to move.

    Args:
        first: `(spike,)`.
        second: `(spike,)`.
        cost: of a shift, in 1/s.
    """
    previous = np.arange(len(second) + 1, dtype=float)
    for count, time in enumerate(first, start=1):
        row = np.empty_like(previous)
        row[0] = count
        moved = previous[:-1] + cost * np.abs(time - np.asarray(second))
        dropped = previous[1:] + 1
        best = np.minimum(moved, dropped)
        for place, value in enumerate(best):
            row[place + 1] = min(value, row[place] + 1)
        previous = row
    return float(previous[-1])
