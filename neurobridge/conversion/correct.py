"""Repair of the rate code after its thresholds are set, layer by layer on what the spiking neurons before it do."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from numpy import ndarray
from torch import Tensor

from neurobridge.backends.snntorch.analog import AnalogNetwork
from neurobridge.backends.snntorch.streaming import IntegrateAndFire, project, scan
from neurobridge.backends.snntorch.synapses import Weights
from neurobridge.conversion.least_squares import refit
from neurobridge.conversion.repair import Repair
from neurobridge.graph import maps
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Edge, Encode, Neurons, Node, Synapses
from neurobridge.graph.rewrite import simplify
from neurobridge.graph.scales import number_scale

SAMPLES = 1024
"""Calibration samples whose spike trains are held at once, if they are not too many."""

MOST_SPIKES = 2**26
"""Neurons x samples x steps of one population that are held at once."""

ROUNDS = 2
"""Times that each population's bias is corrected."""

RIDGE = 0.1
"""Strength of the ridge, in the mean square of what one weight sees; 0.001 to 0.1 were tried."""

STARTS = np.linspace(0.2, 0.8, 13)
"""First membranes that are tried, in thresholds."""


def correct_on_spikes(
    graph: Graph, analog: AnalogNetwork, batches: list[tuple[Tensor, ...]], repair: Repair | None = None
) -> Graph:
    """Return the graph with weights, first membranes and biases fitted so that spikes tell what real numbers did.

    Layers are repaired in order, each on the spikes of the repaired ones before it.

    Args:
        graph: of the rate code, its ranges set.
        analog: the same network with real numbers.
        batches: calibration data.
        repair: what to do; the usual if None.
    """
    largest = max((int(np.prod(node.shape)) for node in graph.of(Neurons)), default=1)
    samples = max(2, min(SAMPLES, MOST_SPIKES // (largest * graph.steps)))
    inputs = tuple(torch.cat(parts)[:samples] for parts in zip(*batches, strict=True))
    nodes = tuple(new for node in _Prefix(graph, analog, inputs, repair or Repair()).nodes() for new in node)
    return simplify(replace(graph, nodes=nodes))


class _Prefix:
    """The spiking network so far, in real units, and what the network with real numbers does beside it."""

    def __init__(self, graph: Graph, analog: AnalogNetwork, inputs: tuple[Tensor, ...], repair: Repair) -> None:
        self.graph, self.repair = graph, repair
        self.values: dict[str, Tensor] = {
            node.name: x.transpose(0, 1) if node.timed else x[None]
            for node, x in zip(graph.inputs, inputs, strict=True)
        }
        self.exact: dict[str, Tensor] = {}
        analog.run(inputs, lambda node, values: self.exact.__setitem__(node.name, values))

    def nodes(self) -> Iterator[tuple[Node, ...]]:
        """Yield what each node becomes, in order."""
        for node in self.graph.nodes:
            if isinstance(node, Synapses):
                yield (self._synapses(node),)
            elif isinstance(node, Neurons):
                yield self._neurons(node)
            else:
                yield (node,)
            if not isinstance(node, Encode | Synapses | Neurons):
                self.values[node.name] = self.values[node.inputs[0].source]

    def _synapses(self, node: Synapses) -> Synapses:
        module = Weights(self.graph, node, torch.float32)
        held = [self.values[edge.source] for edge in node.inputs]
        weighted = {i: linear for i, linear in enumerate(node.maps) if isinstance(linear, maps.Dense | maps.Convolve)}
        shift: Tensor | None = None
        if self.repair.weights and weighted and any(len(x) > 1 for x in held):
            first = next(iter(weighted.values()))
            axis = -1 if isinstance(first, maps.Dense) else -1 - len(first.stride)
            means = [x.mean(dim=0) for x in held]
            shift = refit(module, means, self.exact[node.name], RIDGE, axis, tuple(weighted))
            node = replace(node, maps=tuple(map(_refitted, node.maps, module.maps)), bias=_moved(node.bias, shift))
        found = project(module, held)
        self.values[node.name] = found if shift is None else found + shift
        return node

    def _neurons(self, node: Neurons) -> tuple[Node, ...]:
        low, theta = (torch.as_tensor(x, dtype=torch.float32) for x in number_scale(self.graph, node))
        drive = (self.values[node.inputs[0].source] - low) / theta
        wanted = (self.exact[node.name] - low) / theta
        if self.repair.membranes != "half" and node.initial is None:
            node = replace(node, initial=self._start(node, drive, wanted))
        shift = torch.zeros(())
        for _ in range(ROUNDS if self.repair.bias else 0):
            shift = shift + _channel_mean(node, wanted - self._fired(node, drive + shift).mean(dim=0))
        self.values[node.name] = low + theta * self._fired(node, drive + shift)
        if not self.repair.bias:
            return (node,)
        name = f"{node.name}:correction"
        bias = (shift * theta).double().numpy()
        moved = Synapses(name=name, inputs=node.inputs, shape=node.shape, maps=(maps.Identity(),), bias=bias)
        return moved, replace(node, inputs=(Edge(source=name),))

    def _fired(self, node: Neurons, drive: Tensor) -> Tensor:
        unit = replace(node, low=np.zeros(()), high=np.ones(()))
        return scan(IntegrateAndFire(unit, torch.float32), drive, self.graph.steps)

    def _start(self, node: Neurons, drive: Tensor, wanted: Tensor) -> ndarray:
        """Return the first membranes, in thresholds: zero, or those with the least squared error of each channel."""
        if self.repair.membranes == "zero":
            return np.zeros(())
        tried = [self._fired(replace(node, initial=np.asarray(start)), drive).mean(dim=0) for start in STARTS]
        errors = torch.stack([_channel_mean(node, (got - wanted).square()) for got in tried])
        return STARTS[errors.argmin(dim=0).numpy()]


def _channel_mean(node: Neurons, values: Tensor) -> Tensor:
    axes = [axis for axis in range(-len(node.shape), 0) if axis != node.channel]
    return values.double().mean(dim=[0, *axes], keepdim=True)[0].float()


def _refitted(linear: maps.LinearMap, module: torch.nn.Module) -> maps.LinearMap:
    if not isinstance(linear, maps.Dense | maps.Convolve):
        return linear
    return replace(linear, weight=module.weight.detach().double().numpy())


def _moved(bias: ndarray | None, shift: Tensor) -> ndarray:
    moved = shift.double().numpy()
    return moved if bias is None else np.asarray(bias + moved)
