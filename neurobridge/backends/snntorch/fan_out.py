"""How many synapses each neuron's spike reaches, borders and zero weights exact."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from neurobridge.backends.snntorch.maps import Along, AveragePool, Convolve, Dense, Scale
from neurobridge.backends.snntorch.windowed import product
from neurobridge.graph import maps
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Gate, Loop, Node, Port, Synapses, Winner
from neurobridge.graph.readers import is_source, receivers

AT_ONCE = 2**24
"""Numbers of the neurons that are made to spike on their own at a time: 64 MB."""

MIXING = (maps.Dense, maps.Along, maps.Convolve, maps.AveragePool)
"""Maps in which one neuron can drive several inputs, or an input be driven by several neurons."""


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Where spikes go.

    Attributes:
        synapses: receiver -> source -> synapses from each of the source's neurons (or pairs) into the receiver, in the
            source's shape; with the rounds of the loop as first axis where they differ.
        rounds: node inside a loop -> how often it works for one sample.
    """

    synapses: dict[str, dict[str, Tensor]]
    rounds: dict[str, int]


def fan_out(graph: Graph, parts: nn.ModuleDict) -> Reach:
    """Return how many inputs of each receiver every neuron drives: pairs of neurons, however many paths join them.

    Linear maps with no neuron between them are one matrix of synapses, as hardware would hold it.

    Args:
        graph: the graph that is run.
        parts: its modules.
    """
    found: dict[str, dict[str, Tensor]] = {}
    rounds: dict[str, int] = {}
    for node in receivers(graph):
        if isinstance(node, Loop):
            inside = fan_out(node.body, parts)
            outputs = {readout.name for readout in node.body.outputs}
            found |= {name: row for name, row in inside.synapses.items() if name not in outputs}
            rounds |= dict.fromkeys(node.body.everywhere, node.shape[0])
        found[node.name] = _reach(graph, parts, node)
    return Reach(synapses=found, rounds=rounds)


def _reach(graph: Graph, parts: nn.ModuleDict, receiver: Node) -> dict[str, Tensor]:
    """Return source -> how many inputs of the receiver each of its neurons drives."""
    sources: dict[str, Tensor] = {}
    with torch.enable_grad():
        total = sum(x.sum() for x in _driven(graph, parts, receiver, sources))
        if not isinstance(total, Tensor) or not total.requires_grad:
            return {}
        # where one path of one map joins two neurons: the gradient of the number of inputs, since maps are linear
        grads = torch.autograd.grad(total, list(sources.values()), allow_unused=True)
    counts = {name: grad[0] for name, grad in zip(sources, grads, strict=True) if grad is not None}
    paths = _merged(_paths(graph, edge.source) for edge in receiver.inputs)
    for name, found in paths.items():
        if name in counts and (len(found) > 1 or found[0].mixes > 1):
            apart = all(path.apart for path in found) and not isinstance(receiver, Gate | Winner)
            counts[name] = _pairs(graph, parts, receiver, name, counts[name].shape, apart)
    return counts


def _driven(graph: Graph, parts: nn.ModuleDict, receiver: Node, sources: dict[str, Tensor]) -> list[Tensor]:
    """Return the inputs of a receiver, each the number of paths along which spikes in `sources` drive it."""
    held = [_arriving(graph, parts, edge.source, sources, (1,)) for edge in receiver.inputs]
    if isinstance(receiver, Gate):
        return [product(receiver, held[0], torch.ones(1, *graph.source(receiver, 1).shape)), held[1]]
    if isinstance(receiver, Winner):
        places = parts[receiver.name].index.reshape(-1)
        return [functional.pad(held[0].reshape(len(held[0]), -1), (1, 0))[:, places]]
    return held


@torch.no_grad()
def _pairs(graph: Graph, parts: nn.ModuleDict, receiver: Node, name: str, shape: torch.Size, apart: bool) -> Tensor:
    """Return how many inputs each neuron of one source drives, each neuron made to spike on its own.

    Steps of a sequence that stay apart are made to spike together, each counted at its own step.
    """
    steps = shape[0] if apart and shape else 1
    size = shape.numel() // steps
    counts = []
    for numbers in torch.arange(size).split(max(1, AT_ONCE // shape.numel())):
        alone = functional.one_hot(numbers, size).float()[:, None].expand(-1, steps, -1).reshape(-1, *shape)
        driven = _driven(graph, parts, receiver, {name: alone})
        reached = [(x != 0).reshape(len(x), steps, -1).sum(dim=2) for x in driven if len(x) == len(alone)]
        counts.append(torch.stack(reached).sum(dim=0))
    return torch.cat(counts).T.reshape(shape).float()


@dataclass(frozen=True, kw_only=True)
class Path:
    """A way from a source through linear maps.

    Attributes:
        mixes: how many of them mix.
        apart: whether the entries of the first axis, such as the steps of a sequence, stay apart.
    """

    mixes: int = 0
    apart: bool = True

    def through(self, linear: maps.LinearMap, before: Node, after: Node) -> "Path":
        """Return the path with one more map at its end."""
        same = len(before.shape) == len(after.shape) > 1 and before.shape[0] == after.shape[0]
        match linear:
            case maps.Along():
                apart = linear.axis > -len(before.shape)
            case maps.Convolve():
                apart = len(linear.stride) + 1 < len(before.shape)
            case maps.AveragePool():
                apart = len(linear.kernel) < len(before.shape)
            case _:
                apart = isinstance(linear, maps.Identity | maps.Scale | maps.Dense | maps.Expand | maps.Reshape)
        return Path(mixes=self.mixes + isinstance(linear, MIXING), apart=self.apart and same and apart)

    def elsewhere(self) -> "Path":
        """Return the path as it is in another graph, which may cut the first axis."""
        return Path(mixes=self.mixes, apart=False)


def _paths(graph: Graph, name: str) -> dict[str, list[Path]]:
    """Return source -> every path from it to what a node passes on."""
    node = graph.by_name[name]
    if is_source(node):
        return {name: [Path()]}
    if isinstance(node, Loop):
        inside = _paths(node.body, node.body.outputs[-1].inputs[0].source)
        return {source: [path.elsewhere() for path in found] for source, found in inside.items()}
    if isinstance(node, Port) and len(graph.outputs) > 1:
        state = node.position - (len(graph.ports) - len(graph.outputs) + 1)
        return _paths(graph, graph.outputs[state].inputs[0].source) if state >= 0 else {}
    if not isinstance(node, Synapses):
        return {}
    longer = [
        {
            source: [path.through(linear, graph.by_name[edge.source], node) for path in found]
            for source, found in _paths(graph, edge.source).items()
        }
        for linear, edge in zip(node.maps, node.inputs, strict=True)
    ]
    return _merged(longer)


def _merged(parts: Iterable[dict[str, list[Path]]]) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for part in parts:
        for name, paths in part.items():
            found.setdefault(name, []).extend(paths)
    return found


def _arriving(graph: Graph, parts: nn.ModuleDict, name: str, sources: dict[str, Tensor], lead: tuple) -> Tensor:
    """Return what a node passes on, as a map of the spikes in `sources`; what is not a spike is zero."""
    node = graph.by_name[name]
    if is_source(node):
        return sources.setdefault(name, torch.zeros(*lead, *node.shape, requires_grad=True))
    if isinstance(node, Loop):
        emitted = node.body.outputs[-1].inputs[0].source
        return _arriving(node.body, parts, emitted, sources, (*lead, node.shape[0]))
    if isinstance(node, Port) and len(graph.outputs) > 1:
        state = node.position - (len(graph.ports) - len(graph.outputs) + 1)
        if state >= 0:
            return _arriving(graph, parts, graph.outputs[state].inputs[0].source, sources, lead)
    if not isinstance(node, Synapses) or not node.inputs:
        return torch.zeros(*lead, *node.shape)
    terms = [
        _ones(m)(_arriving(graph, parts, e.source, sources, lead))
        for m, e in zip(parts[name].maps, node.inputs, strict=True)
    ]
    return sum(terms[1:], start=terms[0])


def _ones(module: nn.Module) -> Callable[[Tensor], Tensor]:
    """Return a map with every weight that is not zero replaced by one."""
    match module:
        case Dense():
            return lambda x: functional.linear(x, _present(module.weight))
        case Along():
            weight = _present(module.weight)
            return lambda x: functional.linear(x.transpose(module.axis, -1), weight).transpose(module.axis, -1)
        case Convolve():
            return lambda x: module.with_weight(x, _present(module.weight))
        case AveragePool():
            return lambda x: _window_sums(module, x)
        case Scale():
            return lambda x: x * _present(module.factor)
        case _:
            return module


def _present(weight: Tensor) -> Tensor:
    return (weight != 0).float()


def _window_sums(module: AveragePool, x: Tensor) -> Tensor:
    """Return sums of windows: their means, divided by the means of a map that is one everywhere but in the padding."""
    weight = torch.ones(1, 1, *module.kernel)
    flat = x.reshape(-1, 1, *x.shape[-module.rank :])
    convolve = getattr(functional, f"conv{module.rank}d")
    target = module(x).shape
    short = [
        (n - 1) * s + k - m - 2 * p
        for n, s, k, m, p in zip(
            target[-module.rank :],
            module.options["stride"],
            module.kernel,
            x.shape[-module.rank :],
            module.options["padding"],
            strict=True,
        )
    ]
    grown = functional.pad(flat, [width for extra in reversed(short) for width in (0, max(extra, 0))])
    return convolve(grown, weight, None, module.options["stride"], module.options["padding"]).reshape(target)
