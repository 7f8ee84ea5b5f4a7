"""What one spike is worth on a wire."""

import numpy as np
from numpy import ndarray

from neurobridge.graph.codes import CODES, quantum
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Encode, Node, Population, Winner


def spikes_numbers(node: Node) -> bool:
    """Return whether a node's output is a coded number: not a current, a membrane or a one-hot spike."""
    if isinstance(node, Encode):
        return not node.current and node.size is None
    return isinstance(node, Population | Winner)


def carrier(graph: Graph, node: Node) -> Population:
    """Return the population whose low, high and steps a node's spikes have: itself, or a winner's competitors."""
    while not isinstance(node, Population):
        node = graph.source(node)
    return node


def number_scale(graph: Graph, node: Node) -> tuple[ndarray, ndarray]:
    """Return low and quantum: the value of silence, and of n = 1 (of a spike at every step where a mean is read)."""
    population = carrier(graph, node)
    if CODES[graph.code].averages:
        return population.low, np.asarray(population.high - population.low)
    low = np.zeros(()) if population.paired else population.low
    return low, quantum(population.low, population.high, graph.code, population.steps, population.paired)


def wire_scale(graph: Graph, node: Node) -> tuple[ndarray, ndarray]:
    """Return what a wire adds for silence and for n = 1: (0, 1) where the weights hold the quantum."""
    if carrier(graph, node).whole:
        return np.zeros(()), np.ones(())
    return number_scale(graph, node)
