"""Advantages and disadvantages of each optimiser, as far as the numbers of a race support them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import median
from typing import final

from neurobridge.ann.racing.problems import Problem
from neurobridge.ann.racing.race import Result

NEAR = 2.0
"""A score within this factor of the best counts as near it."""
WIDE, NARROW = 2.0, 1.0
"""Decades of usable learning rates."""


@final
@dataclass(frozen=True, kw_only=True)
class Footprint:
    """What an update costs beside the gradients.

    Args:
        seconds: of one update of a large network, without the closure, relative to plain SGD's.
        closures: calls of the closure in it.
        state: bytes kept between updates, state and working memory, relative to the parameters'.
        peak: bytes allocated at most within an update, relative to the parameters'.
    """

    seconds: float
    closures: float
    state: float
    peak: float


@final
@dataclass(frozen=True, kw_only=True)
class Row:
    """One optimiser on one problem.

    Args:
        rate: the learning rate that was chosen.
        score: median reported score at that rate.
        cost: median cost to reach the problem's target at that rate, in gradients of the whole training set.
        decades: learning rates that reach the target.
        milliseconds: median processor time of an update, closure included.
    """

    rate: float
    score: float
    cost: float
    decades: float
    milliseconds: float


def rows(results: Sequence[Result], problems: Mapping[str, Problem]) -> dict[str, dict[str, Row]]:
    """Return optimiser -> problem -> row."""
    table: dict[str, dict[str, Row]] = {}
    for result in results:
        target, best = problems[result.problem].target, result.best()
        table.setdefault(result.optimizer, {})[result.problem] = Row(
            rate=best[0].rate,
            score=median(trial.judged for trial in best),
            cost=median(trial.cost_to(target) for trial in best),
            decades=result.usable_decades(target),
            milliseconds=1000 * median(trial.seconds for trial in best),
        )
    return table


def advantages(
    name: str, table: Mapping[str, Mapping[str, Row]], problems: Mapping[str, Problem], footprint: Footprint
) -> tuple[list[str], list[str]]:
    """Return (advantages, disadvantages) of one optimiser, each a phrase with its number.

    Args:
        name: the optimiser.
        table: from `rows`.
        problems: what was raced on.
        footprint: of its update.
    """
    good, bad = [], []
    for key, problem in problems.items():
        row = table[name][key]
        fastest = min(entry[key].cost for entry in table.values())
        if not isfinite(row.cost):
            bad.append(f"does not solve {problem.title} in {problem.budget:g}")
        elif row.cost <= NEAR * fastest:
            good.append(f"solves {problem.title} in {row.cost:.3g} (best {fastest:.3g})")
        elif row.cost > 4 * fastest:
            bad.append(f"takes {row.cost / fastest:.2g} x the best's gradients on {problem.title}")
    widths = [table[name][key].decades for key in problems]
    if min(widths) >= WIDE:
        good.append(f"at least {min(widths):.1f} decades of usable rates everywhere")
    elif max(widths) <= NARROW:
        bad.append(f"at most {max(widths):.1f} decades of usable rates")
    (good if footprint.state == 0 else bad).append(_memory(footprint))
    if footprint.closures > 1:
        bad.append(f"{footprint.closures:.2g} closure calls per update")
    if footprint.seconds > NEAR:
        bad.append(f"update {footprint.seconds:.1f} x SGD's")
    return good, bad


def _memory(footprint: Footprint) -> str:
    return "keeps nothing" if footprint.state == 0 else f"keeps {footprint.state:.0f} x the parameters"
