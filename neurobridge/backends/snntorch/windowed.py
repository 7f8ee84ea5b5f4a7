"""The two runtimes of windowed codes: real spikes step by step, and the same numbers in closed form."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from neurobridge.backends.snntorch.neurons import WindowedNeuron
from neurobridge.backends.snntorch.streams import Stream, added, stacked
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Encode, Gate, Loop, Node, Population, Port, Readout, Synapses, Winner
from neurobridge.graph.reference import batched

Watch = Callable[[Node, Tensor], Tensor | None]
"""Called with each spiking node and its numbers (fast) or its spikes (stepped, first axis the step).

What it returns in the fast runtime, unless None, travels on instead: spikes that are lost on their way.
"""


def seen(watch: Watch | None, node: Node, fired: Tensor) -> Tensor:
    """Return what travels on of what a node fired."""
    instead = None if watch is None else watch(node, fired)
    return fired if instead is None else instead


def product(node: Gate, a: Tensor, b: Tensor) -> Tensor:
    """Return the product of a gate."""
    return torch.einsum(batched(node.equation), a, b) if node.equation else a * b


def one_hot(tokens: Tensor, node: Encode, dtype: torch.dtype) -> Tensor:
    """Return the spike of each token."""
    return nn.functional.one_hot(tokens.long(), node.size).to(dtype)


def rounds(loop: Loop, held: list[Any], length: int, cut: Callable[[Any, int], Any], body: Callable) -> list[Any]:
    """Return what each round of a loop emits, in the order of the sequence.

    Args:
        loop: the loop.
        held: its inputs, sequences first.
        length: of the sequences.
        cut: returns a step of a sequence.
        body: runs the body on what its ports hand over, and returns its readouts.
    """
    sequences, states = held[: loop.sequences], held[loop.sequences :]
    emitted: dict[int, Any] = {}
    for step in reversed(range(length)) if loop.reverse else range(length):
        now = [cut(sequence, step) for sequence in sequences] + states
        *states, emitted[step] = body({port.name: now[port.position] for port in loop.body.ports})
    return [emitted[step] for step in range(length)]


def fast(
    graph: Graph, modules: nn.ModuleDict, given: dict[str, Tensor], watch: Watch | None = None, dtype: Any = None
) -> list[Tensor]:
    """Return the readouts, each population's number computed in one step.

    Args:
        graph: the graph that is run, or the body of a loop.
        modules: of every node that has one, those inside loops too.
        given: what each encoder encodes and each port hands over, (sample, ...).
        watch: called with each spiking node and its numbers, once a round in a loop.
        dtype: of one-hot spikes; the default of torch if None.
    """
    values: dict[str, Tensor] = {}
    for node in graph.nodes:
        held = [values[edge.source] for edge in node.inputs]
        module = modules[node.name] if node.name in modules else None  # noqa: SIM401 (ModuleDict has no get)
        match node:
            case Port():
                values[node.name] = given[node.name]
            case Encode(size=None):
                values[node.name] = module.number(given[node.name])
            case Encode():
                values[node.name] = given[node.name].long()
            case Population() | Winner():
                values[node.name] = module.number(held[0])
            case Synapses():
                values[node.name] = module(held)
            case Gate():
                values[node.name] = product(node, *held)
            case Readout():
                values[node.name] = held[0]
            case Loop():
                body = partial(fast, node.body, modules, watch=watch)
                emitted = rounds(node, held, held[0].shape[1], lambda x, step: x[:, step], body)
                values[node.name] = torch.stack(emitted, dim=1)
        if isinstance(node, Population | Winner):
            values[node.name] = seen(watch, node, values[node.name])
    return [values[node.name] for node in graph.outputs]


def stepped(
    graph: Graph, modules: nn.ModuleDict, given: dict[str, Tensor], watch: Watch | None = None, dtype: Any = None
) -> list[Tensor]:
    """Return the readouts, every spike fired by a neuron and carried by a synapse at its own step."""
    constants = {name: Stream(constant=x) for name, x in given.items()}
    return [stream.value() for stream in _streams(graph, modules, constants, watch, dtype)]


def _streams(
    graph: Graph, modules: nn.ModuleDict, given: dict[str, Stream], watch: Watch | None, dtype: Any = None
) -> list[Stream]:
    streams: dict[str, Stream] = {}
    for node in graph.nodes:
        held = [streams[edge.source] for edge in node.inputs]
        module = modules[node.name] if node.name in modules else None  # noqa: SIM401 (ModuleDict has no get)
        match node:
            case Port():
                streams[node.name] = given[node.name]
            case Encode(size=None):
                streams[node.name] = _fire(module, given[node.name])
            case Encode():
                plane = one_hot(given[node.name].value(), node, dtype or torch.get_default_dtype())
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
                streams[node.name] = released.mapped(partial(_release, node, kept))
            case Readout():
                streams[node.name] = held[0]
            case Loop():
                body = partial(_streams, node.body, modules, watch=watch)
                emitted = rounds(node, held, held[0].length(), lambda stream, step: stream.at(step), body)
                streams[node.name] = stacked(emitted)
        if watch is not None and isinstance(node, Population | Winner):
            watch(node, torch.stack(streams[node.name].planes))
    return [streams[node.name] for node in graph.outputs]


def _release(node: Gate, kept: Tensor, spikes: Tensor) -> Tensor:
    return product(node, spikes, kept)


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
    if not held:
        return Stream(constant=module([]))
    total = added([stream.mapped(linear) for linear, stream in zip(module.maps, held, strict=True)])
    if module.bias is None:
        return total
    shape = total.planes[0] if total.planes else total.constant
    bias = module.bias.expand_as(shape) if total.constant is None else total.constant + module.bias
    return Stream(planes=total.planes, weights=total.weights, constant=bias)
