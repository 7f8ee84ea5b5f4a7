"""The range that each population uses: seen on calibration data, then fitted to the code."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from numpy import ndarray
from torch import Tensor

from neurobridge.backends.snntorch.analog import AnalogNetwork
from neurobridge.errors import CalibrationError
from neurobridge.graph.codes import CODES
from neurobridge.graph.functions import function, threshold_table
from neurobridge.graph.graph import Graph
from neurobridge.graph.neurons import first_membrane
from neurobridge.graph.nodes import Encode, Neurons, Node, Population

RADIX_MARGIN = 1.05
"""Headroom over the largest value seen, for radix codes of 7 steps or more; below, a grid decides."""

FINE_LEVELS = 127
"""From this many levels on, clipping costs more than resolution gains."""

GRID = np.concatenate([np.linspace(0.2, 1.0, 33), [1.05, 1.1]])
"""Clipping ratios that are tried: the threshold as a share of the largest value seen."""


@dataclass(frozen=True, kw_only=True)
class Range:
    """What a population's values were on calibration data.

    Attributes:
        low: smallest, per channel where ranges differ, else one number; broadcasts against a sample.
        high: largest, likewise.
    """

    low: ndarray
    high: ndarray


Batches = Iterable[tuple[Tensor, ...]]


def needs_range(node: Node) -> bool:
    """Return whether calibration finds a node's range."""
    if isinstance(node, Encode):
        return not node.current and node.size is None
    return isinstance(node, Neurons) and not node.fixed


def observe_ranges(
    network: AnalogNetwork, batches: Batches, graph: Graph | None = None, before: dict[str, Range] | None = None
) -> dict[str, Range]:
    """Return the range of every population that needs one, over all batches.

    Args:
        network: the network with real numbers.
        batches: calibration data.
        graph: with ranges, if each population is to be seen behind coded ones instead of real ones.
        before: ranges seen already, which are extended.
    """
    found: dict[str, Range] = dict(before or {})

    def watch(node: Node, values: Tensor) -> None:
        if needs_range(node):
            low, high = (_extreme(values, node, largest) for largest in (False, True))  # type: ignore[arg-type]
            seen = found.get(node.name)
            if seen is not None:
                low, high = np.minimum(low, seen.low), np.maximum(high, seen.high)
            found[node.name] = Range(low=low, high=high)

    passed_on = None if graph is None else partial(_nearest, graph)
    for batch in batches:
        network.run(batch, watch, passed_on)
    return found


def _nearest(graph: Graph, node: Node, values: Tensor) -> Tensor:
    """Return the coded values nearest to real ones."""
    coded = graph.everywhere[node.name]
    assert isinstance(coded, Population)
    if isinstance(coded, Encode) and (coded.current or coded.size is not None):
        return values
    low, high = (torch.as_tensor(end, dtype=values.dtype) for end in (coded.low, coded.high))
    quantum = (high if coded.paired else high - low) / _levels(graph, coded)
    bottom = -high if coded.paired else low
    return low + ((values.clamp(bottom, high) - low) / quantum + 0.5).floor_() * quantum


def _extreme(values: Tensor, node: Population, largest: bool) -> ndarray:
    reduce = torch.amax if largest else torch.amin
    axes = [axis for axis in range(-len(node.shape), 0) if axis != node.channel]
    lowest = reduce(values, dim=[0, *axes], keepdim=True)[0] if node.shape else reduce(values, dim=0)
    return lowest.double().cpu().numpy()


def needs_steps(node: Node) -> bool:
    """Return whether a node's number of steps can be chosen."""
    return isinstance(node, Neurons) or needs_range(node)


def fit_ranges(
    graph: Graph,
    network: AnalogNetwork,
    batches: list[tuple[Tensor, ...]],
    seen: dict[str, Range] | None = None,
    clip: bool = True,
) -> Graph:
    """Return the graph with the range of every population set, and the threshold tables that follow.

    Fine codes take the largest value seen and a margin, behind real numbers and then behind coded ones (a softmax's
    exponentials pass one where the coded maximum is a little low); coarse codes take the clipping ratio with the
    least mean squared error of the coded value, per channel.

    Args:
        graph: lowered.
        network: the same network with real numbers.
        batches: calibration data.
        seen: the ranges behind real numbers, if they were observed before.
        clip: whether coarse codes are clipped; if not, they keep the largest value seen.

    Raises:
        CalibrationError: a population whose values are not finite, or a reciprocal that comes too near zero.
    """
    seen = observe_ranges(network, batches) if seen is None else seen
    for name, found in seen.items():
        if not (np.all(np.isfinite(found.low)) and np.all(np.isfinite(found.high))):
            raise CalibrationError(
                f"population {name!r} ({graph.everywhere[name].origin}) is not finite on the calibration data; "
                "check the data, and that the network was trained with inputs of the same scale"
            )
    lowered = graph
    graph = lowered.mapped(lambda node: _first_range(node, seen))
    if not CODES[graph.code].streaming:
        seen = observe_ranges(network, batches, graph, seen)
        graph = lowered.mapped(lambda node: _first_range(node, seen))
    coarse = {n.name: n for n in graph.populations if needs_range(n) and _levels(graph, n) < FINE_LEVELS}
    if coarse and clip:
        ratios = _best_ratios(graph, coarse, network, batches)
        graph = graph.mapped(lambda n: _clipped(n, ratios[n.name]) if n.name in ratios else n)
    return graph.mapped(lambda node: with_table(node, graph.code))


def _levels(graph: Graph, node: Population) -> int:
    return CODES[graph.code].levels(node.steps)


def _first_range(node: Node, seen: dict[str, Range]) -> Node:
    """Return the population with the largest range it used, and a margin."""
    if node.name not in seen or not isinstance(node, Population):
        return node
    low, high = seen[node.name].low, seen[node.name].high
    plain = not isinstance(node, Neurons) or node.function == "identity"
    if plain and np.all(low >= 0) and not node.offset:
        node = replace(node, paired=False)
    if node.offset:
        room = (RADIX_MARGIN - 1) / 2 * _filled(high - low)
        return replace(node, low=np.asarray(low - room), high=np.asarray(high + room))
    largest = np.maximum(high, -low) if node.paired else high
    return replace(node, high=np.asarray(RADIX_MARGIN * _filled(largest)))


def _filled(largest: ndarray) -> ndarray:
    """Return ranges with those of silent channels replaced by the largest of the others, or one."""
    top = float(largest.max(initial=0.0))
    return np.where(largest > 1e-12 * max(top, 1e-300), largest, top if top > 0 else 1.0)


def _clipped(node: Node, ratio: ndarray) -> Node:
    assert isinstance(node, Population)
    return replace(node, high=np.asarray(node.high / RADIX_MARGIN * ratio))


def _best_ratios(
    graph: Graph, coarse: dict[str, Population], network: AnalogNetwork, batches: list[tuple[Tensor, ...]]
) -> dict[str, ndarray]:
    """Return the clipping ratio of each channel of each population with the least squared error of its values."""
    errors: dict[str, ndarray] = {}

    def watch(node: Node, values: Tensor) -> None:
        if node.name not in coarse or coarse[node.name].offset:
            return
        target = coarse[node.name]
        levels = _levels(graph, target)
        base = torch.as_tensor(target.high / RADIX_MARGIN, dtype=values.dtype)
        axes = [axis for axis in range(-len(target.shape), 0) if axis != target.channel]
        rows = []
        for ratio in GRID:
            quantum = base * ratio / levels
            coded = (values.abs() / quantum + 0.5).floor_().clamp_(max=levels) * quantum
            error = (coded - (values.abs() if target.paired else values)).square_()
            rows.append(error.sum(dim=[0, *axes], keepdim=True)[0] if target.shape else error.sum(dim=0))
        total = torch.stack(rows).double().cpu().numpy()
        errors[node.name] = errors.get(node.name, 0.0) + total

    for batch in batches:
        network.run(batch, watch)
    return {name: GRID[table.argmin(axis=0)] for name, table in errors.items()}


def with_table(node: Node, code: str) -> Node:
    """Return the node with the threshold table of its function and range.

    Raises:
        CalibrationError: a reciprocal whose drive came so near zero that its range means nothing.
    """
    if not isinstance(node, Neurons) or function(node.function).linear:
        return node
    low, high = float(np.min(node.low)), float(np.max(node.high))
    if not np.isfinite(high) or high > 1e12:
        raise CalibrationError(
            f"{node.function} population {node.name!r} ({node.origin}) has a drive too near zero; take more steps, so "
            "that what it divides by is not sent as zero"
        )
    levels = CODES[code].levels(node.steps)
    # one table for a population: its first membranes are alike
    table = threshold_table(node.function, node.arguments, low, high, levels, node.paired, float(first_membrane(node)))
    return replace(node, low=np.full((), 0.0 if node.paired else low), high=np.full((), high), table=table)
