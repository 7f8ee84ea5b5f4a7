"""How many neurons share each number of a windowed network: as many as are asked for, or as a target needs."""

from collections.abc import Mapping

import torch
from torch import Tensor

from neurobridge.backends.snntorch.analog import AnalogNetwork
from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.conversion.copies import MOST_COPIES, copies_for, shareable, shared, steps_with
from neurobridge.conversion.precision import Target, fit_steps, joined, with_steps
from neurobridge.conversion.ranges import fit_ranges
from neurobridge.errors import CalibrationError
from neurobridge.graph.graph import Graph


def fit_shared(
    graph: Graph, copies: Mapping[str, int], analog: AnalogNetwork, batches: list[tuple[Tensor, ...]]
) -> Graph:
    """Return the graph, ranges set, with some numbers shared by several neurons.

    Args:
        graph: lowered, of a windowed code.
        copies: population -> neurons that share each of its numbers.
        analog: the same network with real numbers.
        batches: calibration data.
    """
    steps = {node.name: node.steps for node in graph.populations if copies.get(node.name, 1) > 1}
    # ranges are those of a code as fine as all together are
    finer = {name: steps_with(steps[name], copies[name], graph.code) for name in steps}
    fitted = fit_ranges(graph.mapped(lambda node: with_steps(node, finer)), analog, batches)
    return shared(fitted.mapped(lambda node: with_steps(node, steps)), copies)


def fit_copies(graph: Graph, analog: AnalogNetwork, batches: list[tuple[Tensor, ...]], target: Target) -> Graph:
    """Return the graph, ranges set, with about the fewest neurons for each number that meet the target in its steps.

    Steps are found as by `fit_steps`; where a population would take more than it has, more neurons share its numbers.

    Args:
        graph: lowered, of a windowed code, with its steps.
        analog: the same network with real numbers.
        batches: calibration data.
        target: to be met on all of it.

    Raises:
        CalibrationError: the target is not met, or too few samples could show it.
    """
    steps = {node.name: node.steps for node in shareable(graph)}
    wanted = joined(analog.run(batch) for batch in batches)
    taken = fit_steps(graph, analog, batches, target)
    copies = {n.name: copies_for(steps[n.name], n.steps, graph.code) for n in taken.populations if n.name in steps}
    while True:
        found = fit_shared(graph, copies, analog, batches)
        network = SpikingNetwork(found)
        with torch.no_grad():
            if target.met(joined(network.run(batch) for batch in batches), wanted):
                return found
        if min(copies.values(), default=MOST_COPIES) >= MOST_COPIES:
            raise CalibrationError(
                f"the target is not met in {graph.steps} steps with up to {MOST_COPIES} neurons a number; give more "
                "steps: products and maxima have one neuron a number"
            )
        copies = {name: min(MOST_COPIES, 2 * k) for name, k in copies.items()}
