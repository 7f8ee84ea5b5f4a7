"""Training of a rate network's synapses from where conversion left them, by surrogate gradients through its spikes."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from neurobridge.backends.snntorch.analog import AnalogNetwork
from neurobridge.backends.snntorch.maps import Convolve, Dense
from neurobridge.backends.snntorch.streaming import IntegrateAndFire, arriving
from neurobridge.graph import maps
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Neurons, Node, Synapses
from neurobridge.graph.scales import number_scale

Loss = Callable[[list[Tensor], Tensor], Tensor]
"""Of the outputs for some samples, and which samples these are."""

LEARNING_RATE = 0.01
"""Of Adam, in the root mean square of the tensor that is trained; 0.01 and 0.03 were tried."""


def tuned(
    graph: Graph,
    inputs: tuple[Tensor, ...],
    loss: Loss,
    epochs: int,
    learning_rate: float = LEARNING_RATE,
    batch_size: int = 64,
    seed: int = 0,
) -> Graph:
    """Return the graph with weights and biases trained; thresholds and first membranes stay.

    The gradient of a spike is that of snnTorch's neurons (the arctangent of Fang et al. 2021 by default), through all
    steps. Adam, its rate falling to zero along half a cosine.

    Args:
        graph: of the rate code, fitted.
        inputs: (sample, ...) for each encoder.
        loss: what becomes smaller.
        epochs: passes over the inputs.
        learning_rate: in the root mean square of each tensor.
        batch_size: samples between two changes.
        seed: of the order of the samples.
    """
    run = _Differentiable(graph)
    trained = [p for module in run.synapses.values() for p in _trainable(module)]
    scales = [max(float(p.detach().square().mean().sqrt()), 1e-6) for p in trained]
    groups = [{"params": [p], "lr": learning_rate * s} for p, s in zip(trained, scales, strict=True)]
    optimizer = torch.optim.Adam(groups, betas=(0.9, 0.99))
    generator = torch.Generator().manual_seed(seed)
    total = epochs * math.ceil(len(inputs[0]) / batch_size)
    falling = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: 0.5 * (1 + math.cos(math.pi * k / max(total, 1))))
    with torch.enable_grad():
        for _ in range(epochs):
            for chosen in torch.randperm(len(inputs[0]), generator=generator).split(batch_size):
                optimizer.zero_grad()
                loss(run.outputs(tuple(x[chosen] for x in inputs)), chosen).backward()
                optimizer.step()
                falling.step()
    return graph.mapped(run.learnt)


def _trainable(module: nn.Module) -> list[nn.Parameter]:
    """Return the weights of dense and convolutional maps, and the bias; means and sums stay what they are."""
    own = [] if module.bias is None else [module.bias]
    weights = [part.weight for part in module.maps if isinstance(part, Dense | Convolve)]
    return [parameter.requires_grad_() for parameter in own + weights]


class _Differentiable:
    """A rate network in real units: the synapses of all steps at once, then snnTorch's neurons step by step."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        parts = AnalogNetwork(graph).parts
        self.synapses = {node.name: parts[node.name] for node in graph.of(Synapses)}
        units = {n.name: replace(n, low=np.zeros(()), high=np.ones(())) for n in graph.of(Neurons)}
        self.neurons = {name: IntegrateAndFire(unit, torch.float32) for name, unit in units.items()}
        scales = {node.name: number_scale(graph, node) for node in graph.of(Neurons)}
        self.scales = {name: tuple(torch.as_tensor(x).float() for x in pair) for name, pair in scales.items()}

    def outputs(self, inputs: tuple[Tensor, ...]) -> list[Tensor]:
        """Return the readouts."""
        given = {node.name: x for node, x in zip(self.graph.inputs, inputs, strict=True)}
        found = arriving(self.graph, self.synapses, given, lambda node, drive: self._fired(node.name, drive))
        return [x.mean(dim=0) for x in found]

    def _fired(self, name: str, drive: Tensor) -> Tensor:
        low, theta = self.scales[name]
        neuron, drive = self.neurons[name], (drive - low) / theta
        membrane, trains = neuron.first_membrane(drive.shape[1]), []
        for step in range(self.graph.steps):
            spikes, membrane = neuron(drive[step if len(drive) > 1 else 0], membrane)
            trains.append(spikes)
        return low + theta * torch.stack(trains)

    def learnt(self, node: Node) -> Node:
        """Return a node with what was learnt."""
        if not isinstance(node, Synapses):
            return node
        module = self.synapses[node.name]
        bias = None if module.bias is None else module.bias.detach().double().numpy()
        return replace(node, maps=tuple(map(_learnt_map, node.maps, module.maps)), bias=bias)


def _learnt_map(linear: maps.LinearMap, module: nn.Module) -> maps.LinearMap:
    if not isinstance(linear, maps.Dense | maps.Convolve):
        return linear
    return replace(linear, weight=module.weight.detach().double().numpy())
