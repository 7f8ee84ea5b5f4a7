"""Figures of a study over a grid: many scores with their bounds, one line each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from matplotlib.figure import Figure

from neurobridge.plots.style import canvas, colour, styled

LINE = 0.17  # inches a line of the figure takes


@final
@dataclass(frozen=True, kw_only=True)
class Point:
    """One line of a figure.

    Args:
        group: what it belongs to; lines of a group stand together under its name.
        name: written at its left.
        colour: name of its colour.
        value: where the dot is.
        low: lower bound; not a number for none.
        high: upper bound.
    """

    group: str
    name: str
    colour: str
    value: float
    low: float = float("nan")
    high: float = float("nan")


def bounded_points(points: Sequence[Point], label: str, reference: float | None = None) -> Figure:
    """Draw values with their bounds, from top to bottom in the order given.

    Args:
        points: those of a group follow each other.
        label: of the axis of values, with its unit.
        reference: a value to mark by a line, such as no loss.
    """
    groups = list(dict.fromkeys(point.group for point in points))
    rows = np.array([number + 1.4 * (groups.index(point.group) + 1) for number, point in enumerate(points)])
    with styled():
        figure, (axes,) = canvas(LINE * (rows[-1] + 1) + 0.6)
        if reference is not None:
            axes.axvline(reference, color=colour("ANN"), linewidth=1.0, linestyle="--", zorder=0)
        for row, point in zip(rows, points, strict=True):
            shade = colour(point.colour)
            axes.plot([point.low, point.high], [row, row], color=shade, linewidth=1.2, alpha=0.6)
            axes.plot(point.value, row, "o", color=shade)
        for group in groups:
            first = next(row for row, point in zip(rows, points, strict=True) if point.group == group)
            axes.annotate(
                group, (0, first - 1.1), xycoords=("axes fraction", "data"), fontsize=8, weight="bold", va="center"
            )
        axes.set_yticks(rows, [point.name for point in points], fontsize=7)
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(rows[-1] + 0.8, -0.2)
        axes.margins(x=0.06)
        axes.set_xlabel(label)
        return figure
