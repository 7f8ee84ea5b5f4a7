"""Rank-order code: the order of the first spikes, and the match with a template that it makes."""

import numpy as np
from numpy import ndarray

from neurobridge.spikes.trains import Trains


def rank_order(trains: Trains) -> ndarray:
    """Return each neuron's place in the order of first spikes, `(neuron,)`; silent neurons come last."""
    first = np.array([train[0] if len(train) else np.inf for train in trains])
    places = np.empty(len(first), dtype=int)
    places[np.argsort(first, kind="stable")] = np.arange(len(first))
    return places


def match(places: ndarray, weights: ndarray, modulation: float = 0.9) -> ndarray:
    """Return how much each template is excited when every later spike counts `modulation` times less.

    Args:
        places: `(neuron,)` of `rank_order`.
        weights: `(template, neuron)`.
        modulation: below 1; the sum is largest for the template whose weights fall in the same order.
    """
    return weights @ modulation ** np.asarray(places, dtype=float)
