"""Tables of a comparison: plain text of 80 columns, and the same cells for a page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from neurobridge.comparison.intervals import Interval
from neurobridge.comparison.summary import Standing, Summary
from neurobridge.comparison.timing import BATCH, FEWEST, MOST

WIDTH = 80


@final
@dataclass(frozen=True, kw_only=True)
class Table:
    """Words in rows and columns.

    Args:
        header: names of the columns.
        rows: cells; the first column is a name, the others are numbers.
        notes: what a reader must know to read it.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def text(self, width: int = WIDTH) -> str:
        """Return the table as plain text: names to the left, numbers to the right, closer where it would be wide."""
        lines = [self.header, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.header))]
        gap = "  " if sum(widths) + 2 * (len(widths) - 1) <= width else " "
        return "\n".join(
            gap.join(
                cell.ljust(size) if column == 0 else cell.rjust(size)
                for column, (cell, size) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        )


def results(summary: Summary) -> Table:
    """Return what every contender gets right and what it takes."""
    name, unit = str(summary.metric["name"]), summary.metric["unit"]
    columns: dict[str, Callable[[Standing], str]] = {
        "network": lambda standing: standing.contender.name,
        "steps": lambda standing: count(standing.latency),
        name if len(name) <= 8 else "score": lambda standing: signed(standing.score.estimate, summary.decimals),
        "loss [95 % bounds]": lambda standing: loss(standing, summary.decimals),
        "agree %": lambda standing: percent(standing.agreement),
        "spikes": lambda standing: count(standing.spikes),
        "fp32": lambda standing: nanojoules(standing, "45 nm fp32"),
        "int8": lambda standing: nanojoules(standing, "45 nm int8"),
    }
    return Table(
        header=tuple(columns),
        rows=tuple(tuple(cell(standing) for cell in columns.values()) for standing in summary.standings),
        notes=(
            f"{name}{' in ' + unit if unit else ''}, loss against the ANN in {summary.unit}: means "
            "over seeds. steps: total, from input to output. spikes: of one inference. "
            "fp32, int8: nanojoules of one inference's arithmetic in 45 nm with such numbers, memory left out.",
        ),
    )


def played(summary: Summary) -> Table | None:
    """Return how much of what the ANN has learnt each contender keeps in control; None for other tasks."""
    if summary.lowest is None:
        return None
    columns: dict[str, Callable[[Standing], str]] = {
        "network": lambda standing: standing.contender.name,
        "difference % [95 % bounds]": lambda standing: share(standing.gain),
        "same choice %": lambda standing: percent(standing.agreement),
        "action error %": lambda standing: (
            "" if standing.action_error is None else f"{100 * standing.action_error:.2f}"
        ),
        "steps a decision": lambda standing: count(standing.latency),
    }
    kept = {"same choice %": "agreement", "action error %": "action_error"}
    empty = [
        name for name, field in kept.items() if all(getattr(one, field) is None for one in summary.standings)
    ]  # fmt: skip
    shown = {name: cell for name, cell in columns.items() if name not in empty}
    return Table(
        header=tuple(shown),
        rows=tuple(tuple(cell(standing) for cell in shown.values()) for standing in summary.standings),
        notes=(
            f"difference: mean return less the ANN's, in percent of the ANN's less that of random actions "
            f"({signed(summary.lowest, summary.decimals)}), paired by episode. Choices and actions are compared in "
            "states of other episodes of the ANN.",
        ),
    )


def disturbed(summary: Summary) -> Table | None:
    """Return the scores of the ANN and of the networks of most steps under disturbance; None if not measured."""
    shown = [standing for standing in summary.standings if standing.robustness]
    if not shown:
        return None
    rows = [
        (name if level else "none", level)
        for place, (name, curve) in enumerate(shown[0].robustness.items())
        for level in curve
        if level or place == 0
    ]
    first = next(iter(shown[0].robustness))
    return Table(
        header=("disturbance", *(standing.contender.name for standing in shown)),
        rows=tuple(
            (
                f"{name} {100 * level:g} %" if level else name,
                *(signed(s.robustness[name if level else first][level], summary.decimals) for s in shown),
            )
            for name, level in rows
        ),
        notes=(
            "input noise: normal, in percent of the standard deviation of the inputs. lost spikes: chance of each "
            "spike, or of each activation of an ANN. weight mismatch: normal relative error of each weight. On a few "
            "hundred test samples (or 20 episodes), the same for all; means over seeds.",
        ),
    )


def share(interval: Interval | None) -> str:
    """Return a share in percent with its bounds, or nothing."""
    if interval is None:
        return ""
    estimate, low, high = (100 * value for value in (interval.estimate, interval.low, interval.high))
    return f"{signed(estimate)} [{signed(low)}, {signed(high)}]"


def activity(summary: Summary) -> Table:
    """Return what every contender does on one inference."""
    columns: dict[str, Callable[[Standing], str]] = {
        "network": lambda standing: standing.contender.name,
        "interval": lambda standing: count(standing.interval),
        "spikes/neuron": lambda standing: decimal(standing.spikes_per_neuron),
        "spikes/synapse": lambda standing: decimal(standing.spikes_per_synapse),
        "accumulates": lambda standing: count(standing.operations.accumulates or None),
        "MACs": lambda standing: count(standing.operations.macs + standing.operations.analog),
        "updates": lambda standing: count(standing.operations.updates or None),
        "logit error": lambda standing: "" if standing.logit_error is None else f"{100 * standing.logit_error:.2g} %",
        "ms": lambda standing: rough(standing.milliseconds),
        "/ ANN": lambda standing: rough(standing.slowdown),
    }
    return Table(
        header=tuple(columns),
        rows=tuple(tuple(cell(standing) for cell in columns.values()) for standing in summary.standings),
        notes=(
            "interval: steps between two inputs. MACs of a spiking network are those it keeps, as of a constant input.",
            f"/ ANN: CPU time of one inference in a batch of {BATCH} on one thread of the machine the rows were made "
            f"on, over the ANN's in the same turn: the median of {FEWEST} to {MOST} turns, mean over seeds. ms: that "
            "many times the ANN's own. Two figures of each. Of a spiking network it is the time of computing its "
            "spikes here, not of a chip. -: not measured; a quantised ANN has no program of its own here.",
        ),
    )


def loss(standing: Standing, decimals: int) -> str:
    """Return a loss with its bounds; nothing for the ANN itself."""
    if standing.contender.kind == "ANN":
        return ""
    found = standing.loss
    return f"{signed(found.estimate, decimals)} {bracket(found, decimals)}".rstrip()


def bracket(interval: Interval, decimals: int) -> str:
    """Return the two bounds in brackets, or nothing where there are none."""
    if np.isnan(interval.low):
        return ""
    return f"[{signed(interval.low, decimals)}, {signed(interval.high, decimals)}]"


def signed(value: float, decimals: int = 2) -> str:
    """Return a number with so many decimals, without a minus before zero."""
    return f"{round(value, decimals) + 0.0:.{decimals}f}"


def percent(share: Interval | None) -> str:
    """Return a share in percent, never rounded up to a hundred."""
    if share is None:
        return ""
    shown = 100 * share.estimate
    return "100" if share.estimate == 1 else f"{min(shown, 99.99):.2f}"


def count(value: float | None) -> str:
    """Return a number in at most four characters and a letter: 950, 12.3k, 4.56M."""
    if value is None:
        return ""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= size:
            return f"{value / (1e3 if letter == 'k' else size):.3g}{letter}"
    return f"{value:.0f}"


def decimal(value: float | None) -> str:
    """Return a ratio with two figures after the point, or with two figures if it is small."""
    return "" if value is None else f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


def nanojoules(standing: Standing, preset: str) -> str:
    """Return a contender's energy under a preset, or nothing if it computes in other numbers."""
    return figures(standing.energy[preset] / 1000) if preset in standing.energy else ""


def rough(value: float | None) -> str:
    """Return a time with the two figures that repeat from run to run, or a dash if it was not measured."""
    return "-" if value is None else f"{float(f'{value:.1e}'):g}"


def figures(value: float) -> str:
    """Return a number with three figures, in thousands and millions where it is large: 0.742, 19.4, 809, 16.2k."""
    return f"{value:.3g}" if value < 999.5 else f"{value:.0f}" if value < 9999.5 else count(value)


def heading(summary: Summary) -> str:
    """Return one line on what was compared."""
    several = summary.lowest is None and 0 < summary.groups < summary.samples
    origins = f" of {summary.groups} originals" if several else ""
    seeds = " ".join(map(str, summary.seeds))
    return f"{summary.task}, {summary.model}: seeds {seeds}, {summary.material.replace(',', '')}{origins}"


def everything(summary: Summary, width: int = WIDTH) -> str:
    """Return what a terminal shows at the end: the results and how to read them."""
    lines = [heading(summary)]
    for table in (results(summary), played(summary)):
        if table is not None:
            lines += ["", table.text(), "", *wrapped(table.notes, width)]
    return "\n".join(lines)


def wrapped(notes: Sequence[str], width: int) -> list[str]:
    """Return notes as lines of at most `width` characters."""
    import textwrap

    return [line for note in notes for line in textwrap.wrap(note, width)]
