"""Repair of the rate code after its thresholds are set: biases are corrected on what the spiking neurons do."""

from dataclasses import replace

import numpy as np
import torch
from numpy import ndarray
from torch import Tensor

from neurobridge.backends.snntorch.analog import AnalogNetwork
from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.backends.snntorch.streaming import project, scan
from neurobridge.graph import maps
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Edge, Encode, Neurons, Node, Readout, Synapses
from neurobridge.graph.rewrite import simplify
from neurobridge.graph.scales import number_scale

SAMPLES = 256
"""Calibration samples whose spike trains are held at once."""

ROUNDS = 2
"""Times that each population's bias is corrected."""


def correct_on_spikes(graph: Graph, analog: AnalogNetwork, batches: list[tuple[Tensor, ...]]) -> Graph:
    """Return the graph with the bias of each population moved until its mean rate is that of the real network.

    Populations are corrected in order, each on the spikes of the corrected ones before it (the bias correction of
    Li et al. 2021, "A free lunch from ANN", per channel, on the spiking prefix).

    Args:
        graph: of a streaming code, its ranges set.
        analog: the same network with real numbers.
        batches: calibration data.
    """
    inputs = tuple(torch.cat(parts)[:SAMPLES] for parts in zip(*batches, strict=True))
    exact: dict[str, ndarray] = {}

    def watch(node: Node, values: Tensor) -> None:
        if isinstance(node, Neurons):
            exact[node.name] = _channel_mean(node, values.double())

    analog.run(inputs, watch)
    shifts = _shifts(graph, inputs, exact)
    return simplify(_with_drive_bias(graph, shifts))


def _channel_mean(node: Neurons, values: Tensor) -> ndarray:
    axes = [axis for axis in range(-len(node.shape), 0) if axis != node.channel]
    return values.mean(dim=[0, *axes], keepdim=True)[0].cpu().numpy()


def _shifts(graph: Graph, inputs: tuple[Tensor, ...], exact: dict[str, ndarray]) -> dict[str, ndarray]:
    """Return the bias that each population needs, found in one pass through the spiking network."""
    network = SpikingNetwork(graph)
    wired, parts = network.wired, network.parts
    given = dict(zip((node.name for node in wired.inputs), inputs, strict=True))
    values: dict[str, Tensor] = {}
    shifts: dict[str, ndarray] = {}
    for node in wired.nodes:
        held = [values[edge.source] for edge in node.inputs]
        if isinstance(node, Encode):
            values[node.name] = given[node.name][None]
        elif isinstance(node, Synapses):
            values[node.name] = project(parts[node.name], held)
        elif isinstance(node, Neurons):
            original = graph.by_name[node.name]
            assert isinstance(original, Neurons)
            low, theta = number_scale(graph, original)
            wanted, shift = (exact[node.name] - low) / theta, np.zeros(())
            for _ in range(ROUNDS):
                drive = held[0] + torch.as_tensor(shift, dtype=held[0].dtype)
                values[node.name] = scan(parts[node.name], drive, graph.steps)
                found = _channel_mean(original, values[node.name].mean(dim=0).double())
                shift = shift + (wanted - found)
            values[node.name] = scan(
                parts[node.name], held[0] + torch.as_tensor(shift, dtype=held[0].dtype), graph.steps
            )
            shifts[node.name] = shift * theta
        elif isinstance(node, Readout):
            continue
    return shifts


def _with_drive_bias(graph: Graph, shifts: dict[str, ndarray]) -> Graph:
    nodes: list[Node] = []
    for node in graph.nodes:
        if node.name in shifts:
            name = node.name + ":correction"
            nodes.append(
                Synapses(
                    name=name, inputs=node.inputs, shape=node.shape, maps=(maps.Identity(),), bias=shifts[node.name]
                )
            )
            node = replace(node, inputs=(Edge(source=name),))
        nodes.append(node)
    return replace(graph, nodes=tuple(nodes))
