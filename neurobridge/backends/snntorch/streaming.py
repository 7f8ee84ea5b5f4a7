"""The two runtimes of the rate code: snnTorch's own neurons step by step, and all steps of a layer at once."""

from typing import Any

import snntorch
import torch
from torch import Tensor, nn

from neurobridge.backends.snntorch.neurons import unlist
from neurobridge.backends.snntorch.windowed import Watch
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Encode, Neurons, Readout, Synapses
from neurobridge.graph.reference import initial

TIE = {torch.float32: 2.0**-20, torch.float64: 2.0**-40}
"""Added to the first membrane: snnTorch fires above its threshold, the graph at it."""


class IntegrateAndFire(snntorch.Leaky):
    """snnTorch's leaky neuron without leak: v <- v + x - s_before, s = [v > 1], a soft reset one step later.

    With beta = 1 the late reset is exact: the spikes are those of v <- v + x, s = [v >= 1], v <- v - s.
    """

    def __init__(self, node: Neurons, dtype: torch.dtype) -> None:
        super().__init__(beta=1.0, threshold=1.0, reset_mechanism="subtract")
        unlist(self)
        self.to(dtype)
        self.shape = node.shape
        self.register_buffer("start", torch.as_tensor(initial(node) + TIE[dtype], dtype=dtype))

    def first_membrane(self, samples: int) -> Tensor:
        """Return the membrane before the first step, in full shape: snnTorch takes zeros for any other."""
        # a copy, also of a single neuron: the scan adds to it in place
        return self.start.expand(samples, *self.shape).clone(memory_format=torch.contiguous_format)


def stepped(
    graph: Graph, modules: nn.ModuleDict, inputs: dict[str, Tensor], watch: Watch | None = None, dtype: Any = None
) -> list[Tensor]:
    """Return the readouts: the mean membrane increase over T steps."""
    samples = len(next(iter(inputs.values())))
    neurons = graph.of(Neurons)
    membranes = {node.name: modules[node.name].first_membrane(samples) for node in neurons}
    trains: dict[str, list[Tensor]] = {node.name: [] for node in neurons}
    totals: dict[str, Tensor | float] = {node.name: 0.0 for node in graph.outputs}
    for _ in range(graph.steps):
        values: dict[str, Tensor] = {}
        for node in graph.nodes:
            held = [values[edge.source] for edge in node.inputs]
            match node:
                case Encode():
                    values[node.name] = inputs[node.name]
                case Neurons():
                    spikes, membranes[node.name] = modules[node.name](held[0], membranes[node.name])
                    values[node.name] = spikes.to(held[0].dtype)
                    trains[node.name].append(values[node.name])
                case Synapses():
                    values[node.name] = modules[node.name](held)
                case Readout():
                    values[node.name] = held[0]
                    totals[node.name] = totals[node.name] + held[0]
    if watch is not None:
        for node in neurons:
            watch(node, torch.stack(trains[node.name]))
    return [totals[node.name] / graph.steps for node in graph.outputs]


def fast(
    graph: Graph, modules: nn.ModuleDict, inputs: dict[str, Tensor], watch: Watch | None = None, dtype: Any = None
) -> list[Tensor]:
    """Return the readouts, layer by layer: the synapses of all T steps in one product, then a scan of the neurons.

    A tensor that does not change over time keeps a first axis of length one.
    """
    values: dict[str, Tensor] = {}
    for node in graph.nodes:
        held = [values[edge.source] for edge in node.inputs]
        match node:
            case Encode():
                values[node.name] = inputs[node.name][None]
            case Neurons():
                values[node.name] = scan(modules[node.name], held[0], graph.steps)
                if watch is not None:
                    watch(node, values[node.name])
            case Synapses():
                values[node.name] = project(modules[node.name], held)
            case Readout():
                values[node.name] = held[0].mean(dim=0)
    return [values[node.name] for node in graph.outputs]


def project(module: nn.Module, held: list[Tensor]) -> Tensor:
    """Return the synapses of all steps at once; a source that does not change over time has one step."""
    samples = held[0].shape[1]
    flat = [x.reshape(-1, *x.shape[2:]) for x in held]
    if len({len(x) for x in held}) == 1:
        return module(flat).unflatten(0, (-1, samples))
    parts = [linear(rows).unflatten(0, (-1, samples)) for linear, rows in zip(module.maps, flat, strict=True)]
    total = sum(parts[1:], start=parts[0])
    return total if module.bias is None else total + module.bias


def scan(neuron: IntegrateAndFire, currents: Tensor, steps: int) -> Tensor:
    """Return the spikes (step, sample, ...) of integrate-and-fire neurons, each rounding as the stepped neuron's."""
    membrane = neuron.first_membrane(currents.shape[1])
    spikes = torch.zeros(steps, *membrane.shape, dtype=membrane.dtype, device=membrane.device)
    before: Tensor | None = None
    for step in range(steps):
        membrane += currents[step if len(currents) > 1 else 0]
        if before is not None:
            membrane -= before
        before = torch.gt(membrane, 1.0, out=torch.empty_like(membrane, dtype=torch.bool)).to(membrane.dtype)
        spikes[step] = before
    return spikes
