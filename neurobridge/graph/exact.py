"""A graph on a dyadic grid: every sum is exact in float64 in any order, so that simulators must agree on every spike.

Weights, biases, thresholds and first membranes become multiples of 2^-b, measured in quanta of what they feed; what
arrives anywhere is then a whole number of grid steps, and no rounding happens while the sums stay below 2^53 of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import log2, prod
from typing import Any

import numpy as np
from numpy import ndarray

from neurobridge.errors import InputError, UnsupportedOperationError
from neurobridge.graph import maps
from neurobridge.graph.apply import apply
from neurobridge.graph.codes import CODES
from neurobridge.graph.graph import Graph
from neurobridge.graph.neurons import first_membrane
from neurobridge.graph.nodes import (
    Analog,
    Dynamics,
    Edge,
    Encode,
    Gate,
    Loop,
    Neurons,
    Node,
    Population,
    Readout,
    Synapses,
    Winner,
)
from neurobridge.graph.rewrite import redirect, wired
from neurobridge.graph.scales import carrier, number_scale
from neurobridge.graph.shapes import mapped_shape

MOST_BITS = 20
MANTISSA = 53
TIE_BITS = 40
"""A simulator may add 2^-40 to a membrane in order to fire at a threshold and not only above it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Exact:
    """A rounded graph, and how the inputs of the first graph become its inputs.

    Attributes:
        graph: takes inputs in quanta where they are coded in windows.
        bits: b.
        scales: for each encoder the low and the quantum that its inputs lose.
    """

    graph: Graph
    bits: int
    scales: tuple[tuple[ndarray, ndarray], ...]

    def inputs(self, given: tuple[ndarray, ...]) -> tuple[ndarray, ...]:
        """Return inputs on the grid.

        Raises:
            InputError: some sum could need more than 53 bits.
        """
        rounded = tuple(
            x if node.size is not None else _rounded((x - low) / unit, self.bits)
            for node, x, (low, unit) in zip(self.graph.arguments, given, self.scales, strict=True)
        )
        _check_sums(self.graph, rounded)
        return rounded


def exact(graph: Graph, bits: int) -> Exact:
    """Return a graph on a grid of 2^-bits.

    Args:
        graph: a graph with calibrated ranges.
        bits: b, how many binary places weights, thresholds and inputs keep.

    Raises:
        InputError: not a whole number of bits from 1 to `MOST_BITS`.
        UnsupportedOperationError: neurons that leak, or loops over sequences: their sums grow longer at each step.
    """
    if isinstance(bits, bool) or not isinstance(bits, int) or not 1 <= bits <= MOST_BITS:
        raise InputError(f"bits is {bits!r}; a grid has a whole number of binary places from 1 to {MOST_BITS}")
    _refuse_endless(graph)
    scales = [(np.zeros(()), np.ones(())) if n.current or n.timed else number_scale(graph, n) for n in graph.arguments]
    whole = wired(graph)
    rounded = [new for node in whole.nodes for new in _on_grid(whole, node, bits)]
    # backends wire the graph once more: what they add must find its name free
    names = {node.name: f"rounded {node.name}" for node in rounded if isinstance(node, Synapses)}
    renamed = tuple(redirect(replace(node, name=names.get(node.name, node.name)), names) for node in rounded)
    return Exact(graph=_apart_from_ties(replace(graph, nodes=renamed), bits), bits=bits, scales=tuple(scales))


def _refuse_endless(graph: Graph) -> None:
    whole = (0.0, 1.0)
    leaks = [n.name for n in graph.of(Dynamics) if n.alpha is not None or not np.isin(n.beta, whole).all()]
    others = [node.name for node in graph.nodes if isinstance(node, Loop | Analog)]
    if leaks or others:
        raise UnsupportedOperationError(
            f"there is no exact arithmetic for {', '.join(leaks + others)}: neurons that leak and loops over sequences "
            "need more binary places at each step; verify without it and look at the margins"
        )


def _rounded(x: ndarray, bits: int) -> ndarray:
    return np.asarray(np.round(np.asarray(x, dtype=float) * 2.0**bits) / 2.0**bits)


def _on_grid(graph: Graph, node: Node, bits: int) -> Iterator[Node]:
    """Yield a node of a wired graph with its numbers rounded and its spikes worth one; poolings may become several."""
    averages = CODES[graph.code].averages
    if isinstance(node, Synapses):
        yield from _rounded_synapses(graph, node, bits)
    elif isinstance(node, Dynamics):
        names = ("beta", "threshold", "reset", "bias", "initial")
        values: dict[str, Any] = {
            n: None if getattr(node, n) is None else _rounded(getattr(node, n), bits) for n in names
        }
        yield replace(node, **values, whole=False)
    elif isinstance(node, Population):
        top = 1.0 if averages or getattr(node, "size", None) else float(CODES[graph.code].levels(node.steps))
        node = replace(node, low=np.zeros(()), high=np.full((), top), whole=False)
        if isinstance(node, Neurons) and node.table is not None:
            node = replace(node, table=_rounded(node.table, bits))
        if isinstance(node, Encode | Neurons) and node.initial is not None:
            node = replace(node, initial=np.asarray(np.minimum(_rounded(node.initial, bits), 1 - 2.0**-bits)))
        yield node
    else:
        yield node


def _rounded_synapses(graph: Graph, node: Synapses, bits: int) -> Iterator[Synapses]:
    linears, edges = [], []
    for place, (linear, edge) in enumerate(zip(node.maps, node.inputs, strict=True)):
        if isinstance(linear, maps.AveragePool) and not log2(_divisor(linear)).is_integer():
            before, linear, edge = _pooled_axis_by_axis(graph, node, place, bits)
            yield from before
        linears.append(_rounded_map(linear, bits))
        edges.append(edge)
    bias = None if node.bias is None else _rounded(node.bias, bits)
    yield replace(node, maps=tuple(linears), inputs=tuple(edges), bias=bias)


def _rounded_map(linear: maps.LinearMap, bits: int) -> maps.LinearMap:
    match linear:
        case maps.Dense() | maps.Along() | maps.Convolve():
            return replace(linear, weight=_rounded(linear.weight, bits))
        case maps.Scale():
            return maps.Scale(factor=_rounded(linear.factor, bits))
        case _:
            return linear


def _divisor(linear: maps.AveragePool) -> float:
    """Return what every window is divided by; 3, which is no power of two, if windows differ."""
    alike = not linear.ceil_mode and (linear.count_include_pad or not any(linear.padding))
    return linear.divisor or (prod(linear.kernel) if alike else 3)


def _pooled_axis_by_axis(
    graph: Graph, node: Synapses, place: int, bits: int
) -> tuple[list[Synapses], maps.Along, Edge]:
    """Return pooling as one matrix for each axis: synapses for all axes but the last, whose map and edge come after."""
    linear, edge = node.maps[place], node.inputs[place]
    assert isinstance(linear, maps.AveragePool)
    shape, rank = graph.by_name[edge.source].shape, len(linear.kernel)
    found: list[Synapses] = []
    for axis in range(rank):
        sides = {name: getattr(linear, name)[axis : axis + 1] for name in ("kernel", "stride", "padding")}
        share = None if linear.divisor is None else (linear.divisor if axis == rank - 1 else 1)
        one = replace(linear, divisor=share, **sides)
        matrix = maps.Along(weight=_rounded(apply(one, np.eye(shape[axis - rank]), 1).T, bits), axis=axis - rank)
        if axis == rank - 1:
            return found, matrix, edge
        shape = mapped_shape(matrix, shape)
        name = f"{node.name}:axis{place}_{axis}"
        found.append(Synapses(name=name, inputs=(edge,), shape=shape, maps=(matrix,), origin=node.origin))
        edge = Edge(source=name)
    raise AssertionError("a pooling has an axis")


def _apart_from_ties(graph: Graph, bits: int) -> Graph:
    """Return the graph with first membranes half a grid step higher, so that no membrane ever equals a threshold."""
    grid = _grid(graph, bits)

    def shifted(node: Node) -> Node:
        if isinstance(node, Neurons) and CODES[graph.code].averages:
            half = 2.0 ** -(grid[node.inputs[0].source] + 1)
            return replace(node, initial=np.asarray(first_membrane(node) + half))
        if isinstance(node, Dynamics):
            half = 2.0 ** -(max(grid[node.inputs[0].source], bits) + 1)
            return replace(node, threshold=np.asarray(node.threshold + half))
        return node

    return graph.mapped(shifted)


def _places(x: ndarray | float | None) -> int:
    """Return the fewest binary places that hold every number of an array."""
    x = np.asarray(0.0 if x is None else x, dtype=float)
    x = x[np.isfinite(x)]
    return next(bits for bits in range(1100) if np.all(np.mod(x * 2.0**bits, 1) == 0))


def _grid(graph: Graph, given: int) -> dict[str, int]:
    """Return node -> binary places of what it passes on (populations: of their own numbers, since a spike is one)."""
    found: dict[str, int] = {}
    for _ in range(2):  # a second time for edges that lead back
        for node in graph.nodes:
            before = [found.get(edge.source, 0) for edge in node.inputs]
            match node:
                case Encode(current=False, timed=False):
                    found[node.name] = 0
                case Encode():
                    found[node.name] = given
                case Synapses():
                    added = (_map_places(linear) for linear in node.maps)
                    sums = (a + b for a, b in zip(before, added, strict=True))
                    found[node.name] = max(sums, default=0)
                    found[node.name] = max(found[node.name], _places(node.bias))
                case Gate():
                    found[node.name] = sum(before)
                case Readout():
                    found[node.name] = before[0]
                case _:
                    found[node.name] = 0
    return found


def _map_places(linear: maps.LinearMap) -> int:
    if isinstance(linear, maps.AveragePool):
        return max(0, int(log2(_divisor(linear))))
    return _places(getattr(linear, "weight", getattr(linear, "factor", None)))


def _check_sums(graph: Graph, inputs: tuple[ndarray, ...]) -> None:
    """Refuse inputs for which a membrane could need more binary places than a float64 has."""
    streams = CODES[graph.code].streaming
    grid = _grid(graph, max((_places(x) for x in inputs), default=0))
    most = _largest(graph, inputs)
    for node in graph.nodes:
        if not isinstance(node, Neurons | Dynamics | Readout):
            continue
        source = node.inputs[0].source
        steps = graph.steps if streams else 1
        places = max(grid[source] + 1, TIE_BITS) if streams and not isinstance(node, Readout) else grid[source]
        needed = log2(max(1.0, steps * float(most[source].max()) + 1)) + places
        if needed >= MANTISSA:
            raise InputError(
                f"the sums at {node.name!r} could need {needed:.1f} binary places of the {MANTISSA} that are exact; "
                "use fewer bits or smaller inputs"
            )


def _largest(graph: Graph, inputs: tuple[ndarray, ...]) -> dict[str, ndarray]:
    """Return node -> bound on the size of every number (1, ...) that it passes on at one step or in one window."""
    found: dict[str, ndarray] = {}
    for _ in range(2):  # a second time for edges that lead back
        for node in graph.nodes:
            found[node.name] = _largest_of(graph, node, inputs, found)
    return found


def _largest_of(graph: Graph, node: Node, inputs: tuple[ndarray, ...], found: dict[str, ndarray]) -> ndarray:
    before = [found.get(edge.source, np.ones((1, *graph.by_name[edge.source].shape))) for edge in node.inputs]
    match node:
        case Encode(current=True) | Encode(timed=True):
            x = np.abs(inputs[node.position])
            return x.max(axis=(0, 1) if node.timed else 0)[None]
        case Population() | Winner():
            code = CODES[graph.code]
            top = 1.0 if code.streaming else float(code.levels(carrier(graph, node).steps))
            return np.full((1, *node.shape), top)
        case Synapses():
            bias = np.zeros(()) if node.bias is None else np.abs(node.bias)
            reached = (apply(_absolute(linear), x, x.ndim - 1) for linear, x in zip(node.maps, before, strict=True))
            return sum(reached, start=np.broadcast_to(bias, (1, *node.shape)))
        case Gate():
            return np.full((1, *node.shape), before[0].max() * before[1].max() * max(x.size for x in before))
        case _:
            return before[0]


def _absolute(linear: maps.LinearMap) -> maps.LinearMap:
    if isinstance(linear, maps.Scale):
        return maps.Scale(factor=np.asarray(np.abs(linear.factor)))
    if isinstance(linear, maps.Dense | maps.Along | maps.Convolve):
        return replace(linear, weight=np.abs(linear.weight))
    return linear
