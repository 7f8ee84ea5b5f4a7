"""Rate code: a Poisson train whose rate is the value (Adrian 1926)."""

from numpy import ndarray
from numpy.random import Generator

from neurobridge.spikes.encode.values import checked
from neurobridge.spikes.trains import Train, poisson
from neurobridge.units import Hertz, Seconds


def rate(values: ndarray, duration: Seconds, highest: Hertz, random: Generator) -> list[Train]:
    """Return one Poisson train a value, 1 at the `highest` rate and 0 silent.

    Args:
        values: `(neuron,)` from 0 to 1.
        duration: of the trains.
        highest: rate of the value 1.
        random: source of randomness.
    """
    return [poisson(float(value) * highest, duration, random) for value in checked(values)]
