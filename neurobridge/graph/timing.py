"""When each node of a graph works: windows, latency, interval."""

from neurobridge.graph.codes import CODES
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Population
from neurobridge.graph.scales import carrier, spikes_numbers


def windows(graph: Graph) -> dict[str, tuple[int, int]]:
    """Return spiking node -> its first time step and the one after its last.

    In a windowed code a population fires after its whole input has arrived, a winner while its competitors fire;
    in a streaming code all work all the time.
    """
    if CODES[graph.code].streaming:
        return {node.name: (0, graph.steps) for node in graph.nodes if spikes_numbers(node)}
    ready: dict[str, int] = {}
    found: dict[str, tuple[int, int]] = {}
    for node in graph.nodes:
        start = max((ready[edge.source] for edge in node.inputs), default=0)
        steps = node.steps if isinstance(node, Population) else 0
        ready[node.name] = start + steps
        if spikes_numbers(node):
            found[node.name] = (ready[node.name] - carrier(graph, node).steps, ready[node.name])
    return found


def latency(graph: Graph) -> int:
    """Return the time steps from the first input spike to the decided output: the longest path."""
    return max(end for _, end in windows(graph).values())


def interval(graph: Graph) -> int:
    """Return the time steps between two samples when the layers work as a pipeline."""
    if CODES[graph.code].streaming:
        return graph.steps
    return max(node.steps for node in graph.populations)
