"""What a simulator cannot run, said before any work: all of it at once, by name."""

from neurobridge.errors import InputError, UnsupportedOperationError
from neurobridge.graph.codes import CODES
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Analog, Gate, Loop, Neurons, Node

REASONS: dict[type[Node], str] = {
    Gate: "a product of two populations, whose held side must be known before the other side fires",
    Loop: "a part that runs once for each element of a sequence",
    Analog: "an operation that does not spike",
}
"""Node -> what it is that simulators of separate neurons have no counterpart for."""


def refuse_what_is_not_neurons(graph: Graph, simulator: str) -> None:
    """Refuse a graph with nodes that are neither neurons, synapses, races nor readouts.

    Raises:
        UnsupportedOperationError: it names each such node.
    """
    found = [f"{node.name!r} is {REASONS[type(node)]}" for node in graph.nodes if type(node) in REASONS]
    if CODES[graph.code].takes_back:
        found += [f"{node.name!r} takes spikes back" for node in graph.of(Neurons)]
    if found:
        listed = "; ".join(found)
        raise UnsupportedOperationError(f"{simulator} cannot run this network: {listed}. Use the snnTorch backend.")


def check_inputs(graph: Graph, inputs: tuple) -> None:
    """Refuse another number of inputs than a graph has, or inputs of another shape.

    Raises:
        InputError: what was given, and what the graph takes.
    """
    given = graph.given(inputs)
    for node in graph.inputs:
        x = given[node.name]
        sample = node.shape if node.size is None else node.shape[:-1]
        sample = (graph.steps, *sample) if node.timed else sample
        if x.shape[1:] != sample or len(x) != len(inputs[0]):
            wanted = ", ".join(map(str, ("sample", *sample)))
            raise InputError(f"input {node.name!r} has shape {x.shape}; the graph takes ({wanted})")
