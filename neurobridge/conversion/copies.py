"""Several neurons for one number: a population code within the rate code."""

from dataclasses import replace

import numpy as np

from neurobridge.graph import maps
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Edge, Neurons, Node, Synapses
from neurobridge.graph.rewrite import redirect


def shared(graph: Graph, copies: int) -> Graph:
    """Return the graph with each number carried by the mean of several neurons with the same drive.

    Their first membranes are (j + 1/2) / copies of a threshold, j = 0 ... copies - 1: under a constant drive x the
    spikes of all in T steps are floor(copies T x + 1/2), as those of one neuron in copies x T steps.

    Args:
        graph: lowered, of the rate code.
        copies: neurons for each number; with 1 the graph stays as it is.
    """
    if copies == 1:
        return graph
    nodes: list[Node] = []
    names = {node.name: f"{node.name}:mean" for node in graph.of(Neurons)}
    for node in graph.nodes:
        node = redirect(node, names)
        if not isinstance(node, Neurons):
            nodes.append(node)
            continue
        each = [node.name, *(f"{node.name}:copy{j}" for j in range(1, copies))]
        starts = (np.arange(copies) + 0.5) / copies
        nodes.extend(replace(node, name=n, initial=np.asarray(v)) for n, v in zip(each, starts, strict=True))
        nodes.append(
            Synapses(
                name=names[node.name],
                inputs=tuple(Edge(source=name) for name in each),
                shape=node.shape,
                maps=tuple(maps.Scale(factor=np.asarray(1 / copies)) for _ in each),
                origin=node.origin,
            )
        )
    return replace(graph, nodes=tuple(nodes))
