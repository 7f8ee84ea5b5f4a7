"""The two runtimes of the signed code: neurons that take back what they sent too early, until nothing moves."""

from typing import Any

import numpy as np
import snntorch
import torch
from torch import Tensor, nn

from neurobridge.backends.snntorch.neurons import unlist
from neurobridge.backends.snntorch.streaming import arriving
from neurobridge.backends.snntorch.windowed import Watch, seen
from neurobridge.graph.codes import CODES, quantum
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Encode, Neurons, Readout, Synapses


class SettlingNeuron(snntorch.SpikingNeuron):
    """q <- q + I / quantum;  s = [q >= 1 and m < L] - [q < 0 and m > 0];  q <- q - s;  m <- m + s.

    It starts at q = 1/2, so that it comes to rest where m is the whole number between 0 and L next to its drive.
    """

    def __init__(self, node: Neurons, dtype: torch.dtype) -> None:
        super().__init__(init_hidden=True)
        unlist(self)
        self.shape, self.levels = node.shape, CODES["signed"].levels(node.steps)
        unit = np.asarray(quantum(node.low, node.high, "signed", node.steps, node.paired))
        self.unscaled = bool(np.all(unit == 1))
        self.register_buffer("gain", torch.as_tensor(1 / unit, dtype=dtype))
        self.register_buffer("start", torch.as_tensor(np.array(0.5 - node.low / unit), dtype=dtype))

    def first_state(self, samples: int) -> tuple[Tensor, Tensor]:
        """Return the membrane, in quanta, and the number sent before the first step."""
        membrane = self.start.expand(samples, *self.shape).clone(memory_format=torch.contiguous_format)
        return membrane, torch.zeros_like(membrane)

    def forward(self, current: Tensor | None, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Any]:
        """Return the spikes (-1, 0, 1) of a step and the state after it; no current is nothing."""
        membrane, sent = state
        if current is not None:
            membrane = membrane + (current if self.unscaled else current * self.gain)
        fires = (membrane >= 1) & (sent < self.levels)
        takes_back = (membrane < 0) & (sent > 0)
        spikes = fires.to(membrane.dtype) - takes_back.to(membrane.dtype)
        return spikes, (membrane - spikes, sent + spikes)


def stepped(
    graph: Graph, modules: nn.ModuleDict, inputs: dict[str, Tensor], watch: Watch | None = None, dtype: Any = None
) -> list[Tensor]:
    """Return the readouts, moving every spike at its own step; inputs and biases come at the first."""
    samples = len(next(iter(inputs.values())))
    neurons = graph.of(Neurons)
    states = {node.name: modules[node.name].first_state(samples) for node in neurons}
    trains: dict[str, list[Tensor]] = {node.name: [] for node in neurons}
    totals: dict[str, Tensor] = {}
    for step in range(graph.steps):
        values: dict[str, Tensor | None] = {}
        for node in graph.nodes:
            held = [values[edge.source] for edge in node.inputs]
            match node:
                case Encode():
                    values[node.name] = inputs[node.name] if step == 0 else None
                case Neurons():
                    values[node.name], states[node.name] = modules[node.name](held[0], states[node.name])
                    trains[node.name].append(values[node.name])  # type: ignore[arg-type]
                case Synapses():
                    values[node.name] = _summed(modules[node.name], held, first=step == 0)
                case Readout() if held[0] is not None:
                    totals[node.name] = totals[node.name] + held[0] if step else held[0]
    if watch is not None:
        for node in neurons:
            watch(node, torch.stack(trains[node.name]))
    return [totals[node.name] for node in graph.outputs]


def _summed(module: nn.Module, held: list[Tensor | None], first: bool) -> Tensor | None:
    """Return what arrives at a step: all inputs and the bias at the first, later only what spikes bring."""
    if first:
        return module(held)
    terms = [linear(x) for linear, x in zip(module.maps, held, strict=True) if x is not None]
    return sum(terms[1:], start=terms[0]) if terms else None


def fast(
    graph: Graph, modules: nn.ModuleDict, inputs: dict[str, Tensor], watch: Watch | None = None, dtype: Any = None
) -> list[Tensor]:
    """Return the readouts, layer by layer: the synapses of all steps as one product, then the neurons in turn.

    What comes at the first step only has length one along the steps.
    """
    samples = len(next(iter(inputs.values())))

    def fire(node: Neurons, currents: Tensor) -> Tensor:
        return seen(watch, node, scan(modules[node.name], currents, samples, graph.steps))

    return [x.sum(dim=0) for x in arriving(graph, modules, inputs, fire, project)]


def project(module: nn.Module, held: list[Tensor]) -> Tensor:
    """Return the synapses of all steps at once, the bias at the first."""
    if not held:
        return module(held)[None]
    parts = [
        linear(x.reshape(-1, *x.shape[2:])).unflatten(0, (-1, x.shape[1]))
        for linear, x in zip(module.maps, held, strict=True)
    ]
    parts.sort(key=len, reverse=True)
    total = parts[0] if len(parts) == 1 and module.bias is None else parts[0].clone()
    for part in parts[1:]:
        total[: len(part)] += part
    if module.bias is not None:
        total[0] += module.bias
    return total


def scan(neuron: SettlingNeuron, currents: Tensor, samples: int, steps: int) -> Tensor:
    """Return the spikes (step, sample, ...) of neurons that take spikes back."""
    state = neuron.first_state(samples)
    spikes = torch.zeros(steps, *state[0].shape, dtype=state[0].dtype, device=state[0].device)
    for step in range(steps):
        spikes[step], state = neuron(currents[step] if step < len(currents) else None, state)
    return spikes
