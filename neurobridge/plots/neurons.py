"""Figures of single neurons: traces over time, and curves such as rate against current."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter
from numpy import ndarray

from neurobridge.errors import InputError
from neurobridge.plots.style import Picture, canvas, colour, styled

SHADES = ("radix", "rate", "signed", "quantised ANN", "latency", "ANN")


@final
@dataclass(frozen=True, kw_only=True)
class Row:
    """One axes of a figure over time.

    Args:
        label: of the vertical axis, with its unit.
        values: `(time,)` or `(line, time)`; with `strokes`, the times themselves.
        height: relative to the other rows.
        names: of the lines, for a legend.
        strokes: whether one vertical stroke is drawn at each of `values`, as spikes are.
    """

    label: str
    values: ndarray
    height: float = 1.0
    names: tuple[str, ...] = ()
    strokes: bool = False


@final
@dataclass(frozen=True, kw_only=True)
class Series:
    """One line of a curve.

    Args:
        x: `(point,)`.
        y: `(point,)`.
        name: for a legend, none if empty.
        theory: whether it is drawn as a thin dark line rather than measured points.
    """

    x: ndarray
    y: ndarray
    name: str = ""
    theory: bool = False


@final
@dataclass(frozen=True, kw_only=True)
class Chart:
    """One axes of curves.

    Args:
        series: the lines.
        across: label of the horizontal axis, with its unit.
        up: label of the vertical axis, with its unit.
        title: above the axes.
        marks: positions on the horizontal axis with a name, drawn as dashed lines.
        logarithmic: `x`, `y` or `xy` for logarithmic axes.
    """

    series: Sequence[Series]
    across: str
    up: str
    title: str = ""
    marks: Sequence[tuple[float, str]] = ()
    logarithmic: str = ""


# how units are typed -> how they are printed
PRINTED = {"uA/cm2": "µA/cm²", "mS/cm2": "mS/cm²", "uF/cm2": "µF/cm²", "ohm*cm2": "Ω cm²", "Mohm": "MΩ", "um": "µm"}


def printed(text: str) -> str:
    """Return a text whose units per square centimetre are set as they are printed."""
    return text.replace("uA/cm2", PRINTED["uA/cm2"]).replace("mS/cm2", PRINTED["mS/cm2"])


def axis_label(name: str, unit: str) -> str:
    """Return the label of an axis, with its unit if there is one."""
    return f"{name} [{PRINTED.get(unit, unit)}]" if unit else name


def traces(time: ndarray, rows: Sequence[Row], title: str = "", unit: str = "ms") -> Figure:
    """Draw rows over one time axis.

    Args:
        time: `(time,)` in `unit`.
        rows: from top to bottom.
        title: above the figure.
        unit: of time.
    """
    with styled():
        heights = [row.height for row in rows]
        figure, axes = canvas(0.5 + 1.4 * sum(heights), rows=len(rows), width=5.5, sharex=True, height_ratios=heights)
        for place, (row, panel) in enumerate(zip(rows, axes, strict=True)):
            panel.set_ylabel(row.label)
            if row.strokes:
                panel.eventplot(row.values, color=colour(SHADES[place]), linewidth=1.1)
                panel.set_yticks([])
                continue
            lines = np.atleast_2d(row.values)
            for line, values in enumerate(lines):
                shade = colour(SHADES[(place + line) % len(SHADES)])
                panel.plot(time, values, color=shade, linewidth=1.1, label=row.names[line] if row.names else None)
            if row.names:
                panel.legend(frameon=False, fontsize=7, ncols=len(lines))
        for row, panel in zip(rows, axes, strict=True):
            if not row.strokes:
                panel.ticklabel_format(axis="y", useOffset=False)
        axes[0].set_title(printed(title))
        axes[-1].set_xlabel(f"time [{unit}]")
        axes[-1].set_xlim(time[0], time[-1])
        return figure


def curve(
    series: Sequence[Series],
    across: str,
    up: str,
    title: str = "",
    marks: Sequence[tuple[float, str]] = (),
    logarithmic: str = "",
) -> Figure:
    """Draw measured curves, and theory where there is one.

    Args:
        series: the lines.
        across: label of the horizontal axis, with its unit.
        up: label of the vertical axis, with its unit.
        title: above the axes.
        marks: positions on the horizontal axis with a name, drawn as dashed lines.
        logarithmic: `x`, `y` or `xy` for logarithmic axes.
    """
    with styled():
        figure, (axes,) = canvas(2.9, width=4.4)
        _fill(axes, Chart(series=series, across=across, up=up, title=title, marks=marks, logarithmic=logarithmic))
        return figure


def curves(charts: Sequence[Chart]) -> Figure:
    """Draw several charts side by side, each as `curve` draws one.

    Args:
        charts: from left to right.

    Raises:
        InputError: there is none.
    """
    if not charts:
        raise InputError("a figure of curves needs at least one chart.")
    with styled():
        figure = Picture(figsize=(3.3 * len(charts) + 0.2, 2.7))
        for axes, chart in zip(figure.subplots(1, len(charts), squeeze=False)[0], charts, strict=True):
            _fill(axes, chart)
        return figure


def _fill(axes: Axes, chart: Chart) -> None:
    for place, line in enumerate(chart.series):
        _draw(axes, line, colour(SHADES[place % len(SHADES)]))
    for position, name in chart.marks:
        axes.axvline(position, color=colour("faint"), linestyle="--", linewidth=0.8)
        axes.annotate(
            name, (position, 0.97), xycoords=("data", "axes fraction"), xytext=(3, 0), textcoords="offset points",
            rotation=90, fontsize=7, ha="left", va="top", color=colour("faint"),
        )  # fmt: skip
    axes.set(xlabel=printed(chart.across), ylabel=printed(chart.up), title=printed(chart.title))
    if "x" in chart.logarithmic:
        axes.set_xscale("log")
        _plain_decades(axes.xaxis)
    if "y" in chart.logarithmic:
        axes.set_yscale("log")
        _plain_decades(axes.yaxis)
    if any(line.name for line in chart.series):
        axes.legend(frameon=False, fontsize=7)


def _plain_decades(axis: Axis) -> None:
    """Label a logarithmic axis with 1, 2, 5 and 10 rather than with powers."""
    low, high = axis.get_view_interval()
    axis.set_major_formatter("{x:g}")
    if high < 100 * low:
        axis.set_minor_locator(LogLocator(subs=(2.0, 5.0)))
        axis.set_minor_formatter("{x:g}")
    else:
        axis.set_minor_formatter(NullFormatter())


def _draw(axes: Axes, line: Series, shade: str) -> None:
    if line.theory:
        axes.plot(line.x, line.y, "--", color=colour("ink"), linewidth=1.0, zorder=3, label=line.name or None)
    else:
        marker = "o" if len(line.x) <= 60 else ""
        axes.plot(line.x, line.y, marker=marker, markersize=3, color=shade, linewidth=1.1, label=line.name or None)


def gallery(
    time: Sequence[ndarray],
    voltage: Sequence[ndarray],
    current: Sequence[ndarray],
    titles: Sequence[str],
    columns: int = 4,
) -> Figure:
    """Draw many short recordings in a grid, the input of each as a line below its voltage, a bar for its time.

    Args:
        time: one `(time,)` a panel, in ms.
        voltage: one `(time,)` a panel.
        current: one `(time,)` a panel, scaled to a fifth of the voltage's range.
        titles: one a panel.
        columns: panels in a row.
    """
    rows = -(-len(titles) // columns)
    with styled():
        figure = Picture(figsize=(2.0 * columns, 1.45 * rows))
        panels = figure.subplots(rows, columns, squeeze=False).ravel()
        for panel, t, v, i, title in zip(panels, time, voltage, current, titles, strict=False):
            low, high = float(np.min(v)), float(np.max(v))
            span = float(np.ptp(i)) or 1.0
            panel.plot(t, v, color=colour("radix"), linewidth=0.8)
            panel.plot(
                t, low - 0.45 * (high - low) + 0.25 * (high - low) * (i - np.min(i)) / span, color=colour("faint")
            )
            panel.set_title(title, fontsize=8, pad=2)
            _time_bar(panel, t, low - 0.6 * (high - low))
        for panel in panels:
            panel.set_axis_off()
        return figure


def _time_bar(panel: Axes, time: ndarray, height: float) -> None:
    """Draw a bar of about a fifth of the time at the right end, with its length."""
    span = float(time[-1] - time[0])
    length = max(value for value in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if value <= max(1.0, span / 4))
    panel.plot(
        [time[-1] - length, time[-1]], [height, height], color=colour("ink"), linewidth=1.4, solid_capstyle="butt"
    )
    panel.annotate(
        f"{length} ms", (float(time[-1]) - length, height), xytext=(-3, 0), textcoords="offset points", fontsize=7,
        ha="right", va="center",
    )  # fmt: skip
