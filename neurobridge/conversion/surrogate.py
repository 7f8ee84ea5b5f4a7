"""A rate network whose spikes pass surrogate gradients on: trained like any network, and a graph again after."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import final

import numpy as np
import torch
from numpy import ndarray
from snntorch import surrogate
from torch import Tensor, nn

from neurobridge.backends.snntorch.analog import AnalogNetwork
from neurobridge.backends.snntorch.maps import Convolve, Dense
from neurobridge.backends.snntorch.parts import Parts
from neurobridge.backends.snntorch.streaming import IntegrateAndFire, arriving
from neurobridge.backends.snntorch.synapses import Weights
from neurobridge.conversion.learnable import as_array, with_learnt
from neurobridge.errors import lookup
from neurobridge.graph import maps
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Dynamics, Edge, Neurons, Node, Synapses
from neurobridge.graph.rewrite import simplify
from neurobridge.graph.scales import number_scale

Spike = Callable[[Tensor], Tensor]
"""Membranes less their thresholds -> spikes, with the gradient of something smooth."""

SURROGATES: Mapping[str, Spike] = {
    "arctan": surrogate.atan(alpha=2.0),  # Fang et al. 2021; snnTorch's own choice
    "fast sigmoid": surrogate.fast_sigmoid(slope=25),  # Zenke and Ganguli 2018; that of snnTorch's tutorials
}


@final
@dataclass(frozen=True, kw_only=True)
class Learning:
    """How a network learns through its spikes, and what besides weights and biases.

    Args:
        surrogate: one of `SURROGATES`, the derivative that stands for that of a spike.
        leaks: one leak for each population of leaky neurons is learnt too (Fang et al. 2021).
        normalised: while it learns, the drive of leaky neurons is normalised over samples, steps and places, to a
            standard deviation of one threshold at first (Zheng et al. 2021); weights and biases take that over.
    """

    surrogate: str = "arctan"
    leaks: bool = False
    normalised: bool = True

    def __post_init__(self) -> None:
        lookup("surrogate", self.surrogate, SURROGATES)


@final
@dataclass(frozen=True, kw_only=True)
class Start:
    """What a training through spikes starts from, for the records of training runs.

    Args:
        steps: T.
        learning: how it learns.
        weights: a checksum of all weights, biases and neurons.
    """

    steps: int
    learning: Learning
    weights: str


@final
class SurrogateNetwork(nn.Module):
    """Synapses of all steps at once, then the neurons step by step, in real units.

    Outputs are the means of what arrives at the readouts. Weights of dense and convolutional maps and biases are
    trained, and what `learning` names; means, sums, thresholds and first membranes stay.

    Args:
        graph: of the rate code, without delays.
        learning: how.
    """

    def __init__(self, graph: Graph, learning: Learning | None = None) -> None:
        super().__init__()
        self.graph, self.learning = graph, learning or Learning()
        parts = AnalogNetwork(graph).parts
        self.synapses = Parts({node.name: parts[node.name] for node in graph.of(Synapses)})
        self.neurons = Parts({node.name: _Coding(graph, node) for node in graph.of(Neurons)})
        for node in graph.of(Dynamics):
            self.neurons[node.name] = _Leaky(node, self.learning)
        self.requires_grad_(False)
        for parameter in self._trained():
            parameter.requires_grad_()
        content = b"".join(x.detach().cpu().numpy().tobytes() for x in self.state_dict().values())
        self.config = Start(steps=graph.steps, learning=self.learning, weights=f"{zlib.crc32(content):08x}")

    def _trained(self) -> list[nn.Parameter]:
        found = list(self.neurons.parameters())
        for module in self.synapses.modules():
            if isinstance(module, Weights) and module.bias is not None:
                found.append(module.bias)
            if isinstance(module, Dense | Convolve):
                found.append(module.weight)
        return found

    def forward(self, *inputs: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Return the outputs for real inputs (sample, ...): a tensor, or a tuple where the network has several."""
        given = self.graph.given(inputs)
        spike = SURROGATES[self.learning.surrogate]
        steps = self.graph.steps
        found = arriving(
            self.graph, self.synapses, given, lambda node, drive: self.neurons[node.name](drive, steps, spike)
        )
        outputs = tuple(x.mean(dim=0) for x in found)
        return outputs[0] if len(outputs) == 1 else outputs

    def learnt(self) -> Graph:
        """Return the graph with what was learnt."""
        nodes = tuple(new for node in self.graph.nodes for new in self._learnt(node))
        graph = replace(self.graph, nodes=nodes)
        return simplify(graph) if self.learning.normalised else graph

    def _learnt(self, node: Node) -> tuple[Node, ...]:
        if isinstance(node, Dynamics):
            return self.neurons[node.name].learnt(node)
        if not isinstance(node, Synapses):
            return (node,)
        return (with_learnt(node, self.synapses[node.name]),)


class _Coding(nn.Module):
    """Integrate-and-fire neurons that code a number, in thresholds: snnTorch's own."""

    def __init__(self, graph: Graph, node: Neurons) -> None:
        super().__init__()
        self.neuron = IntegrateAndFire(replace(node, low=np.zeros(()), high=np.ones(())), torch.float32)
        low, theta = number_scale(graph, node)
        self.register_buffer("low", _tensor(low))
        self.register_buffer("theta", _tensor(theta))

    def forward(self, drive: Tensor, steps: int, spike: Spike) -> Tensor:
        self.neuron.spike_grad = spike
        drive = (drive - self.low) / self.theta
        membrane, trains = self.neuron.first_membrane(drive.shape[1]), []
        for arrived in _each_step(drive, steps):
            spikes, membrane = self.neuron(arrived, membrane)
            trains.append(spikes)
        return self.low + self.theta * torch.stack(trains)


class _Leaky(nn.Module):
    """Neurons as `graph.nodes.Dynamics` says; as in snnTorch, no gradient goes through the reset."""

    fixed: Tensor

    def __init__(self, node: Dynamics, learning: Learning) -> None:
        super().__init__()
        self.empties, self.filters, self.channel = node.reset is None, node.alpha is not None, node.channel
        values = {"decay": node.alpha, "level": node.threshold, "drop": node.reset, "start": node.initial}
        for name, value in values.items():
            self.register_buffer(name, _tensor(0.0 if value is None else value))
        self.register_buffer("offset", None if node.bias is None else _tensor(node.bias))
        leak = _tensor(node.beta)
        self.register_buffer("fixed", leak)
        self.logit = nn.Parameter(torch.logit(leak)) if learning.leaks else None
        channels = 1 if node.channel is None else node.shape[node.channel]
        self.norm = nn.BatchNorm1d(channels) if learning.normalised else None

    @property
    def leak(self) -> Tensor:
        """What is left of a membrane after a step."""
        return self.fixed if self.logit is None else torch.sigmoid(self.logit)

    def forward(self, drive: Tensor, steps: int, spike: Spike) -> Tensor:
        drive = drive if self.norm is None else self._normalised(drive)
        leak, current, trains = self.leak, torch.zeros_like(drive[0]), []
        membrane, spikes = self.start.expand_as(current), current
        for arrived in _each_step(drive, steps):
            current = self.decay * current + arrived if self.filters else arrived
            before = spikes.detach()
            membrane = leak * (membrane * (1 - before) if self.empties else membrane) + current
            membrane = membrane if self.offset is None else membrane + self.offset
            membrane = membrane if self.empties else membrane - self.drop * before
            spikes = spike(membrane - self.level)
            trains.append(spikes)
        return torch.stack(trains)

    def _normalised(self, drive: Tensor) -> Tensor:
        assert self.norm is not None
        if self.channel is None:
            return self.norm(drive.reshape(-1, 1)).reshape(drive.shape)
        moved = drive.flatten(0, 1).movedim(self.channel, 1)
        normalised = self.norm(moved.reshape(*moved.shape[:2], -1)).reshape(moved.shape)
        return normalised.movedim(1, self.channel).unflatten(0, drive.shape[:2])

    def learnt(self, node: Dynamics) -> tuple[Node, ...]:
        """Return a node with what was learnt, behind synapses that do what its normalisation did."""
        node = node if self.logit is None else replace(node, beta=as_array(self.leak))
        if self.norm is None:
            return (node,)
        factor = self.norm.weight / torch.sqrt(self.norm.running_var + self.norm.eps)
        bias = self.norm.bias - self.norm.running_mean * factor
        shape = () if node.channel is None else (-1, *[1] * (-node.channel - 1))
        scale = Synapses(
            name=f"{node.name}:normalised",
            inputs=node.inputs,
            shape=node.shape,
            maps=(maps.Scale(factor=as_array(factor).reshape(shape)),),
            bias=as_array(bias).reshape(shape),
            origin=node.origin,
        )
        return scale, replace(node, inputs=(Edge(source=scale.name),))


def _each_step(drive: Tensor, steps: int) -> tuple[Tensor, ...]:
    """Return what arrives at each step; taken apart at once, since gradients of single steps are as large as all."""
    return drive.unbind() if len(drive) > 1 else (drive[0],) * steps


def _tensor(value: ndarray | float) -> Tensor:
    return torch.as_tensor(np.array(value)).float()
