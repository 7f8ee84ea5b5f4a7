"""Figures of dynamics: phase planes with nullclines and fixed points, and curves of equilibria."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray

from neurobridge.plots.neurons import printed
from neurobridge.plots.style import canvas, colour, styled


@final
@dataclass(frozen=True, kw_only=True)
class Plane:
    """A two-dimensional flow.

    Args:
        x: `(column,)` grid of the first variable.
        y: `(row,)` grid of the second variable.
        flow_x: `(row, column)` derivative of the first.
        flow_y: `(row, column)` derivative of the second.
        labels: of the two axes, with units.
    """

    x: ndarray
    y: ndarray
    flow_x: ndarray
    flow_y: ndarray
    labels: tuple[str, str]


def phase_plane(
    plane: Plane,
    points: ndarray,
    stable: ndarray,
    trajectories: Sequence[tuple[ndarray, ndarray]] = (),
    title: str = "",
) -> Figure:
    """Draw nullclines, flow, fixed points and trajectories.

    Args:
        plane: the flow on a grid.
        points: `(point, 2)` fixed points; filled if stable.
        stable: `(point,)`.
        trajectories: pairs of `(time,)`.
        title: above the axes.
    """
    with styled():
        figure, (axes,) = canvas(3.4, width=4.4)
        axes.streamplot(
            plane.x,
            plane.y,
            plane.flow_x,
            plane.flow_y,
            color=colour("line"),
            linewidth=0.6,
            density=0.9,
            arrowsize=0.6,
        )
        nullclines = (("radix", plane.flow_x, plane.labels[0]), ("rate", plane.flow_y, plane.labels[1]))
        for shade, flow, label in nullclines:
            axes.contour(plane.x, plane.y, flow, levels=[0.0], colors=[colour(shade)], linewidths=1.6)
            axes.plot([], [], color=colour(shade), label=f"{label.split(' ')[0]}-nullcline")
        for x, y in trajectories:
            axes.plot(x, y, color=colour("ink"), linewidth=0.9)
        for (x, y), calm in zip(points, stable, strict=True):
            axes.plot(x, y, "o", color=colour("ink"), markerfacecolor=colour("ink") if calm else "white", zorder=5)
        axes.set(xlabel=plane.labels[0], ylabel=plane.labels[1], title=printed(title))
        axes.set_xlim(plane.x[0], plane.x[-1])
        axes.set_ylim(plane.y[0], plane.y[-1])
        axes.legend(frameon=False, fontsize=7, loc="upper right")
        return figure


def equilibria(
    current: ndarray,
    voltage: ndarray,
    stable: ndarray,
    marks: Sequence[tuple[float, float, str]],
    labels: tuple[str, str],
    title: str = "",
    cycles: tuple[ndarray, ndarray, ndarray] | None = None,
) -> Figure:
    """Draw a curve of fixed points over the input, solid where stable, with its bifurcations.

    Args:
        current: `(point,)` in the order along the curve.
        voltage: `(point,)`.
        stable: `(point,)`.
        marks: input, voltage and name of each bifurcation.
        labels: of the two axes, with units.
        title: above the axes.
        cycles: input, lowest and highest voltage of the oscillations, `(point,)` each.
    """
    with styled():
        figure, (axes,) = canvas(3.0, width=4.6)
        axes.plot(current, np.where(stable, voltage, np.nan), color=colour("radix"), label="stable")
        axes.plot(current, np.where(stable, np.nan, voltage), color=colour("faint"), linestyle=":", label="unstable")
        if cycles is not None:
            for extreme in cycles[1:]:
                axes.plot(cycles[0], extreme, "o", color=colour("rate"), markersize=2.5)
            axes.plot([], [], "o", color=colour("rate"), markersize=2.5, label="oscillation")
        for x, y, name in marks:
            axes.plot(x, y, "s", color=colour("ink"), markersize=4)
            axes.annotate(name, (x, y), xytext=(6, -4), textcoords="offset points", fontsize=7, va="top")
        axes.set(xlabel=labels[0], ylabel=labels[1], title=printed(title))
        axes.legend(frameon=False, fontsize=7)
        return figure
