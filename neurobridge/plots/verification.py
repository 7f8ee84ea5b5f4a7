"""The same spikes in several simulators, drawn over each other: where they agree, the strokes lie in one another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy import ndarray

from neurobridge.plots.style import COLOURS, canvas, colour, styled

GAP = 0.16  # of a lane's height, between two lanes
SHADES = ("faint", "radix", "latency", "signed")  # of the simulators in their order, the reference palest
WRONG = COLOURS["rate"].light
ACROSS = 210  # points that the steps share
WIDEST = 18.0  # points of a reference's stroke; the others share it


@final
@dataclass(frozen=True, kw_only=True)
class Lane:
    """One population.

    Args:
        name: of the population.
        first: the step at which its window begins.
        spikes: simulator -> (step, neuron) of the neurons that are drawn, the reference first.
        total: how many neurons it has.
    """

    name: str
    first: int
    spikes: Mapping[str, ndarray]
    total: int

    @property
    def wrong(self) -> ndarray:
        """Where any simulator differs from the reference, (step, neuron)."""
        reference, *others = self.spikes.values()
        return np.any([x != reference for x in others], axis=0) if others else np.zeros(reference.shape, dtype=bool)


def overlaid_rasters(lanes: Sequence[Lane]) -> Figure:
    """Draw the spikes of all simulators, one within the other, and ring every place where they differ."""
    with styled():
        figure, (axes,) = canvas(max(0.42, 2.1 / len(lanes)) * len(lanes) + 1.1)
        last = max(lane.first + len(next(iter(lane.spikes.values()))) for lane in lanes)
        width = min(WIDEST, 0.8 * ACROSS / last)
        for place, lane in enumerate(lanes):
            _draw(axes, place, lane, width)
        names = list(dict.fromkeys(name for lane in lanes for name in lane.spikes))
        _explain(axes, names, int(sum(lane.wrong.sum() for lane in lanes)))
        ticks = [place + 0.5 * (1 - GAP) for place in range(len(lanes))]
        axes.set_yticks(ticks, [f"{lane.name}\n{lane.total:,} neurons" for lane in lanes], fontsize=7)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_ylim(len(lanes), -GAP)
        axes.set_xlim(0, last)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("step")
        return figure


def _draw(axes: Axes, place: int, lane: Lane, width: float) -> None:
    until = lane.first + len(lane.wrong)
    axes.fill_between([lane.first, until], place, place + 1 - GAP, color=colour("line"), alpha=0.25, linewidth=0)
    for number, fired in enumerate(lane.spikes.values()):
        steps, neurons = np.nonzero(fired)
        bottom, stroke = _rows(place, neurons, fired.shape[1])
        middle = lane.first + steps + 0.5
        x = np.stack([middle, middle, np.full(len(middle), np.nan)], axis=1).ravel()
        y = np.stack([bottom, bottom + stroke, np.full(len(middle), np.nan)], axis=1).ravel()
        shade = colour(SHADES[number % len(SHADES)])
        axes.plot(x, y, color=shade, linewidth=width * (1 - number / len(lane.spikes)), solid_capstyle="butt")
    steps, neurons = np.nonzero(lane.wrong)
    bottom, stroke = _rows(place, neurons, lane.wrong.shape[1])
    axes.plot(lane.first + steps + 0.5, bottom + stroke / 2, "o", color=WRONG, markersize=5, fillstyle="none")


def _rows(place: int, neurons: ndarray, count: int) -> tuple[ndarray, float]:
    """Return the lower end of each neuron's row in a lane, and the height of a row."""
    height = (1 - GAP) / count
    return place + height * neurons, height


def _explain(axes: Axes, names: Sequence[str], differing: int) -> None:
    strokes = [
        Line2D(
            [],
            [],
            color=colour(SHADES[number % len(SHADES)]),
            linewidth=7 * (1 - number / len(names)),
            solid_capstyle="butt",
            label=name,
        )
        for number, name in enumerate(names)
    ]
    ring = Line2D([], [], color=WRONG, marker="o", fillstyle="none", linestyle="", label="differs")
    axes.legend(
        handles=[*strokes, *([ring] if differing else [])],
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=5,
        frameon=False,
        fontsize=7,
        handlelength=0.9,
        handletextpad=0.4,
        columnspacing=0.9,
    )
