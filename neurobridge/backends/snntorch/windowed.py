"""The two runtimes of windowed codes: real spikes step by step, and the same numbers in closed form."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from neurobridge.backends.snntorch.neurons import WindowedNeuron
from neurobridge.backends.snntorch.streams import Stream, added
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Encode, Gate, Node, Population, Readout, Synapses, Winner
from neurobridge.graph.reference import batched

Watch = Callable[[Node, Tensor], None]
"""Called with each spiking node and its numbers (fast) or its spikes (stepped, first axis the step)."""


def product(node: Gate, a: Tensor, b: Tensor) -> Tensor:
    """Return the product of a gate."""
    return torch.einsum(batched(node.equation), a, b) if node.equation else a * b


def fast(graph: Graph, modules: nn.ModuleDict, inputs: dict[str, Tensor], watch: Watch | None = None) -> list[Tensor]:
    """Return the readouts, each population's number computed in one step."""
    values: dict[str, Tensor] = {}
    for node in graph.nodes:
        held = [values[edge.source] for edge in node.inputs]
        module = modules[node.name] if node.name in modules else None  # noqa: SIM401 (ModuleDict has no get)
        match node:
            case Encode(size=None):
                values[node.name] = module.number(inputs[node.name])
            case Encode():
                values[node.name] = one_hot(inputs[node.name], node, module.gain.dtype)
            case Population() | Winner():
                values[node.name] = module.number(held[0])
            case Synapses():
                values[node.name] = module(held)
            case Gate():
                values[node.name] = product(node, *held)
            case Readout():
                values[node.name] = held[0]
        if watch is not None and isinstance(node, Population | Winner):
            watch(node, values[node.name])
    return [values[node.name] for node in graph.outputs]


def one_hot(tokens: Tensor, node: Encode, dtype: torch.dtype) -> Tensor:
    """Return the spike of each token."""
    return nn.functional.one_hot(tokens.long(), node.size).to(dtype)


def stepped(
    graph: Graph, modules: nn.ModuleDict, inputs: dict[str, Tensor], watch: Watch | None = None
) -> list[Tensor]:
    """Return the readouts, every spike fired by a neuron and carried by a synapse at its own step."""
    streams: dict[str, Stream] = {}
    for node in graph.nodes:
        held = [streams[edge.source] for edge in node.inputs]
        module = modules[node.name] if node.name in modules else None  # noqa: SIM401 (ModuleDict has no get)
        match node:
            case Encode(size=None):
                streams[node.name] = _fire(module, Stream(constant=inputs[node.name]))
            case Encode():
                plane = one_hot(inputs[node.name], node, module.gain.dtype)
                streams[node.name] = Stream(planes=(plane,), weights=(1,))
            case Winner():
                module.reset_window()
                streams[node.name] = Stream(planes=tuple(map(module, held[0].planes)), weights=held[0].weights)
            case Population():
                streams[node.name] = _fire(module, held[0])
            case Synapses():
                streams[node.name] = _project(module, held)
            case Gate():
                released, kept = held[0], held[1].value()
                streams[node.name] = released.mapped(lambda a, node=node, kept=kept: product(node, a, kept))
            case Readout():
                streams[node.name] = Stream(constant=held[0].value())
        if watch is not None and isinstance(node, Population | Winner):
            watch(node, torch.stack(streams[node.name].planes))
    return [streams[node.name].value() for node in graph.outputs]


def _fire(neuron: WindowedNeuron, drive: Stream) -> Stream:
    neuron.reset_window()
    if drive.constant is not None:
        neuron.integrate(drive.constant)
    for weight, current in zip(drive.weights, drive.planes, strict=True):
        neuron.integrate(weight * current)
    spikes = tuple(neuron() for _ in range(neuron.steps))
    neuron.reset_window()
    return Stream(planes=spikes, weights=tuple(neuron.weights))


def _project(module: nn.Module, held: list[Stream]) -> Stream:
    total = added([stream.mapped(linear) for linear, stream in zip(module.maps, held, strict=True)])
    if module.bias is None:
        return total
    shape = total.planes[0] if total.planes else total.constant
    bias = module.bias.expand_as(shape) if total.constant is None else total.constant + module.bias
    return Stream(planes=total.planes, weights=total.weights, constant=bias)
