"""From a lowered graph to a fitted network of the rate code."""

from dataclasses import replace

import torch
from torch import Tensor

from neurobridge.backends.snntorch.analog import AnalogNetwork
from neurobridge.conversion.correct import correct_on_spikes
from neurobridge.conversion.ranges import fit_ranges
from neurobridge.conversion.repair import Repair
from neurobridge.conversion.tune import tuned
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Population


def fit_rate(
    graph: Graph,
    steps: int,
    analog: AnalogNetwork,
    batches: list[tuple[Tensor, ...]],
    repair: Repair,
    copies: int = 1,
) -> Graph:
    """Return the graph with thresholds for so many steps, repaired on its own spikes.

    Args:
        graph: lowered, of the rate code, its numbers shared out among `copies` neurons.
        steps: T.
        analog: the same network with real numbers.
        batches: calibration data.
        repair: what to do.
        copies: neurons that share each number.
    """
    # copies carry so many times the levels: their thresholds are those of a longer run
    longer = _timed(graph, steps * copies)
    fitted = _timed(fit_ranges(longer, analog, batches, clip=repair.thresholds == "least error"), steps)
    repaired = correct_on_spikes(fitted, analog, batches, repair)
    return _nearer_outputs(repaired, analog, batches, repair.epochs) if repair.epochs else repaired


def _nearer_outputs(graph: Graph, analog: AnalogNetwork, batches: list[tuple[Tensor, ...]], epochs: int) -> Graph:
    """Return the graph tuned as a whole to give the outputs of the network with real numbers."""
    inputs = tuple(torch.cat(parts) for parts in zip(*batches, strict=True))
    wanted = [torch.cat(parts) for parts in zip(*(analog.run(batch) for batch in batches), strict=True)]

    def loss(outputs: list[Tensor], chosen: Tensor) -> Tensor:
        errors = [(y - w[chosen]).square().mean() / w.square().mean() for y, w in zip(outputs, wanted, strict=True)]
        return torch.stack(errors).sum()

    return tuned(graph, inputs, loss, epochs)


def _timed(graph: Graph, steps: int) -> Graph:
    timed = replace(graph, steps=steps)
    return timed.mapped(lambda node: replace(node, steps=steps) if isinstance(node, Population) else node)
