"""Figures of movement: hands and cursors in the plane, spikes beside velocity, decoded beside true velocity."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import hsv_to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy import ndarray

from neurobridge.plots.style import Picture, canvas, colour, styled
from neurobridge.plots.training import CYCLE


def session(
    time: ndarray, trains: Sequence[ndarray], velocity: ndarray, names: Sequence[str] = ("x", "y"), title: str = ""
) -> Figure:
    """Draw the spikes of a population over the velocity that they speak of.

    Args:
        time: `(bin,)` in seconds.
        trains: spike times in seconds, one train a neuron, drawn from the bottom up.
        velocity: `(bin, axis)` in cm/s.
        names: of the axes of movement.
        title: above the figure.
    """
    with styled():
        figure, (upper, lower) = canvas(4.0, rows=2, width=5.5, sharex=True, height_ratios=(2.2, 1))
        within = [train[(train >= time[0]) & (train <= time[-1])] for train in trains]
        upper.eventplot(within, colors=colour("ink"), linewidths=0.5, linelengths=0.85)
        upper.set(ylabel="neuron", title=title, ylim=(-1, len(trains)), yticks=[0, len(trains) - 1])
        upper.set_yticklabels(["1", str(len(trains))])
        for tint, name, values in zip(CYCLE, names, velocity.T, strict=False):
            lower.plot(time, values, color=tint, label=name)
        lower.set(xlabel="time [s]", ylabel="velocity [cm/s]", xlim=(time[0], time[-1]))
        lower.legend(
            frameon=False, fontsize=8, ncols=len(names), loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0
        )
        return figure


def velocities(
    time: ndarray, truth: ndarray, decoded: Mapping[str, ndarray], names: Sequence[str] = ("x", "y")
) -> Figure:
    """Draw decoded velocities on the true one, an axis of movement in each row.

    Args:
        time: `(bin,)` in seconds.
        truth: `(bin, axis)` in cm/s.
        decoded: name of a decoder -> `(bin, axis)` in cm/s.
        names: of the axes of movement.
    """
    with styled():
        figure, rows = canvas(1.6 * truth.shape[1] + 0.7, rows=truth.shape[1], width=5.5, sharex=True)
        for axis, axes in enumerate(rows):
            axes.fill_between(time, truth[:, axis], color=colour("line"), linewidth=0, label="hand")
            for place, (tint, (name, values)) in enumerate(zip(CYCLE, decoded.items(), strict=False)):
                # later lines have gaps, so that two decoders that agree are both seen
                line = "-" if place < 2 else (0, (2, 2))
                axes.plot(time, values[:, axis], color=tint, linestyle=line, linewidth=1.4, label=name)
            axes.set(ylabel=f"{names[axis]} velocity [cm/s]")
        rows[0].legend(
            frameon=False, fontsize=8, ncols=1 + len(decoded), loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0
        )
        rows[-1].set(xlabel="time [s]", xlim=(time[0], time[-1]))
        return figure


def paths(
    panels: Mapping[str, Sequence[ndarray]], targets: Sequence[ndarray], radius: float, limit: float | None = None
) -> Figure:
    """Draw cursors on their ways from the centre to targets, a decoder in each panel.

    Args:
        panels: name of a decoder -> one path `(bin, 2)` in cm a trial.
        targets: one `(2,)` in cm a trial, the same for all decoders.
        radius: of a target in cm.
        limit: half the width of the panels in cm; what holds all targets if None.
    """
    goals = np.unique(np.round(np.asarray(targets), 6), axis=0)
    reach = limit or float(np.abs(goals).max() + 2 * radius)
    with styled():
        figure = Picture(figsize=(2.1 * len(panels) + 0.3, 2.5))
        row = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for axes, (name, walks) in zip(row, panels.items(), strict=True):
            for goal in goals:
                axes.add_patch(Circle(tuple(goal), radius, color=_tint(goal), alpha=0.2, linewidth=0))
            for walk, goal in zip(walks, targets, strict=True):
                axes.plot(*walk.T, color=_tint(goal), linewidth=0.7)
            axes.set(title=name, aspect="equal", xlim=(-reach, reach), ylim=(-reach, reach), xlabel="x [cm]")
        row[0].set_ylabel("y [cm]")
        return figure


def turning(plane: ndarray, directions: ndarray, title: str = "") -> Figure:
    """Draw how a population's state turns, a line a condition, its start a dot and its end an arrow.

    Args:
        plane: `(condition, time, 2)` of `statistics.rotations`.
        directions: `(condition,)` of the reaches in radians, for the colours.
        title: above the axes.
    """
    with styled():
        figure, (axes,) = canvas(3.6, width=3.8)
        for walk, angle in zip(plane, directions, strict=True):
            tint = _tint(np.array([np.cos(angle), np.sin(angle)]))
            axes.plot(*walk.T, color=tint)
            axes.plot(*walk[0], "o", color=tint)
            _arrow(axes, walk[-2], walk[-1], tint)
        axes.set_aspect("equal", adjustable="datalim")
        axes.set(xlabel="first direction", ylabel="second direction", title=title, xticks=[], yticks=[])
        return figure


def acquired(seconds: Mapping[str, ndarray], limit: float) -> Figure:
    """Draw the share of trials whose target was acquired by each time, a line a decoder.

    Args:
        seconds: name of a decoder -> `(trial,)` until acquisition; infinite for trials that failed.
        limit: the time allowed, in seconds.
    """
    with styled():
        figure, (axes,) = canvas(2.8, width=4.4)
        for tint, (name, values) in zip(CYCLE, seconds.items(), strict=False):
            times = np.sort(values[np.isfinite(values)])
            share = 100 * np.arange(1, len(times) + 1) / len(values)
            axes.step(np.append(times, limit), np.append(share, share[-1:]), where="post", color=tint, label=name)
        axes.set(xlabel="time [s]", ylabel="targets acquired, %", xlim=(0, limit), ylim=(0, 102))
        axes.legend(frameon=False, fontsize=8, loc="lower right")
        return figure


def _tint(goal: ndarray) -> ndarray:
    """Return a direction's colour on a wheel of hues, dark enough for a white page."""
    return hsv_to_rgb((np.arctan2(goal[1], goal[0]) / (2 * np.pi) % 1, 0.8, 0.75))


def _arrow(axes: Axes, start: ndarray, end: ndarray, tint: ndarray) -> None:
    axes.annotate("", tuple(end), tuple(start), arrowprops={"arrowstyle": "-|>", "color": tint, "linewidth": 1.2})
