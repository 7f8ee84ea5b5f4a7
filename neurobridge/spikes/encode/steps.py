"""Codes on a grid of time steps, for networks that work step by step."""

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from numpy.random import Generator

from neurobridge.errors import InputError
from neurobridge.spikes.encode.values import checked


def poisson_steps(values: Float[ndarray, "..."], steps: int, random: Generator) -> Int[ndarray, "step ..."]:
    """Return spikes with the probability of the value at each step, independently: a Poisson train on a grid."""
    numbers = checked(values)
    return (random.random((steps, *numbers.shape)) < numbers).astype(np.int64)


def latency_steps(values: Float[ndarray, "..."], steps: int) -> Int[ndarray, "step ..."]:
    """Return one spike a value, the sooner the larger: at step T - n for n = floor(T value + 1/2), none for n = 0."""
    numbers = np.floor(steps * checked(values) + 0.5)
    slots = np.arange(steps, 0, -1).reshape(-1, *[1] * numbers.ndim)
    return (numbers == slots).astype(np.int64)


def delta_steps(sequence: Float[ndarray, "step ..."], threshold: float) -> Int[ndarray, "step ..."]:
    """Return ON (positive) and OFF (negative) spikes for the changes of a sequence that starts at zero.

    A spike is fired for each threshold by which the sequence has left what the spikes so far say (send on delta,
    M. Miskowicz 2006, Sensors 6); they never are a threshold or more behind.

    Args:
        sequence: of any real numbers.
        threshold: the change that one spike stands for.

    Raises:
        InputError: the threshold is not positive.
    """
    if not threshold > 0:
        raise InputError(f"threshold is {threshold}; it is a positive change")
    sent = np.zeros(np.shape(sequence)[1:])
    spikes = np.empty(np.shape(sequence), dtype=np.int64)
    for step, values in enumerate(np.asarray(sequence, dtype=float)):
        spikes[step] = np.trunc((values - sent) / threshold + np.sign(values - sent) * 1e-9)
        sent += threshold * spikes[step]
    return spikes


def held(spikes: Int[ndarray, "step ..."]) -> Int[ndarray, "step ..."]:
    """Return what synapses bring that stay open once a spike has opened them: the sum of the spikes so far."""
    return np.cumsum(spikes, axis=0)
