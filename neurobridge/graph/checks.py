"""What must hold before a graph may run: names, shapes, finite weights, calibrated ranges."""

import numpy as np

from neurobridge.errors import InputError
from neurobridge.graph.codes import CODES, check_steps
from neurobridge.graph.graph import Graph, ordered
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
from neurobridge.graph.scales import spikes_numbers
from neurobridge.graph.shapes import mapped_shape


def check(graph: Graph, calibrated: bool = True) -> None:
    """Refuse a graph that cannot run.

    Args:
        graph: any graph, also one read from a stranger's file.
        calibrated: whether the ranges of its populations must be known.

    Raises:
        InputError: what is wrong, and in which node.
    """
    check_steps(graph.code, graph.steps)
    names = [node.name for node in graph.nodes]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"the graph has two nodes named {twice!r}")
    list(ordered(graph.nodes))
    if not (graph.inputs or graph.ports) or not graph.outputs:
        raise InputError("the graph has no encoder or no readout; it needs one of each or more")
    for node in graph.nodes:
        if isinstance(node, Loop):
            _check_loop(graph, node)
            check(node.body, calibrated)
        _check_arity(node)
        _check_shape(graph, node)
        _check_numbers(node)
        if isinstance(node, Population):
            check_steps(graph.code, node.steps, f"steps of {node.name!r}")
            _check_streaming(graph, node)
            _check_range(graph, node, calibrated)


def _check_streaming(graph: Graph, node: Population) -> None:
    """Refuse what only streaming codes can have in a graph of a windowed code."""
    if CODES[graph.code].streaming:
        return
    if isinstance(node, Dynamics) or (isinstance(node, Encode) and node.timed):
        what = "neurons given by dynamics" if isinstance(node, Dynamics) else "an input of its own at each step"
        raise InputError(f"node {node.name!r} is {what}; that needs a streaming code, not {graph.code!r}")
    if any(edge.delay for edge in node.inputs):
        raise InputError(f"node {node.name!r} has a delayed input; delays need a streaming code, not {graph.code!r}")


_ARITY = {Encode: 0, Port: 0, Neurons: 1, Dynamics: 1, Winner: 1, Gate: 2, Readout: 1}


def _check_loop(graph: Graph, loop: Loop) -> None:
    if CODES[graph.code].streaming or loop.body.code != graph.code:
        raise InputError(f"loop {loop.name!r} needs a windowed code, the same inside and outside")
    ports, states = loop.body.ports, len(loop.inputs) - loop.sequences
    if [port.position for port in ports] != list(range(len(loop.inputs))) or len(loop.body.outputs) != states + 1:
        raise InputError(
            f"loop {loop.name!r} needs one port for each input, and one readout for each state and for its emission"
        )
    for port, edge in zip(ports, loop.inputs, strict=True):
        shape = graph.by_name[edge.source].shape
        if port.shape != (shape[1:] if port.position < loop.sequences else shape):
            raise InputError(f"port {port.name!r} of loop {loop.name!r} has shape {port.shape}, but gets {shape}")


def _check_arity(node: Node) -> None:
    wanted = len(node.maps) if isinstance(node, Synapses) else _ARITY.get(type(node), len(node.inputs))
    if len(node.inputs) != wanted:
        raise InputError(f"node {node.name!r} ({type(node).__name__}) has {len(node.inputs)} inputs, not {wanted}")


def _check_shape(graph: Graph, node: Node) -> None:
    if isinstance(node, Synapses):
        for edge, linear in zip(node.inputs, node.maps, strict=True):
            try:
                found = mapped_shape(linear, graph.by_name[edge.source].shape)
            except (ValueError, IndexError) as error:
                raise InputError(f"node {node.name!r} reading {edge.source!r}: {error}") from error
            if found != node.shape:
                raise InputError(f"node {node.name!r} has shape {node.shape}, but its map gives {found}")
    elif isinstance(node, Neurons | Dynamics | Readout) and graph.source(node).shape != node.shape:
        raise InputError(f"node {node.name!r} has shape {node.shape}, but its drive {graph.source(node).shape}")
    elif isinstance(node, Winner) and not spikes_numbers(graph.source(node)):
        raise InputError(f"node {node.name!r} takes the maximum of something that does not spike")


def _check_numbers(node: Node) -> None:
    arrays = []
    if isinstance(node, Dynamics):
        arrays = [getattr(node, name) for name in ("beta", "alpha", "threshold", "reset", "bias", "initial")]
    if isinstance(node, Synapses):
        arrays = [getattr(linear, "weight", getattr(linear, "factor", None)) for linear in node.maps] + [node.bias]
    for array in arrays:
        if array is not None and not np.all(np.isfinite(array)):
            raise InputError(
                f"node {node.name!r} has parameters that are not finite numbers ({node.origin or 'no origin'})"
            )


def _check_range(graph: Graph, node: Population, calibrated: bool) -> None:
    if not calibrated or (isinstance(node, Encode) and (node.current or node.size is not None)):
        return
    span = node.high if node.paired else node.high - node.low
    if not (np.all(np.isfinite(span)) and np.all(np.asarray(span) > 0)):
        raise InputError(
            f"population {node.name!r} has no range (low {node.low}, high {node.high}); calibrate the graph"
        )
    table = getattr(node, "table", None)
    if table is not None:
        levels = CODES[graph.code].levels(node.steps) * (2 if node.paired else 1)
        if table.shape != (levels,) or np.any(np.diff(table[np.isfinite(table)]) < 0) or np.any(np.isnan(table)):
            raise InputError(f"population {node.name!r} has a threshold table that is not {levels} ascending numbers")
