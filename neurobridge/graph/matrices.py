"""Chains of synapses as explicit weights between neurons: what simulators that know no convolutions need."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from neurobridge.errors import InputError
from neurobridge.graph.apply import apply
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Edge, Node, Synapses

NUMBERS_AT_ONCE = 4_000_000
"""How many numbers a batch of unit vectors may become on its way: 32 MB."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Projection:
    """The synapses from one node that is not synapses to another, one entry each, by flat index.

    Attributes:
        source: name of the node they start from.
        delay: whole time steps until a spike arrives.
        sources: index of the neuron before each synapse.
        targets: index of the neuron behind each synapse.
        weights: of the synapses; none is zero.
    """

    source: str
    delay: int
    sources: Int[ndarray, " synapse"]
    targets: Int[ndarray, " synapse"]
    weights: Float[ndarray, " synapse"]

    def add_to(self, total: Float[ndarray, "row target"], x: Float[ndarray, "row source"]) -> None:
        """Add what the numbers `x` of the source bring."""
        np.add.at(total.T, self.targets, self.weights[:, None] * x.T[self.sources])


@dataclass(frozen=True, kw_only=True, eq=False)
class Drive:
    """Everything that arrives at a node: I(t) = sum of constants with delay <= t + sum of projections.

    Attributes:
        size: how many neurons the node has.
        projections: by source and delay.
        constants: delay -> what arrives at every step from then on.
    """

    size: int
    projections: tuple[Projection, ...]
    constants: dict[int, Float[ndarray, " target"]]


def drive(graph: Graph, node: Node) -> Drive:
    """Return what arrives at the first input of a node, by pushing unit vectors through the synapses before it.

    Raises:
        InputError: synapses feed back on themselves with no neurons between.
    """
    edge, size = node.inputs[0], prod(node.shape)
    found = [p for source in _sources(graph, edge) for p in _projections(graph, edge, source, size)]
    constants = {delay: np.broadcast_to(x, (1, *node.shape)).reshape(-1) for delay, x in _bias(graph, edge).items()}
    return Drive(size=size, projections=tuple(found), constants={d: x for d, x in constants.items() if np.any(x)})


def _sources(graph: Graph, edge: Edge) -> tuple[Node, ...]:
    """Return the nodes that are not synapses from which an edge can be reached."""
    found: dict[str, Node] = {}

    def visit(edge: Edge, above: tuple[str, ...]) -> None:
        node = graph.by_name[edge.source]
        if node.name in above:
            raise InputError(f"synapses {node.name!r} feed back on themselves; put neurons into the loop")
        if isinstance(node, Synapses):
            for before in node.inputs:
                visit(before, (*above, node.name))
        else:
            found[node.name] = node

    visit(edge, ())
    return tuple(found.values())


def _projections(graph: Graph, edge: Edge, source: Node, size: int) -> Iterator[Projection]:
    """Yield the synapses of one source, one projection for each delay."""
    neurons = prod(source.shape)
    rows = max(1, NUMBERS_AT_ONCE // max(size, neurons, 1))
    parts: dict[int, list[tuple[ndarray, ndarray, ndarray]]] = {}
    for first in range(0, neurons, rows):
        units = np.eye(min(rows, neurons - first), neurons, first).reshape(-1, *source.shape)
        for delay, y in _pushed(graph, edge, source.name, units).items():
            flat = y.reshape(len(units), -1)
            before, behind = np.nonzero(flat)
            parts.setdefault(delay, []).append((before + first, behind, flat[before, behind]))
    for delay, found in sorted(parts.items()):
        before, behind, weights = (np.concatenate(column) for column in zip(*found, strict=True))
        yield Projection(source=source.name, delay=delay, sources=before, targets=behind, weights=weights)


def _pushed(graph: Graph, edge: Edge, source: str, units: ndarray) -> dict[int, ndarray]:
    """Return delay -> what the numbers `units` (row, ...) of a source become at the end of an edge."""
    node = graph.by_name[edge.source]
    if node.name == source:
        return {edge.delay: units}
    total: dict[int, ndarray] = {}
    if isinstance(node, Synapses):
        for before, linear in zip(node.inputs, node.maps, strict=True):
            for delay, x in _pushed(graph, before, source, units).items():
                _add(total, delay + edge.delay, apply(linear, x, x.ndim - 1))
    return total


def _bias(graph: Graph, edge: Edge) -> dict[int, ndarray]:
    """Return delay -> the constant (1, ...) that biases bring to the end of an edge."""
    node = graph.by_name[edge.source]
    total: dict[int, ndarray] = {}
    if isinstance(node, Synapses):
        if node.bias is not None:
            _add(total, edge.delay, np.broadcast_to(node.bias, (1, *node.shape)))
        for before, linear in zip(node.inputs, node.maps, strict=True):
            for delay, x in _bias(graph, before).items():
                _add(total, delay + edge.delay, apply(linear, x, x.ndim - 1))
    return total


def _add(total: dict[int, ndarray], delay: int, more: ndarray) -> None:
    total[delay] = total[delay] + more if delay in total else more
