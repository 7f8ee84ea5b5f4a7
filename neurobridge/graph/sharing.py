"""Neurons that share a number: they bear one name, all but the first with a number behind it."""

from neurobridge.graph.graph import Graph

COPY = ":copy"
"""Stands between the name of the first and the number of another."""


def sharing(graph: Graph) -> dict[str, tuple[str, ...]]:
    """Return population -> itself and the others that share its numbers, also inside loops."""
    found: dict[str, tuple[str, ...]] = {}
    for node in graph.populations:
        first = node.name.partition(COPY)[0]
        found[first] = (*found.get(first, ()), node.name)
    return found
