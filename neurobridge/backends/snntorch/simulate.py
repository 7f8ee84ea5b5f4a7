"""The stepped runtime in double precision behind the contract of every simulator: spikes, and membranes at firing."""

from typing import Any

import numpy as np
import torch
from numpy import ndarray
from torch import Tensor, nn

from neurobridge.backends.refusals import check_inputs
from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.backends.snntorch.neurons import WindowedNeuron
from neurobridge.backends.snntorch.settling import SettlingNeuron
from neurobridge.backends.snntorch.streaming import TIE, IntegrateAndFire, LeakyIntegrateAndFire
from neurobridge.graph.graph import Graph
from neurobridge.graph.neurons import window_excess
from neurobridge.graph.nodes import Node
from neurobridge.graph.reference import Run


@torch.no_grad()
def simulate(graph: Graph, inputs: tuple[ndarray, ...]) -> Run:
    """Return what a graph does in snnTorch, every spike fired by a neuron at its own step.

    Args:
        graph: any graph with calibrated ranges.
        inputs: for each encoder its numbers, (sample, ...).

    Raises:
        InputError: a graph that cannot run, or inputs of another number or shape.
    """
    network = SpikingNetwork(graph, dtype=torch.float64)
    check_inputs(graph, inputs)
    membranes = _Membranes(network)
    trains: dict[str, list[ndarray]] = {}

    def watch(node: Node, spikes: Tensor) -> None:
        trains.setdefault(node.name, []).append(spikes.numpy().astype(np.int64))

    outputs = network.run(tuple(map(torch.as_tensor, inputs)), "stepped", watch)
    spikes = {name: np.concatenate(rounds) for name, rounds in trains.items()}
    return Run(outputs=tuple(x.numpy() for x in outputs), spikes=spikes, excess=membranes.excess(trains))


class _Membranes:
    """Notes every membrane when its neuron decides, by hooks on the modules."""

    def __init__(self, network: SpikingNetwork) -> None:
        self.network, self.seen = network, dict[str, list[ndarray]]()
        for name, module in network.parts.items():
            if isinstance(module, IntegrateAndFire | LeakyIntegrateAndFire | SettlingNeuron | WindowedNeuron):
                self.seen[name] = []
                module.register_forward_hook(lambda module, _, output, name=name: self._note(name, module, output))

    def _note(self, name: str, module: nn.Module, output: Any) -> None:
        if isinstance(module, IntegrateAndFire):
            potential = output[1] - 1.0 - TIE[torch.float64]
        elif isinstance(module, LeakyIntegrateAndFire):
            potential = output[1][0] - module.level
        elif isinstance(module, SettlingNeuron):
            potential = _nearer_threshold(output, module.levels)
        elif module.step == 1:
            potential = module.mem
        else:
            return
        self.seen[name].append(potential.numpy().copy())

    def excess(self, trains: dict[str, list[ndarray]]) -> dict[str, ndarray]:
        """Return how far membranes stood above thresholds at each decision."""
        nodes, code = self.network.wired.everywhere, self.network.code
        found = {}
        for name, seen in self.seen.items():
            if isinstance(self.network.parts[name], WindowedNeuron):
                rounds = zip(seen, trains[name], strict=True)
                found[name] = np.concatenate([window_excess(nodes[name], x, planes, code) for x, planes in rounds])
            else:
                found[name] = np.array(seen)
        return found


def _nearer_threshold(output: tuple[Tensor, tuple[Tensor, Tensor]], levels: int) -> Tensor:
    """Return how far neurons that take spikes back stood above the nearer of their two thresholds."""
    spikes, (membrane, sent) = output
    membrane, sent = membrane + spikes, sent - spikes
    over = torch.where(sent < levels, membrane - 1, torch.nan)
    under = torch.where(sent > 0, -membrane, torch.nan)
    return torch.where(under.isnan() | (under.abs() >= over.abs()), over, under)
