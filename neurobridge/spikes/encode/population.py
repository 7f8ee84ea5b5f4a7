"""Population code: neurons with tuning curves over the value (Georgopoulos et al. 1986)."""

from collections.abc import Callable

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from neurobridge.spikes.encode.values import checked
from neurobridge.spikes.trains import Train, poisson
from neurobridge.units import Hertz, Seconds

Tuning = Callable[[ndarray], ndarray]
"""Values `(...)` to rates in Hz `(neuron, ...)`."""


def gaussian_tuning(neurons: int, width: float, highest: Hertz, lowest: Hertz = 0.0) -> Tuning:
    """Return bell-shaped tuning curves with centres evenly from 0 to 1."""
    centres = np.linspace(0, 1, neurons)

    def rates(values: ndarray) -> ndarray:
        distance = np.subtract.outer(centres, np.asarray(values, dtype=float)) / width
        return lowest + (highest - lowest) * np.exp(-0.5 * distance**2)

    return rates


def cosine_tuning(neurons: int, highest: Hertz) -> Tuning:
    """Return tuning curves over a direction in radians, `highest (1 + cos(direction - preferred)) / 2`."""
    preferred = 2 * np.pi * np.arange(neurons) / neurons

    def rates(directions: ndarray) -> ndarray:
        return 0.5 * highest * (1 + np.cos(np.subtract.outer(np.asarray(directions, dtype=float), preferred).T))

    return rates


def population(values: ndarray, tuning: Tuning, duration: Seconds, random: Generator) -> list[list[Train]]:
    """Return a list of trains, one a neuron, for each value."""
    rates = tuning(checked(values))
    return [[poisson(float(rate), duration, random) for rate in column] for column in rates.T]
