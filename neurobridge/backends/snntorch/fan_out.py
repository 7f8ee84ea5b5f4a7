"""How many synapses each neuron's spike reaches, borders and zero weights exact."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from neurobridge.backends.snntorch.maps import Along, AveragePool, Convolve, Dense, Scale
from neurobridge.backends.snntorch.windowed import product
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Gate, Loop, Node, Port, Synapses, Winner
from neurobridge.graph.readers import is_source, receivers


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
    """Return how many inputs of each receiver every neuron drives, counted along every path of synapses.

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


@torch.enable_grad()
def _reach(graph: Graph, parts: nn.ModuleDict, receiver: Node) -> dict[str, Tensor]:
    """Return the gradient of the number of inputs with respect to the spikes: maps of ones are linear."""
    sources: dict[str, Tensor] = {}
    held = [_arriving(graph, parts, edge.source, sources, (1,)) for edge in receiver.inputs]
    if isinstance(receiver, Gate):
        kept = torch.ones(1, *graph.source(receiver, 1).shape)
        total = product(receiver, held[0], kept).sum() + held[1].sum()
    elif isinstance(receiver, Winner):
        total = functional.pad(held[0].reshape(-1), (1, 0))[parts[receiver.name].index.reshape(-1)].sum()
    else:
        total = sum((x.sum() for x in held[1:]), start=held[0].sum())
    if not total.requires_grad:
        return {}
    grads = torch.autograd.grad(total, list(sources.values()), allow_unused=True)
    return {name: grad[0] for name, grad in zip(sources, grads, strict=True) if grad is not None}


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
            return lambda x: module.function(x, _present(module.weight), None, **module.options)
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
