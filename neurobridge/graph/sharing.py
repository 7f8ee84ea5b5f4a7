"""Neurons that share a number: they bear one name, all but the first with a number behind it."""

from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Node

COPY = ":copy"
"""Stands between the name of the first and the number of another."""


def number_of(node: Node) -> str:
    """Return the name that a population has with all that share its numbers."""
    return node.name.partition(COPY)[0]


def sharing(graph: Graph) -> dict[str, tuple[str, ...]]:
    """Return population -> itself and the others that share its numbers, also inside loops."""
    found: dict[str, tuple[str, ...]] = {}
    for node in graph.populations:
        first = number_of(node)
        found[first] = (*found.get(first, ()), node.name)
    return found
