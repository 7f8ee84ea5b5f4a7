"""How many steps each population needs: those whose errors the output feels most get more."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy.stats import beta
from torch import Tensor

from neurobridge.backends.snntorch.analog import AnalogNetwork
from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.conversion.ranges import fit_ranges, needs_steps, observe_ranges
from neurobridge.errors import CalibrationError, InputError
from neurobridge.graph.codes import MAX_STEPS
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Node, Population
from neurobridge.graph.timing import latency

PROBE = {"radix": 6, "latency": 64}
"""Steps of the one population that is coarse while its effect on the output is measured."""

FINE = {"radix": 14, "latency": 2048}
"""Steps of all others meanwhile."""

LEAST = {"radix": 4, "latency": 16, "rate": 1}
"""Steps that no population goes below: there the laws by which errors fall do not hold any more."""

FEW = 128
"""Calibration samples on which the effect of each population is measured."""

MOST_STREAMING = 256
"""Steps of a streaming code after which the search ends."""

ROUNDS = 10
"""Halvings of the range in which the common price of a step is searched."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a network must reach on calibration data, or how long it may take.

    Attributes:
        rel_error: largest relative RMS error of the outputs, or None.
        disagreement: largest share of samples with another choice than the original, 95 % upper bound, or None.
        latency: steps from input to output, given out so that the error is least, or None.
    """

    rel_error: float | None = None
    disagreement: float | None = None
    latency: int | None = None

    def __post_init__(self) -> None:
        given = [value for value in (self.rel_error, self.disagreement) if value is not None]
        if self.latency is not None:
            whole = isinstance(self.latency, int) and not isinstance(self.latency, bool) and self.latency >= 1
            if given or not whole:
                raise InputError(
                    f"latency is {self.latency!r}; it is a whole number of steps from 1, and the only target"
                )
        elif len(given) != 1 or not isinstance(given[0], float | np.floating) or not 0 < given[0] < 1:
            raise InputError(
                f"steps='auto' or copies='auto' needs one target between 0 and 1: rel_error (now {self.rel_error}) or "
                f"disagreement (now {self.disagreement}), or a latency in steps; rel_error=0.01 is a good start"
            )

    def check_samples(self, samples: int) -> None:
        """Refuse a disagreement that so few samples could never show.

        Raises:
            CalibrationError: even without any disagreement the upper bound would be above the target.
        """
        if self.disagreement is not None and upper_bound(0, samples) > self.disagreement:
            wanted = math.ceil(math.log(0.05) / math.log(1 - self.disagreement))
            raise CalibrationError(
                f"a disagreement of {self.disagreement} takes {wanted} calibration samples to show; there are {samples}"
            )

    def met(self, got: list[Tensor], wanted: list[Tensor]) -> bool:
        """Return whether outputs are near enough to those of the original network."""
        if self.rel_error is not None:
            return relative_error(got, wanted) <= self.rel_error
        differ = int((got[0].flatten(1).argmax(1) != wanted[0].flatten(1).argmax(1)).sum())
        return upper_bound(differ, len(got[0])) <= (self.disagreement or 0.0)


def upper_bound(events: int, samples: int) -> float:
    """Return the 95 % upper bound of a share (Clopper and Pearson 1934, one-sided)."""
    return 1.0 if events >= samples else float(beta.ppf(0.95, events + 1, samples - events))


def relative_error(got: list[Tensor], wanted: list[Tensor]) -> float:
    """Return the RMS difference of outputs relative to their RMS; of outputs that are all zero 0 or inf."""
    squares = sum(float((a - b).double().square().sum()) for a, b in zip(got, wanted, strict=True))
    norms = sum(float(b.double().square().sum()) for b in wanted)
    return math.sqrt(squares / norms) if norms else math.inf if squares else 0.0


def fit_steps(graph: Graph, analog: AnalogNetwork, batches: list[tuple[Tensor, ...]], target: Target) -> Graph:
    """Return the graph, ranges set, with the fewest steps found that meet the target.

    The error that a population adds to the output falls as 2^-T (radix) or 1/T (latency), independently of the
    others. Its size is measured with that population coarse and all others fine. Steps are then given out so that
    one more step is worth the same everywhere, and the common price is searched until the target is just met. For a
    latency, each next step goes where it takes most from the error, as long as the longest path allows.

    Args:
        graph: lowered, of a windowed code.
        analog: the same network with real numbers.
        batches: calibration data.
        target: to be met on all of it.

    Raises:
        CalibrationError: the target is not met with the most steps, or too few samples could show it; a latency that
            no network of this depth can have.
    """
    target.check_samples(sum(len(batch[0]) for batch in batches))
    seen = observe_ranges(analog, batches)
    wanted = joined(analog.run(batch) for batch in batches)

    def quantised(steps: dict[str, int], data: list[tuple[Tensor, ...]]) -> Graph:
        return fit_ranges(graph.mapped(lambda node: with_steps(node, steps)), analog, data, seen)

    def outputs(steps: dict[str, int], data: list[tuple[Tensor, ...]]) -> list[Tensor]:
        network = SpikingNetwork(quantised(steps, data))
        with torch.no_grad():
            return joined(network.run(batch) for batch in data)

    def duration(steps: dict[str, int]) -> int:
        return latency(graph.mapped(lambda node: with_steps(node, steps)))

    names = [node.name for node in graph.populations if needs_steps(node)]
    few = [tuple(x[:FEW] for x in batches[0])]
    first = joined(analog.run(batch) for batch in few)
    felt = _sensitivities(graph.code, names, lambda steps: relative_error(outputs(steps, few), first))
    if target.latency is None:
        best = _cheapest(graph.code, felt, lambda steps: target.met(outputs(steps, batches), wanted))
    else:
        best = _most_useful(graph.code, felt, duration, target.latency)
    return replace(quantised(best, batches), steps=max(best.values()))


def joined(runs: object) -> list[Tensor]:
    """Return the outputs of several batches as those of one."""
    return [torch.cat(parts) for parts in zip(*runs, strict=True)]  # type: ignore[call-overload]


def with_steps(node: Node, steps: dict[str, int]) -> Node:
    """Return a population with the steps that are named for it, any other node as it is."""
    return replace(node, steps=steps[node.name]) if isinstance(node, Population) and node.name in steps else node


def _sensitivities(code: str, names: list[str], error: Callable[[dict[str, int]], float]) -> dict[str, float]:
    """Return the output error that each population would make with one step, by its law extrapolated from a probe."""
    fine = dict.fromkeys(names, FINE[code])
    floor = error(fine)
    scale = 2.0 ** PROBE[code] if code == "radix" else float(PROBE[code])
    felt = {}
    for name in names:
        probed = error({**fine, name: PROBE[code]})
        felt[name] = max(math.sqrt(max(probed**2 - floor**2, 0.0)) * scale, 1e-9)
    return felt


def _allotted(code: str, felt: dict[str, float], price: float) -> dict[str, int]:
    """Return the steps at which one more step of any population lowers the squared error by `price`.

    radix: felt^2 4^-T = price; latency: felt^2 T^-3 = price.
    """
    steps = {}
    for name, s in felt.items():
        exact = math.log(s * s / price, 4) if code == "radix" else (s * s / price) ** (1 / 3)
        steps[name] = min(max(math.ceil(exact), LEAST[code]), MAX_STEPS[code])
    return steps


def _cheapest(code: str, felt: dict[str, float], met: Callable[[dict[str, int]], bool]) -> dict[str, int]:
    """Return the steps for the highest price at which the target is met."""
    top = max(felt.values()) ** 2
    low, high = math.log(top * 4.0**-16), math.log(top)
    best = _allotted(code, felt, math.exp(low))
    if not met(best):
        raise CalibrationError(
            f"the target is not met with {max(best.values())} steps; ask for less, or give more calibration data"
        )
    for _ in range(ROUNDS):
        price = (low + high) / 2
        steps = _allotted(code, felt, math.exp(price))
        if steps == best or met(steps):
            low, best = price, steps
        else:
            high = price
    return best


def _most_useful(
    code: str, felt: dict[str, float], duration: Callable[[dict[str, int]], int], most: int
) -> dict[str, int]:
    """Return the steps with the least squared error among those whose longest path takes `most` steps.

    On one path, giving each next step to the largest fall of the error is optimal, since the falls get ever smaller.
    """
    steps = dict.fromkeys(felt, LEAST[code])
    if duration(steps) > most:
        raise CalibrationError(
            f"latency={most} is too short: with {LEAST[code]} steps of the {code} code for each population, an answer "
            f"takes {duration(steps)} steps"
        )
    growing = set(felt)
    while growing:
        name = max(growing, key=lambda name: _fall(code, felt[name], steps[name]))
        longer = {**steps, name: steps[name] + 1}
        if longer[name] <= MAX_STEPS[code] and duration(longer) <= most:
            steps = longer
        else:
            growing.remove(name)  # paths only get longer
    return steps


def _fall(code: str, felt: float, steps: int) -> float:
    """Return what one more step takes from the squared error."""
    if code == "radix":
        return felt**2 * (4.0**-steps - 4.0 ** -(steps + 1))
    return felt**2 * (steps**-2.0 - (steps + 1) ** -2.0)


def fewest_steps(
    code: str, at: Callable[[int], Graph], analog: AnalogNetwork, batches: list[tuple[Tensor, ...]], target: Target
) -> int:
    """Return the fewest steps of a streaming code that meet the target: doubling, then bisection.

    Args:
        code: name of the code, for the error.
        at: returns the fitted graph for a number of steps.
        analog: the same network with real numbers.
        batches: calibration data.
        target: to be met on all of it.

    Raises:
        CalibrationError: the target is not met with `MOST_STREAMING` steps, or too few samples could show it.
    """
    target.check_samples(sum(len(batch[0]) for batch in batches))
    wanted = joined(analog.run(batch) for batch in batches)

    def met(steps: int) -> bool:
        network = SpikingNetwork(at(steps))
        with torch.no_grad():
            return target.met(joined(network.run(batch) for batch in batches), wanted)

    high = 1
    while not met(high):
        high *= 2
        if high > MOST_STREAMING:
            raise CalibrationError(f"the target is not met with {MOST_STREAMING} steps of the {code} code; use 'radix'")
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if met(middle) else (middle, high)
    return high
