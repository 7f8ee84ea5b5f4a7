"""The two runtimes of the rate code: snnTorch's own neurons step by step, and all steps of a layer at once."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import snntorch
import torch
from torch import Tensor, nn

from neurobridge.backends.snntorch.neurons import unlist
from neurobridge.backends.snntorch.windowed import Watch, seen
from neurobridge.graph.dynamics import initial
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Dynamics, Edge, Encode, Neurons, Readout, Synapses

TIE = {torch.float32: 2.0**-20, torch.float64: 2.0**-40}
"""Added to the first membrane: snnTorch fires above its threshold, the graph at it."""


class IntegrateAndFire(snntorch.Leaky):
    """snnTorch's leaky neuron without leak: v <- v + x - s_before, s = [v > 1], a soft reset one step later.

    With beta = 1 the late reset is exact: the spikes are those of v <- v + x, s = [v >= 1], v <- v - s.
    """

    def __init__(self, node: Neurons, dtype: torch.dtype) -> None:
        super().__init__(beta=1.0, threshold=1.0, reset_mechanism="subtract")
        unlist(self)
        self.shape = node.shape
        self.register_buffer("start", torch.as_tensor(initial(node) + TIE[dtype], dtype=dtype))
        self.to(dtype)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "IntegrateAndFire":
        before = self.start.dtype
        super()._apply(fn, recurse)
        if self.start.dtype != before:  # what decides ties in 64 bits is lost in 32, and too much the other way
            self.start += TIE[self.start.dtype] - TIE[before]
        return self

    def first_membrane(self, samples: int) -> Tensor:
        """Return the membrane before the first step, in full shape: snnTorch takes zeros for any other."""
        # a copy, also of a single neuron: the scan adds to it in place
        return self.start.expand(samples, *self.shape).clone(memory_format=torch.contiguous_format)


class LeakyIntegrateAndFire(snntorch.SpikingNeuron):
    """Neurons given by dynamics, as `graph.nodes.Dynamics` says, in the order of operations of snnTorch's own.

    snnTorch's Leaky and Synaptic are this with a reset by their threshold; they take no other reset.
    """

    def __init__(self, node: Dynamics, dtype: torch.dtype) -> None:
        super().__init__(init_hidden=True)
        unlist(self)
        self.shape, self.filters, self.empties = node.shape, node.alpha is not None, node.reset is None
        values = {"leak": node.beta, "decay": node.alpha, "level": node.threshold, "drop": node.reset}
        for name, value in (values | {"offset": node.bias, "start": node.initial}).items():
            self.register_buffer(name, torch.as_tensor(np.array(0.0 if value is None else value), dtype=dtype))

    def first_membrane(self, samples: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return membrane, synaptic current and spikes before the first step."""
        whole = (samples, *self.shape)
        zeros = torch.zeros(whole, dtype=self.start.dtype, device=self.start.device)
        return self.start.expand(whole).clone(), zeros, zeros

    def forward(self, current: Tensor, state: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Any]:
        """Return the spikes of a step and the state after it."""
        membrane, synaptic, before = state
        if self.filters:
            current = self.decay * synaptic + current
        if self.empties:
            membrane = self.leak * ((1 - before) * membrane) + current + self.offset
        else:
            membrane = self.leak * membrane + current + self.offset - before * self.drop
        spikes = (membrane > self.level).to(membrane.dtype)
        return spikes, (membrane, current, spikes)


def stepped(
    graph: Graph, modules: nn.ModuleDict, inputs: dict[str, Tensor], watch: Watch | None = None, dtype: Any = None
) -> list[Tensor]:
    """Return the readouts: the mean membrane increase over T steps."""
    samples = len(next(iter(inputs.values())))
    neurons = [node for node in graph.nodes if isinstance(node, Neurons | Dynamics)]
    membranes = {node.name: modules[node.name].first_membrane(samples) for node in neurons}
    trains: dict[str, list[Tensor]] = {node.name: [] for node in neurons}
    totals: dict[str, Tensor | float] = {node.name: 0.0 for node in graph.outputs}
    past: deque[dict[str, Tensor]] = deque(maxlen=1 + max(_delays(graph), default=0))
    like = next(iter(inputs.values()))
    for step in range(graph.steps):
        values: dict[str, Tensor] = {}
        past.append(values)
        for node in graph.nodes:
            held = [_arrived(past, graph, edge, samples, like) for edge in node.inputs]
            match node:
                case Encode():
                    values[node.name] = inputs[node.name][:, step] if node.timed else inputs[node.name]
                case Neurons() | Dynamics():
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


def _delays(graph: Graph) -> list[int]:
    return [edge.delay for node in graph.nodes for edge in node.inputs]


def _arrived(past: deque[dict[str, Tensor]], graph: Graph, edge: Edge, samples: int, like: Tensor) -> Tensor:
    """Return what an edge brings now; nothing before its delay is over."""
    if edge.delay >= len(past):
        return torch.zeros(samples, *graph.by_name[edge.source].shape, dtype=like.dtype, device=like.device)
    return past[-1 - edge.delay][edge.source]


def fast(
    graph: Graph, modules: nn.ModuleDict, inputs: dict[str, Tensor], watch: Watch | None = None, dtype: Any = None
) -> list[Tensor]:
    """Return the readouts, layer by layer: the synapses of all T steps in one product, then a scan of the neurons.

    A tensor that does not change over time keeps a first axis of length one. Layers that feed back and delays have no
    such order: they are stepped.
    """
    if any(_delays(graph)):
        return stepped(graph, modules, inputs, watch, dtype)

    def fire(node: Neurons | Dynamics, currents: Tensor) -> Tensor:
        return seen(watch, node, scan(modules[node.name], currents, graph.steps))

    return [x.mean(dim=0) for x in arriving(graph, modules, inputs, fire)]


def project(module: nn.Module, held: list[Tensor]) -> Tensor:
    """Return the synapses of all steps at once; a source that does not change over time has one step."""
    samples = held[0].shape[1]
    flat = [x.reshape(-1, *x.shape[2:]) for x in held]
    if len({len(x) for x in held}) == 1:
        return module(flat).unflatten(0, (-1, samples))
    parts = [linear(rows).unflatten(0, (-1, samples)) for linear, rows in zip(module.maps, flat, strict=True)]
    total = sum(parts[1:], start=parts[0])
    return total if module.bias is None else total + module.bias


Fire = Callable[[Neurons | Dynamics, Tensor], Tensor]
"""Neurons, and what they get at each step (or once, with a first axis of length one) -> what they send at each."""


def arriving(
    graph: Graph,
    modules: Mapping[str, nn.Module],
    inputs: Mapping[str, Tensor],
    fire: Fire,
    project: Callable[[nn.Module, list[Tensor]], Tensor] = project,
) -> list[Tensor]:
    """Return what arrives at each readout (step, sample, ...), layer by layer: all steps of the synapses at once.

    Args:
        graph: of a streaming code, without delays.
        modules: name of synapses -> their module.
        inputs: encoder -> (sample, ...).
        fire: what neurons make of their currents.
        project: what synapses make of what they hold.
    """
    values: dict[str, Tensor] = {}
    for node in graph.nodes:
        held = [values[edge.source] for edge in node.inputs]
        match node:
            case Encode():
                values[node.name] = inputs[node.name].transpose(0, 1) if node.timed else inputs[node.name][None]
            case Neurons() | Dynamics():
                values[node.name] = fire(node, held[0])
            case Synapses():
                values[node.name] = project(modules[node.name], held)
            case Readout():
                values[node.name] = held[0]
    return [values[node.name] for node in graph.outputs]


def scan(neuron: IntegrateAndFire | LeakyIntegrateAndFire, currents: Tensor, steps: int) -> Tensor:
    """Return the spikes (step, sample, ...) of integrate-and-fire neurons, each rounding as the stepped neuron's."""
    if isinstance(neuron, LeakyIntegrateAndFire):
        return torch.stack(list(_fired(neuron, currents, steps)))
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


def _fired(neuron: LeakyIntegrateAndFire, currents: Tensor, steps: int) -> Iterator[Tensor]:
    state = neuron.first_membrane(currents.shape[1])
    for step in range(steps):
        spikes, state = neuron(currents[step if len(currents) > 1 else 0], state)
        yield spikes
