"""Spikes instead of a constant current for the first layer of a rate network."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.random import Generator

from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.errors import InputError, lookup
from neurobridge.graph.nodes import Encode, Node
from neurobridge.spikes.encode.steps import delta_steps, held, latency_steps, poisson_steps

DELTA_LEVELS = 16
"""A spike of the delta code stands for one such part of the largest input."""

Encoding = Callable[[ndarray, Generator], tuple[ndarray, ndarray]]


def _current(shares: ndarray, random: Generator) -> tuple[ndarray, ndarray]:
    return np.zeros_like(shares, dtype=np.int64), shares


def _poisson(shares: ndarray, random: Generator) -> tuple[ndarray, ndarray]:
    spikes = np.stack([poisson_steps(step, 1, random)[0] for step in shares])
    return spikes, spikes.astype(float)


def _latency(shares: ndarray, random: Generator) -> tuple[ndarray, ndarray]:
    spikes = latency_steps(shares.mean(axis=0), len(shares))
    return spikes, held(spikes).astype(float)


def _delta(shares: ndarray, random: Generator) -> tuple[ndarray, ndarray]:
    spikes = delta_steps(shares, 1 / DELTA_LEVELS)
    return spikes, held(spikes) / DELTA_LEVELS


ENCODINGS: Mapping[str, Encoding] = {"current": _current, "poisson": _poisson, "latency": _latency, "delta": _delta}
"""(step, sample, ...) from 0 to 1 -> spikes, and what they bring to the first layer at each step.

- current: the numbers themselves, unspiked; what `convert` makes.
- poisson: at each step a spike with the number's probability (Adrian 1926).
- latency: one spike, the sooner the larger the number; its synapse stays open until the end.
- delta: ON and OFF spikes where a sequence changes; each moves a current that stays.
"""


def with_input_at_every_step(network: SpikingNetwork) -> SpikingNetwork:
    """Return a rate network that takes numbers of their own at every step, (sample, step, ...), instead of constants.

    Raises:
        InputError: a network of another code.
    """
    if network.code != "rate":
        raise InputError(f"only networks of the rate code take an input at every step, not {network.code}")

    def timed(node: Node) -> Node:
        if not isinstance(node, Encode):
            return node
        return replace(node, current=False, timed=True, low=np.zeros(()), high=np.ones(()))

    return SpikingNetwork(network.graph.mapped(timed), dtype=network.dtype, runtime=network.runtime)


def encoded(
    x: Float[ndarray, "sample ..."], encoding: str, steps: int, largest: float = 1.0, seed: int = 0, timed: bool = False
) -> tuple[Float[ndarray, "sample step ..."], float]:
    """Return what an encoding brings to the first layer at each step, and its spikes a sample.

    Args:
        x: inputs from 0 to `largest`, constant over the run; or with a step axis behind the samples.
        encoding: one of `ENCODINGS`.
        steps: T.
        largest: the input that is sent at the highest rate, or first.
        seed: of what is random.
        timed: whether `x` is (sample, step, ...).

    Raises:
        UnknownNameError: an encoding that does not exist.
        InputError: inputs outside the range, or another number of steps than `x` has.
    """
    encode = lookup("encoding", encoding, ENCODINGS)
    shares = np.asarray(x, dtype=float) / largest
    if timed and shares.shape[1] != steps:
        raise InputError(f"the inputs have {shares.shape[1]} steps, not {steps}")
    sequence = np.moveaxis(shares, 1, 0) if timed else np.broadcast_to(shares, (steps, *shares.shape))
    spikes, brought = encode(sequence, np.random.default_rng(seed))
    return np.moveaxis(brought, 0, 1) * largest, float(np.abs(spikes).sum()) / len(shares)
