"""Whether the shape of a node follows from what feeds it."""

import re
from functools import singledispatch

from neurobridge.errors import InputError
from neurobridge.graph.apply import pooled_shape
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Dynamics, Gate, Loop, Neurons, Node, Readout, Shape, Synapses, Winner
from neurobridge.graph.scales import carrier, spikes_numbers
from neurobridge.graph.shapes import mapped_shape


@singledispatch
def check_shape(node: Node, graph: Graph) -> None:
    """Refuse a node whose shape does not follow from its inputs; encoders and ports have none.

    Raises:
        InputError: which node, its shape and what its inputs give.
    """


def _require(node: Node, found: Shape, of: str) -> None:
    if found != node.shape:
        raise InputError(f"node {node.name!r} has shape {node.shape}, but its {of} gives {found}")


@check_shape.register
def _(node: Synapses, graph: Graph) -> None:
    for edge, linear in zip(node.inputs, node.maps, strict=True):
        try:
            found = mapped_shape(linear, graph.by_name[edge.source].shape)
        except (ValueError, IndexError) as error:
            raise InputError(f"node {node.name!r} reading {edge.source!r}: {error}") from error
        _require(node, found, "map")
    if not node.maps and node.bias is None:
        raise InputError(f"node {node.name!r} has neither inputs nor a bias")


@check_shape.register(Neurons)
@check_shape.register(Dynamics)
def _(node: Node, graph: Graph) -> None:
    _require(node, graph.source(node).shape, "drive")


@check_shape.register
def _(node: Readout, graph: Graph) -> None:
    _require(node, graph.source(node).shape, "drive")
    if node.choice is not None and not -len(node.shape) <= node.choice < 0:
        raise InputError(f"readout {node.name!r} chooses along the axis {node.choice} of {node.shape}, counted from -1")


@check_shape.register
def _(node: Gate, graph: Graph) -> None:
    held = [graph.source(node, position).shape for position in (0, 1)]
    if not node.equation:
        for shape in held:
            _require(node, shape, "factor")
        return
    _require(node, _contracted(node, held), "equation")


def _contracted(node: Gate, held: list[Shape]) -> Shape:
    """Return the shape that an einsum of two operands gives."""
    terms = re.fullmatch(r"([a-zA-Z]*),([a-zA-Z]*)->([a-zA-Z]*)", node.equation)
    if terms is None:
        raise InputError(f"gate {node.name!r} has the equation {node.equation!r}; write one such as 'ij,jk->ik'")
    left, right, result = terms.groups()
    sizes: dict[str, int] = {}
    for term, shape in zip((left, right), held, strict=True):
        known = zip(term, shape, strict=False)
        if len(term) != len(shape) or any(sizes.setdefault(letter, n) != n for letter, n in known):
            raise InputError(f"gate {node.name!r} has the equation {node.equation!r}, but its factors have {held}")
    if len(set(result)) != len(result) or not set(result) <= sizes.keys():
        raise InputError(f"gate {node.name!r} has the equation {node.equation!r}, whose result is not defined")
    return tuple(sizes[letter] for letter in result)


@check_shape.register
def _(node: Winner, graph: Graph) -> None:
    source = graph.source(node)
    if not spikes_numbers(source):
        raise InputError(f"node {node.name!r} takes the maximum of something that does not spike")
    rank = len(node.kernel)
    axes = set(node.axes) if node.axes else set(range(-rank, 0))
    if not axes or min(axes) < -len(source.shape) or max(axes) >= 0:
        raise InputError(f"node {node.name!r} takes the maximum over axes that {source.shape} does not have")
    _require(node, _raced(node, source.shape), "competitors")
    runners = carrier(graph, source)
    if runners.paired:
        raise InputError(f"node {node.name!r} takes the maximum of ON/OFF pairs; give them an offset instead")
    for bound in (runners.low, runners.high):
        varies = {axis - bound.ndim for axis, n in enumerate(bound.shape) if n > 1}
        if varies & axes:
            raise InputError(f"node {node.name!r} takes the maximum of neurons whose ranges differ")


def _raced(node: Winner, shape: Shape) -> Shape:
    """Return the shape that a race among competitors of `shape` gives."""
    if node.axes:
        return tuple(1 if axis - len(shape) in node.axes else n for axis, n in enumerate(shape))
    rank = len(node.kernel)
    numbers = (node.kernel, node.stride, node.dilation)
    wrong = any(len(one) != rank or any(n < 1 for n in one) for one in numbers) or len(node.padding) != rank
    if wrong or any(not 0 <= p <= k // 2 for p, k in zip(node.padding, node.kernel, strict=True)):
        raise InputError(f"node {node.name!r} has a window that PyTorch does not have; see torch.nn.MaxPool2d")
    spatial = shape[-rank:]
    pooled = pooled_shape(spatial, node.kernel, node.stride, node.padding, node.dilation, node.ceil_mode)
    return (*shape[:-rank], *pooled)


@check_shape.register
def _(node: Loop, graph: Graph) -> None:
    ports, outputs, states = node.body.ports, node.body.outputs, len(node.inputs) - node.sequences
    if [port.position for port in ports] != list(range(len(node.inputs))) or len(outputs) != states + 1:
        raise InputError(
            f"loop {node.name!r} needs one port for each input, and one readout for each state and for its emission"
        )
    if not 1 <= node.sequences <= len(node.inputs) or not node.shape:
        raise InputError(f"loop {node.name!r} needs a sequence among its inputs and an axis of steps in its shape")
    for port, edge in zip(ports, node.inputs, strict=True):
        shape, sequence = graph.by_name[edge.source].shape, port.position < node.sequences
        if port.shape != (shape[1:] if sequence else shape) or (sequence and shape[:1] != node.shape[:1]):
            raise InputError(f"port {port.name!r} of loop {node.name!r} has shape {port.shape}, but gets {shape}")
    for port, state in zip(ports[node.sequences :], outputs, strict=False):
        _require(state, port.shape, "port")
    _require(node, (node.shape[0], *outputs[-1].shape), "body")
