"""Who is driven by whom: spikes travel through synapses until neurons, gates, races or readouts take them up."""

from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Encode, Node, Population, Port, Synapses, Winner


def receivers(graph: Graph) -> tuple[Node, ...]:
    """Return the nodes that take up what synapses bring: neurons, winners, gates, loops and readouts."""
    return tuple(node for node in graph.nodes if not isinstance(node, Synapses | Encode | Port))


def is_source(node: Node) -> bool:
    """Return whether a node sends spikes, or the constant current of a streaming encoder."""
    return isinstance(node, Population | Winner)
