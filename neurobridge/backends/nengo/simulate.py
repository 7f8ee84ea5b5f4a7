"""Run a spiking graph in Nengo, spike for spike as the reference does."""

from numpy import ndarray

from neurobridge.backends.nengo.streaming import simulate_streaming
from neurobridge.backends.nengo.windowed import simulate_windowed
from neurobridge.backends.refusals import check_inputs, refuse_what_is_not_neurons
from neurobridge.graph.checks import check
from neurobridge.graph.codes import CODES
from neurobridge.graph.graph import Graph
from neurobridge.graph.reference import Run
from neurobridge.graph.rewrite import wired


def simulate(graph: Graph, inputs: tuple[ndarray, ...]) -> Run:
    """Return what a graph does in Nengo's reference simulator, in double precision.

    Args:
        graph: any graph of neurons, synapses, races and readouts.
        inputs: for each encoder its numbers, (sample, ...).

    Raises:
        InputError: a graph that cannot run, or inputs of another number or shape.
        UnsupportedOperationError: products of populations or loops over sequences.
    """
    check(graph)
    check_inputs(graph, inputs)
    refuse_what_is_not_neurons(graph, "Nengo")
    run = simulate_streaming if CODES[graph.code].streaming else simulate_windowed
    return run(wired(graph), inputs)
