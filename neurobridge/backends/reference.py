"""The interpreter that decides, behind the contract of every simulator."""

from numpy import ndarray

from neurobridge.backends.refusals import check_inputs
from neurobridge.graph.checks import check
from neurobridge.graph.graph import Graph
from neurobridge.graph.reference import Run, run


def simulate(graph: Graph, inputs: tuple[ndarray, ...]) -> Run:
    """Return what a graph does.

    Args:
        graph: any graph with calibrated ranges.
        inputs: for each encoder its numbers, (sample, ...).

    Raises:
        InputError: a graph that cannot run, or inputs of another number or shape.
    """
    check(graph)
    check_inputs(graph, inputs)
    return run(graph, *inputs)
