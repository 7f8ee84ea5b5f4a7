"""What must hold before a graph may run: names, order, shapes, finite weights, calibrated ranges."""

from collections.abc import Iterator
from keyword import iskeyword
from math import prod

import numpy as np
from numpy import ndarray

from neurobridge.errors import InputError
from neurobridge.graph.codes import CODES, check_steps
from neurobridge.graph.fits import check_shape
from neurobridge.graph.functions import function
from neurobridge.graph.graph import Graph, ordered
from neurobridge.graph.maps import Dense
from neurobridge.graph.nodes import (
    Dynamics,
    Encode,
    Gate,
    Loop,
    Neurons,
    Node,
    Population,
    Port,
    Readout,
    Synapses,
    Winner,
)

LARGEST = 2**28
"""Numbers of one node for one sample; a larger node is a mistake or an attack."""

_ARITY = {Encode: 0, Port: 0, Neurons: 1, Dynamics: 1, Winner: 1, Gate: 2, Readout: 1}


def check(graph: Graph, calibrated: bool = True) -> None:
    """Refuse a graph that cannot run.

    Args:
        graph: any graph, also one read from a stranger's file.
        calibrated: whether the ranges of its populations must be known.

    Raises:
        InputError: what is wrong, and in which node.
    """
    _check_names(graph)
    _check_level(graph, calibrated)


def _check_level(graph: Graph, calibrated: bool) -> None:
    """Check a graph whose names are known to be right, then the bodies of its loops."""
    check_steps(graph.code, graph.steps)
    _check_order(graph)
    if not (graph.inputs or graph.ports) or not graph.outputs:
        raise InputError("the graph has no encoder or no readout; it needs one of each or more")
    for ends in (graph.arguments, graph.outputs):
        if [end.position for end in ends] != list(range(len(ends))):
            raise InputError(f"the positions of {[end.name for end in ends]} are not 0 ... {len(ends) - 1}")
    for other in graph.inputs:
        first = graph.arguments[other.position]
        if (other.shape, other.size, other.timed) != (first.shape, first.size, first.timed):
            raise InputError(f"encoders {first.name!r} and {other.name!r} read the same argument in unlike shapes")
    _check_keys(graph.outputs)
    for node in graph.nodes:
        _check_node(graph, node, calibrated)


def _check_keys(outputs: tuple[Readout, ...]) -> None:
    """Refuse names of outputs that no dict or named tuple can have."""
    keys, records = [node.key for node in outputs], {node.record for node in outputs}
    if any(keys) and ("" in keys or len(set(keys)) < len(keys)):
        raise InputError(f"the outputs are called {keys}; all have names of their own, or none has")
    if records == {""}:
        return
    words = [*records, *keys]
    if len(records) > 1 or any(not word.isidentifier() or iskeyword(word) or word.startswith("_") for word in words):
        raise InputError(f"the outputs are fields {keys} of {sorted(records)}, which no named tuple can be")


def _check_node(graph: Graph, node: Node, calibrated: bool) -> None:
    if isinstance(node, Loop):
        if node.body.code != graph.code:
            raise InputError(f"loop {node.name!r} speaks the {node.body.code} code in a graph of the {graph.code} code")
        _check_level(node.body, calibrated)
    _check_arity(node)
    _check_size(node)
    check_shape(node, graph)
    _check_numbers(node)
    (_check_streaming if CODES[graph.code].streaming else _check_windowed)(graph, node)
    if isinstance(node, Population):
        check_steps(graph.code, node.steps, f"steps of {node.name!r}")
        _check_start(node)
        _check_function(node)
        _check_tokens(graph, node)
        if calibrated:
            _check_range(graph, node)


def _check_names(graph: Graph) -> None:
    seen: set[str] = set()
    for name in _names(graph):
        if not name or "." in name:
            raise InputError(f"a node is named {name!r}; a name has at least one letter and no dot")
        if name in seen:
            raise InputError(f"the graph has two nodes named {name!r}")
        seen.add(name)


def _names(graph: Graph) -> Iterator[str]:
    for node in graph.nodes:
        yield node.name
        if isinstance(node, Loop):
            yield from _names(node.body)


def _check_order(graph: Graph) -> None:
    list(ordered(graph.nodes))
    done: set[str] = set()
    for node in graph.nodes:
        for edge in node.inputs:
            if edge.delay < 0:
                raise InputError(f"node {node.name!r} reads {edge.source!r} with the delay {edge.delay}")
            if not edge.delay and edge.source not in done:
                raise InputError(f"node {node.name!r} stands before {edge.source!r}, which it reads")
        done.add(node.name)


def _check_arity(node: Node) -> None:
    if not isinstance(node, (*_ARITY, Synapses, Loop)):
        raise InputError(f"node {node.name!r} is of the kind {type(node).__name__}, which no backend runs")
    wanted = len(node.maps) if isinstance(node, Synapses) else _ARITY.get(type(node), len(node.inputs))
    if len(node.inputs) != wanted:
        raise InputError(f"node {node.name!r} ({type(node).__name__}) has {len(node.inputs)} inputs, not {wanted}")


def _check_size(node: Node) -> None:
    if any(n < 1 for n in node.shape) or prod(node.shape) > LARGEST:
        raise InputError(f"node {node.name!r} has shape {node.shape}; axes are 1 or more, numbers {LARGEST} or fewer")


def _check_streaming(graph: Graph, node: Node) -> None:
    """Refuse what the neurons of a streaming code cannot do."""
    if isinstance(node, Winner | Gate | Loop):
        raise InputError(f"node {node.name!r} ({type(node).__name__}) needs a windowed code, not {graph.code}")
    averages = CODES[graph.code].averages
    if isinstance(node, Population) and (node.paired or (averages and node.steps != graph.steps)):
        raise InputError(f"population {node.name!r} is paired or of other steps; the {graph.code} code has neither")
    if not averages and _needs_averages(node):
        raise InputError(
            f"node {node.name!r} has dynamics of its own, an input at every step, a delay or a first membrane; "
            f"only the rate code has these, not {graph.code!r}"
        )
    if isinstance(node, Encode) and not ((node.current or node.timed) and node.size is None):
        raise InputError(f"encoder {node.name!r} must inject its numbers as a current under the {graph.code} code")
    if isinstance(node, Neurons) and node.table is not None:
        raise InputError(f"population {node.name!r} has a threshold table, which the {graph.code} code has not")


def _needs_averages(node: Node) -> bool:
    """Return whether a node works with what comes at every step, not only once."""
    timed = isinstance(node, Encode) and node.timed
    started = isinstance(node, Neurons) and node.initial is not None
    return isinstance(node, Dynamics) or timed or started or any(edge.delay for edge in node.inputs)


def _check_windowed(graph: Graph, node: Node) -> None:
    """Refuse what needs neurons that work all the time."""
    if isinstance(node, Dynamics) or (isinstance(node, Encode) and (node.timed or node.current)):
        what = "neurons given by dynamics" if isinstance(node, Dynamics) else "an input at every step"
        raise InputError(f"node {node.name!r} is {what}; that needs a streaming code, not {graph.code!r}")
    if any(edge.delay for edge in node.inputs):
        raise InputError(f"node {node.name!r} has a delayed input; delays need a streaming code, not {graph.code!r}")


def _check_start(node: Population) -> None:
    initial = node.initial if isinstance(node, Encode | Neurons) else None
    if initial is not None and not np.all((initial >= 0) & (initial < 1)):
        raise InputError(f"population {node.name!r} starts at {initial} of its threshold; it must be in [0, 1)")


def _check_function(node: Population) -> None:
    if isinstance(node, Neurons):
        try:
            function(node.function).value(np.ones(1), *node.arguments)
        except TypeError as error:
            text = (
                f"population {node.name!r} gives {node.function} the arguments {node.arguments}, which it does not take"
            )
            raise InputError(text) from error


def _check_tokens(graph: Graph, node: Population) -> None:
    if not isinstance(node, Encode) or node.size is None:
        return
    if not node.shape or node.shape[-1] != node.size:
        raise InputError(f"encoder {node.name!r} has {node.size} tokens, but the shape {node.shape}")
    for reader in graph.consumers[node.name]:
        read = [
            m for m, edge in zip(getattr(reader, "maps", ()), reader.inputs, strict=False) if edge.source == node.name
        ]
        if not read or not all(isinstance(linear, Dense) for linear in read):
            raise InputError(f"node {reader.name!r} reads the tokens {node.name!r} without an embedding")


_PARAMETERS: dict[type[Node], tuple[str, ...]] = {
    Synapses: ("bias",),
    Encode: ("initial",),
    Neurons: ("initial",),
    Dynamics: ("beta", "alpha", "threshold", "reset", "bias", "initial"),
}
"""Node -> its arrays that are finite, whatever its range, and broadcast against its shape."""


def _arrays(node: Node) -> Iterator[ndarray]:
    """Yield every array of a node that must be finite whatever its range."""
    if isinstance(node, Synapses):
        for linear in node.maps:
            array = getattr(linear, "weight", getattr(linear, "factor", None))
            if array is not None:
                yield array
    if isinstance(node, Neurons):
        yield np.asarray(node.arguments, dtype=float)
    for name in _PARAMETERS.get(type(node), ()):
        array = getattr(node, name)
        if array is not None:
            yield array


def _check_numbers(node: Node) -> None:
    for array in _arrays(node):
        if not np.all(np.isfinite(array)):
            origin = node.origin or "no origin"
            raise InputError(f"node {node.name!r} has parameters that are not finite numbers ({origin})")
    for name in {"low", "high", *_PARAMETERS.get(type(node), ())}:
        broadcast: ndarray | None = getattr(node, name, None)
        if broadcast is not None and not _broadcasts(broadcast.shape, node.shape):
            raise InputError(
                f"{name} of node {node.name!r} has shape {broadcast.shape}, which does not fit {node.shape}"
            )


def _broadcasts(shape: tuple[int, ...], whole: tuple[int, ...]) -> bool:
    rows = zip(shape[::-1], whole[::-1], strict=False)
    return len(shape) <= len(whole) and all(a in (1, b) for a, b in rows)


def _check_range(graph: Graph, node: Population) -> None:
    if isinstance(node, Encode) and (node.current or node.size is not None):
        return
    span = node.high if node.paired else node.high - node.low
    if not (np.all(np.isfinite(span)) and np.all(np.asarray(span) > 0)):
        raise InputError(
            f"population {node.name!r} has no range (low {node.low}, high {node.high}); calibrate the graph"
        )
    if isinstance(node, Neurons):
        _check_table(graph, node)


def _check_table(graph: Graph, node: Neurons) -> None:
    table = node.table
    if table is None:
        if not function(node.function).linear:
            raise InputError(f"population {node.name!r} codes {node.function} without a threshold table")
        return
    levels = CODES[graph.code].levels(node.steps) * (2 if node.paired else 1)
    if table.shape != (levels,) or np.any(np.isnan(table)) or np.any(table[1:] < table[:-1]):
        raise InputError(f"population {node.name!r} has a threshold table that is not {levels} ascending numbers")
