"""Graphs that say the same in fewer or other words: folded scales, whole numbers on wires, no dead nodes."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy import ndarray

from neurobridge.graph import maps
from neurobridge.graph.apply import apply
from neurobridge.graph.codes import CODES
from neurobridge.graph.folding import after_scale, before_scale, pass_through
from neurobridge.graph.functions import function
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Edge, Encode, Loop, Neurons, Node, Population, Port, Synapses, Winner
from neurobridge.graph.scales import number_scale, spikes_numbers


def simplify(graph: Graph) -> Graph:
    """Return the graph with normalisation folded into weights, identities dropped and maxima behind their neurons."""
    return fold_scales(drop_identities(winners_last(_in_loops(graph, simplify))))


def wired(graph: Graph) -> Graph:
    """Return a graph with the same spikes whose wires carry whole numbers and whose thresholds are one quantum."""
    return fold_scales(unit_thresholds(whole_numbers(_in_loops(graph, wired))))


def _in_loops(graph: Graph, change: Callable[[Graph], Graph]) -> Graph:
    """Return the graph with the body of every loop changed."""
    nodes = (replace(node, body=change(node.body)) if isinstance(node, Loop) else node for node in graph.nodes)
    return replace(graph, nodes=tuple(nodes))


def prune(graph: Graph) -> Graph:
    """Return the graph without nodes that no readout needs; encoders and ports stay."""
    wanted = [node.name for node in graph.outputs]
    found: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name not in found:
            found.add(name)
            wanted.extend(edge.source for edge in graph.by_name[name].inputs)
    return replace(graph, nodes=tuple(n for n in graph.nodes if n.name in found or isinstance(n, Encode | Port)))


def redirect(node: Node, names: dict[str, str]) -> Node:
    """Return the node with each edge from a key of `names` coming from its value."""
    if not any(edge.source in names for edge in node.inputs):
        return node
    return replace(node, inputs=tuple(replace(e, source=names.get(e.source, e.source)) for e in node.inputs))


def winners_last(graph: Graph) -> Graph:
    """Return the graph with f(max(x)) written as max(f(x)), which needs no population for x itself.

    Holds for every increasing f, since a maximum commutes with it.
    """
    for node in graph.of(Neurons):
        winner = graph.source(node)
        if not isinstance(winner, Winner) or not function(node.function).increasing or node.paired:
            continue
        competitors = graph.source(winner)
        alone = all(len(graph.consumers[n.name]) == 1 for n in (winner, competitors))
        if alone and isinstance(competitors, Neurons) and competitors.function == "identity":
            # competitors share one range
            channel = None if node.channel in winner.axes else node.channel
            fires = replace(node, inputs=competitors.inputs, shape=competitors.shape, channel=channel)
            race = replace(winner, inputs=(Edge(source=node.name),))
            swapped = {node.name: fires, winner.name: race}
            names = {node.name: winner.name}
            graph = graph.with_nodes(
                swapped.get(n.name, redirect(n, names)) for n in graph.nodes if n.name != competitors.name
            )
    return graph


def drop_identities(graph: Graph) -> Graph:
    """Return the graph without synapses that change nothing."""
    names: dict[str, str] = {}
    for node in graph.of(Synapses):
        if node.bias is None and len(node.maps) == 1 and not node.inputs[0].delay and _changes_nothing(graph, node):
            source = node.inputs[0].source
            names[node.name] = names.get(source, source)
    return prune(replace(graph, nodes=tuple(redirect(node, names) for node in graph.nodes)))


def _changes_nothing(graph: Graph, node: Synapses) -> bool:
    linear, same = node.maps[0], graph.source(node).shape == node.shape
    if isinstance(linear, maps.Scale):
        return same and bool(np.all(linear.factor == 1))
    return isinstance(linear, maps.Identity) or (same and isinstance(linear, maps.Reshape | maps.Expand))


def fold_scales(graph: Graph) -> Graph:
    """Return the graph with diagonal scales and their biases absorbed by the weights before or after them."""
    return prune(_each_synapses(_each_synapses(graph, _absorb_source), _absorb_scales))


def _each_synapses(graph: Graph, change: Callable[[Graph, Synapses], Graph]) -> Graph:
    for name in [node.name for node in graph.of(Synapses)]:
        node = graph.by_name.get(name)
        if isinstance(node, Synapses):
            graph = change(graph, node)
    return graph


def _swap(graph: Graph, old: Node, *new: Node, without: frozenset[str] = frozenset()) -> Graph:
    nodes = (m for n in graph.nodes if n.name not in without for m in (new if n is old else (n,)))
    return replace(graph, nodes=tuple(nodes))


def _diagonal(linear: maps.LinearMap) -> ndarray | None:
    """Return the factor of a scale or an identity; None for any other map."""
    if isinstance(linear, maps.Scale):
        # one number for all has no axes, whatever map it moves past
        return linear.factor.reshape(()) if linear.factor.size == 1 else linear.factor
    return np.ones(()) if isinstance(linear, maps.Identity) else None


def _absorb_source(graph: Graph, node: Synapses) -> Graph:
    """Merge synapses that only `node` reads, through a scale or an identity, into it: BatchNorm, residual adds."""
    linears: list[maps.LinearMap] = []
    edges: list[Edge] = []
    bias, gone, origin = node.bias, set(), [node.origin]
    for edge, linear in zip(node.inputs, node.maps, strict=True):
        source, factor = graph.by_name[edge.source], _diagonal(linear)
        merged = None
        if isinstance(source, Synapses) and factor is not None and not edge.delay and source.shape == node.shape:
            one = factor.size == 1 and factor.item() == 1
            merged = [m if one else before_scale(m, factor) for m in source.maps]
        if merged is None or None in merged or len(graph.consumers[edge.source]) != 1:
            linears.append(linear)
            edges.append(edge)
            continue
        linears.extend(m for m in merged if m is not None)
        edges.extend(source.inputs)
        bias = bias if source.bias is None else _sum(bias, np.asarray(source.bias * factor))  # type: ignore[attr-defined]
        gone.add(source.name)
        origin.insert(0, source.origin)
    if not gone:
        return graph
    text = "; ".join(dict.fromkeys(part for part in origin if part))
    merged_node = replace(node, inputs=tuple(edges), maps=tuple(linears), bias=bias, origin=text)
    return _swap(graph, node, merged_node, without=frozenset(gone))


def _absorb_scales(graph: Graph, node: Synapses) -> Graph:
    """Let each map take over the scale and bias of the synapses that feed it, or pass the scale through."""
    linears, edges, bias, late = list(node.maps), list(node.inputs), node.bias, None
    for position, (edge, linear) in enumerate(zip(node.inputs, node.maps, strict=True)):
        source = graph.by_name[edge.source]
        if edge.delay or not isinstance(source, Synapses) or len(source.maps) != 1 or source.inputs[0].delay:
            continue
        factor = _diagonal(source.maps[0])
        if factor is None or graph.source(source).shape != source.shape:
            continue
        absorbed = after_scale(linear, factor)
        if absorbed is None and len(linears) == 1:
            late = pass_through(linear, factor, source.shape)
            absorbed = None if late is None else linear
        if absorbed is None:
            continue
        if source.bias is not None:
            whole = np.array(np.broadcast_to(source.bias, source.shape), dtype=float)
            bias = _sum(bias, apply(linear, whole, whole.ndim))
        linears[position], edges[position] = absorbed, source.inputs[0]
    if late is None:
        return _swap(graph, node, replace(node, maps=tuple(linears), inputs=tuple(edges), bias=bias))
    bare = replace(node, name=node.name + ":unscaled", maps=tuple(linears), inputs=tuple(edges), bias=None)
    scale = replace(node, maps=(maps.Scale(factor=late),), inputs=(Edge(source=bare.name),), bias=bias)
    return _swap(graph, node, bare, scale)


def _sum(a: ndarray | None, b: ndarray | None) -> ndarray | None:
    if a is None or b is None:
        return b if a is None else a
    return np.asarray(a + b)


def whole_numbers(graph: Graph) -> Graph:
    """Return a graph whose wires carry n, each followed by synapses that multiply by its quantum and add its low."""
    nodes: list[Node] = []
    names = {node.name: node.name + ":value" for node in graph.nodes if spikes_numbers(node)}
    for node in graph.nodes:
        reader = node if isinstance(node, Winner) else redirect(node, names)
        nodes.append(replace(reader, whole=True) if isinstance(reader, Population) else reader)
        if node.name in names:
            low, unit = number_scale(graph, node)
            nodes.append(_scale(names[node.name], node.name, node.shape, unit, low))
    return replace(graph, nodes=tuple(nodes))


def unit_thresholds(graph: Graph) -> Graph:
    """Return a graph whose linear neurons fire against 1, 2, 4 ...: their drive is divided by the quantum before."""
    nodes: list[Node] = []
    code = CODES[graph.code]
    for node in graph.nodes:
        if isinstance(node, Neurons) and node.table is None:
            low, unit = number_scale(graph, node)
            drive = _scale(
                node.name + ":drive", node.inputs[0].source, node.shape, np.asarray(1 / unit), np.asarray(-low / unit)
            )
            top = 1.0 if code.averages else float(code.levels(node.steps))
            nodes.append(replace(drive, inputs=node.inputs))
            nodes.append(replace(node, inputs=(Edge(source=drive.name),), low=np.zeros(()), high=np.full((), top)))
        else:
            nodes.append(node)
    return replace(graph, nodes=tuple(nodes))


def _scale(name: str, source: str, shape: tuple[int, ...], factor: ndarray, bias: ndarray) -> Synapses:
    return Synapses(
        name=name,
        inputs=(Edge(source=source),),
        shape=shape,
        maps=(maps.Scale(factor=np.asarray(factor)),),
        bias=np.asarray(bias) if np.any(bias) else None,
    )
