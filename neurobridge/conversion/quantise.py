"""A rate network with whole numbers for weights, as chips store them."""

from dataclasses import replace

import numpy as np
from numpy import ndarray

from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.errors import InputError
from neurobridge.graph import maps
from neurobridge.graph.nodes import Encode, Node, Population, Synapses
from neurobridge.graph.rewrite import redirect, wired

MOST_BITS = 16


def quantised(network: SpikingNetwork, bits: int) -> SpikingNetwork:
    """Return a converted network whose weights are whole numbers of so many bits times one scale for each target.

    The weights are those that a chip would hold: between spikes of one and thresholds of one, so that a neuron of
    integer weights has its own integer threshold instead. w -> s round(w / s), s = max |w| / (2^(bits-1) - 1) for each
    output channel; biases and thresholds keep their precision, as the 16 to 24 bits of membranes do. The inputs'
    weights are rounded like all others. Poolings and means hold no weights of their own.

    Args:
        network: of `convert(..., code="rate")`; it stays as it is.
        bits: of a weight with its sign, 2 to 16; chips have 8 or 4.

    Raises:
        InputError: another code, or a number of bits that cannot be.
    """
    if not isinstance(network, SpikingNetwork) or network.code != "rate":
        code = getattr(network, "code", type(network).__name__)
        raise InputError(f"quantised takes a converted network of the rate code, not {code}; convert with code='rate'")
    if isinstance(bits, bool) or not isinstance(bits, int) or not 2 <= bits <= MOST_BITS:
        raise InputError(f"bits is {bits!r}; weights have a whole number of bits from 2 to {MOST_BITS}")
    whole = wired(network.graph).mapped(lambda node: _rounded(node, bits))
    # a network is wired anew when it is built: what that adds must find its name free
    names = {node.name: f"{bits} bit {node.name}" for node in whole.of(Synapses)}
    nodes = tuple(redirect(replace(node, name=names.get(node.name, node.name)), names) for node in whole.nodes)
    return SpikingNetwork(replace(whole, nodes=nodes), dtype=network.dtype, runtime=network.runtime)


def _rounded(node: Node, bits: int) -> Node:
    if isinstance(node, Synapses):
        return replace(node, maps=tuple(_rounded_map(linear, bits) for linear in node.maps))
    if isinstance(node, Population) and not isinstance(node, Encode):
        return replace(node, whole=False)
    return node


def _rounded_map(linear: maps.LinearMap, bits: int) -> maps.LinearMap:
    if isinstance(linear, maps.Dense):
        return replace(linear, weight=nearest(linear.weight, bits, 0))
    if isinstance(linear, maps.Convolve):
        return replace(linear, weight=nearest(linear.weight, bits, 1 if linear.transposed else 0))
    return linear


def nearest(weight: ndarray, bits: int, axis: int) -> ndarray:
    """Return the nearest whole multiples of a scale that each entry of `axis` has of its own."""
    others = tuple(a for a in range(weight.ndim) if a != axis)
    largest = np.abs(weight).max(axis=others, keepdims=True, initial=0.0)
    scale = np.where(largest > 0, largest, 1.0) / (2 ** (bits - 1) - 1)
    return np.round(weight / scale) * scale
