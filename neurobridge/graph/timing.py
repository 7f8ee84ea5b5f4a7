"""When each node of a graph works: windows, latency, interval."""

from neurobridge.graph.codes import CODES
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Encode, Loop, Population
from neurobridge.graph.scales import carrier, spikes_numbers


def windows(graph: Graph) -> dict[str, tuple[int, int]]:
    """Return spiking node -> its first time step and the one after its last.

    In a windowed code a population fires after its whole input has arrived, a winner while its competitors fire;
    in a streaming code all work all the time. Inside a loop the span is from the first round to the last.
    """
    if CODES[graph.code].streaming:
        return {node.name: (0, graph.steps) for node in graph.nodes if spikes_numbers(node)}
    found: dict[str, tuple[int, int]] = {}
    _schedule(graph, 0, found)
    return found


def _schedule(graph: Graph, start: int, found: dict[str, tuple[int, int]]) -> int:
    """Add the windows of a graph that starts at a time step to `found`; return the step after its last."""
    ready: dict[str, int] = {}
    end = start
    for node in graph.nodes:
        begin = max((ready[edge.source] for edge in node.inputs), default=start)
        if isinstance(node, Loop):
            length = node.shape[0]
            period = _schedule(node.body, begin, found) - begin
            ready[node.name] = begin + length * period
            last = begin + (length - 1) * period
            inside = node.body.everywhere.keys() & found.keys()
            found |= {name: (found[name][0], found[name][1] + last - begin) for name in inside}
        else:
            ready[node.name] = begin + (node.steps if isinstance(node, Population) else 0)
        if isinstance(node, Encode) and node.size is not None:
            found[node.name] = (begin, begin + 1)  # a token is one spike
        if spikes_numbers(node):
            found[node.name] = (ready[node.name] - carrier(graph, node).steps, ready[node.name])
        end = max(end, ready[node.name])
    return end


def latency(graph: Graph) -> int:
    """Return the time steps from the first input spike to the decided output: the longest path."""
    return graph.steps if CODES[graph.code].streaming else _schedule(graph, 0, {})


def interval(graph: Graph) -> int:
    """Return the time steps between two samples when the layers work as a pipeline: a loop is one stage."""
    if CODES[graph.code].streaming:
        return graph.steps
    stages = [node.steps for node in graph.of(Population)]
    return max(stages + [node.shape[0] * _schedule(node.body, 0, {}) for node in graph.of(Loop)])
