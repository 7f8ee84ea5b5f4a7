"""Which inputs are sequences: their first axis goes step by step into loops and may have any length."""

from math import prod

from numpy import ndarray

from neurobridge.graph import maps
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Edge, Loop, Node, Population, Synapses


def goes_to_loops(graph: Graph, node: Node) -> bool:
    """Return whether the first axis of a node's samples reaches loops only, each step by itself until then."""
    readers = graph.consumers[node.name]
    return bool(readers) and all(_keeps_steps(graph, node, reader) for reader in readers)


def _keeps_steps(graph: Graph, node: Node, reader: Node) -> bool:
    if isinstance(reader, Loop):
        return node.name in {edge.source for edge in reader.inputs[: reader.sequences]}
    if isinstance(reader, Population):
        alike = all(_same_at_every_step(x, reader) for x in (reader.low, reader.high))
        return alike and goes_to_loops(graph, reader)
    if not isinstance(reader, Synapses) or not _same_at_every_step(reader.bias, reader):
        return False
    pairs = zip(reader.maps, reader.inputs, strict=True)
    return all(_step_by_step(linear, edge, node) for linear, edge in pairs) and goes_to_loops(graph, reader)


def _step_by_step(linear: maps.LinearMap, edge: Edge, node: Node) -> bool:
    """Return whether a map does the same to every step of the sequence and mixes none."""
    if edge.source != node.name or isinstance(linear, maps.Identity):
        return True
    if isinstance(linear, maps.Scale):
        return _same_at_every_step(linear.factor, node)
    return isinstance(linear, maps.Dense) and len(node.shape) > 1


def _same_at_every_step(x: ndarray | None, node: Node) -> bool:
    return x is None or x.ndim < len(node.shape) or prod(x.shape) == 1 or x.shape[0] == 1
