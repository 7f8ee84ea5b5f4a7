"""Figures of a comparison: what networks get right, at how many steps, spikes and picojoules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator
from numpy import ndarray

from neurobridge.plots.style import WIDTH, Picture, canvas, colour, styled

GUIDES = (0.1, 0.5)
LOSS_TICKS = (-10, -5, -1, -0.5, -0.1, 0, 0.1, 0.5, 1, 5, 10, 50)


@final
@dataclass(frozen=True, kw_only=True)
class Curve:
    """One code's networks, in order of `x`.

    Args:
        name: of the code; it chooses the colour and is written at the curve's end.
        x: `(network,)`.
        y: `(network,)`.
        low: `(network,)` lower bounds of y.
        high: `(network,)` upper bounds of y.
        marks: what is written beside each point ("T = 8").
    """

    name: str
    x: ndarray
    y: ndarray
    low: ndarray
    high: ndarray
    marks: tuple[str, ...]


def score_against_steps(curves: Sequence[Curve], reference: float, label: str, ceiling: float = np.inf) -> Figure:
    """Draw a score against the steps from input to output.

    Args:
        curves: one a code.
        reference: the ANN's score, drawn as a line.
        label: of the score's axis, with its unit.
        ceiling: the best score there is.
    """
    return against(curves, reference, label, ceiling, "steps from input to output")


def score_against_spikes(curves: Sequence[Curve], reference: float, label: str, ceiling: float = np.inf) -> Figure:
    """Draw a score against the spikes of one inference; arguments as in `score_against_steps`."""
    return against(curves, reference, label, ceiling, "spikes per inference")


def against(curves: Sequence[Curve], reference: float, label: str, ceiling: float, across: str) -> Figure:
    """Draw scores over a logarithmic axis, with the ANN as a line."""
    with styled():
        figure, (axes,) = canvas(3.0)
        reference_line(axes, reference, "ANN")
        draw(axes, curves)
        zoom(axes, curves, reference, ceiling)
        logarithmic(axes, np.concatenate([curve.x for curve in curves]))
        axes.set(xlabel=across, ylabel=label)
        return figure


def loss_against_steps(curves: Sequence[Curve], unit: str, guides: Sequence[float] = GUIDES) -> Figure:
    """Draw what is lost against the ANN, linear within the first guide and logarithmic outside.

    Args:
        curves: one a code; y is positive where the spiking network is worse.
        unit: of the loss ("points").
        guides: losses that are marked across the figure.
    """
    with styled():
        figure, (axes,) = canvas(3.0)
        reference_line(axes, 0.0, "ANN")
        for guide in guides:
            reference_line(axes, guide, f"{guide:g}", style=":")
        draw(axes, curves)
        axes.set_yscale("symlog", linthresh=guides[0], linscale=0.6)
        low, high = limits(curves, [0.0, *guides])
        axes.set_ylim(low * (2.5 if low < -guides[0] else 1.3) if low < 0 else -guides[0] / 2, high * 2.5)
        axes.set_yticks([tick for tick in LOSS_TICKS if axes.get_ylim()[0] <= tick <= axes.get_ylim()[1]])
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_locator(NullLocator())
        logarithmic(axes, np.concatenate([curve.x for curve in curves]))
        axes.set(xlabel="steps from input to output", ylabel=f"loss against the ANN, {unit}")
        return figure


def draw(axes: Axes, curves: Sequence[Curve]) -> None:
    """Draw curves with their intervals; what is written at a point stands on the side that its curve turns to.

    Every other curve has its words on the other side, so that neighbours don't write over each other. The
    last point carries the curve's name.
    """
    for number, curve in enumerate(curves):
        shade = colour(curve.name)
        axes.vlines(curve.x, curve.low, curve.high, color=shade, linewidth=1.0, alpha=0.5)
        axes.plot(curve.x, curve.y, "o-", color=shade)
        above = (curve.y[-1] >= curve.y[0]) == (number % 2 == 0)
        side = -1 if number % 2 == 0 else 1
        for x, y, mark in list(zip(curve.x, curve.y, curve.marks, strict=True))[:-1]:
            write(axes, (x, y), mark, (4 * side, 4 if above else -4), "right" if side < 0 else "left", shade)
        write(
            axes,
            (curve.x[-1], curve.y[-1]),
            f"{curve.name} {curve.marks[-1]}",
            (0, 8 if above else -8),
            "center",
            shade,
            weight="bold",
            fontsize=8,
        )


def write(
    axes: Axes, point: tuple[float, float], words: str, offset: tuple[int, int], ha: str, shade: str, **options: Any
) -> None:
    """Write words beside a point, `offset` typographic points away."""
    axes.annotate(
        words,
        point,
        offset,
        textcoords="offset points",
        ha=ha,
        va="bottom" if offset[1] > 0 else "top",
        color=shade,
        clip_on=True,
        bbox={"facecolor": colour("page"), "edgecolor": "none", "alpha": 0.75, "pad": 0.6},
        **{"fontsize": 7, **options},
    )


def reference_line(axes: Axes, height: float, name: str, style: str = "--") -> None:
    """Draw a line across the axes, named at its right end."""
    axes.axhline(height, color=colour("ANN"), linewidth=1.0, linestyle=style, zorder=0)
    axes.annotate(
        name,
        (1.0, height),
        (3, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        color=colour("ANN"),
        fontsize=8,
        va="center",
        annotation_clip=False,
    )


def limits(curves: Sequence[Curve], others: Sequence[float]) -> tuple[float, float]:
    """Return the lowest and the highest of all bounds and of `others`."""
    low = min([*others, *(float(curve.low.min()) for curve in curves)])
    high = max([*others, *(float(curve.high.max()) for curve in curves)])
    return low, high


def zoom(axes: Axes, curves: Sequence[Curve], reference: float, ceiling: float) -> None:
    """Leave out points far from the reference that would flatten all the others; a clipped curve leaves the axes."""
    heights = np.concatenate([curve.y for curve in curves])
    gaps = np.sort(np.abs(heights - reference))
    near = max(1.5 * float(np.quantile(gaps, 0.7, method="lower")), 0.01 * abs(reference), 1e-9)
    shown = [curve for curve in curves if (np.abs(curve.y - reference) <= near).any()]
    low, high = limits(shown or curves, [reference])
    margin = 0.08 * (min(high - low, 2 * near) or near)
    top = min(high, reference + near, ceiling) + 2.5 * margin
    axes.set_ylim(max(low, reference - near) - margin, top)
    axes.set_yticks([tick for tick in axes.get_yticks() if tick <= ceiling and axes.get_ylim()[0] <= tick <= top])


def logarithmic(axes: Axes, values: ndarray) -> None:
    """Make the horizontal axis logarithmic with plain numbers at 1, 2 and 5."""
    axes.set_xscale("log")
    axes.set_xlim(values.min() / 1.6, values.max() * 2.0)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: plain(value)))
    axes.xaxis.set_minor_formatter(NullFormatter())


def plain(value: float) -> str:
    """Return a number as people write it: 200, 20k, 2M."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


@final
@dataclass(frozen=True, kw_only=True)
class Bar:
    """One network's energy under one preset.

    Args:
        name: written at the left.
        colour: name of its colour.
        parts: kind of operation -> energy, in the order they are stacked.
    """

    name: str
    colour: str
    parts: Mapping[str, float]


# accumulates and multiply-accumulates are what is usually published; what is usually left out is drawn paler
OPACITY: Mapping[str, float] = {"macs": 1.0, "accumulates": 1.0, "analog": 0.55, "updates": 0.28}
WORDS: Mapping[str, str] = {
    "macs": "synapses",
    "accumulates": "synapses",
    "analog": "constant input",
    "updates": "membranes",
}


def energy_bars(panels: Mapping[str, Sequence[Bar]], unit: str = "nJ per inference") -> Figure:
    """Draw the energy of one inference, one panel a preset, parts that are usually left out paler.

    Args:
        panels: preset -> its bars from top to bottom.
        unit: of the energies.
    """
    counts = [len(bars) for bars in panels.values()]
    with styled():
        figure, axes = canvas(0.5 * len(panels) + 0.24 * sum(counts) + 0.6, rows=len(panels), height_ratios=counts)
        for axis, (preset, bars) in zip(axes, panels.items(), strict=True):
            energy_panel(axis, preset, bars)
        axes[-1].set_xlabel(unit)
        drawn = {kind for bars in panels.values() for bar in bars for kind, width in bar.parts.items() if width > 0}
        shades = {WORDS[kind]: opacity for kind, opacity in OPACITY.items() if kind in drawn}
        if len(shades) > 1:
            patches = [Patch(color=colour("ANN"), alpha=opacity, label=word) for word, opacity in shades.items()]
            options = {"ncols": len(patches), "frameon": False, "fontsize": 8, "handlelength": 1}
            figure.legend(handles=patches, loc="outside lower center", **options)
        return figure


def energy_panel(axes: Axes, preset: str, bars: Sequence[Bar]) -> None:
    """Draw one preset's bars."""
    longest = max(sum(bar.parts.values()) for bar in bars)
    for place, bar in enumerate(bars):
        left = 0.0
        for kind, width in bar.parts.items():
            axes.barh(place, width, left=left, height=0.68, color=colour(bar.colour), alpha=OPACITY[kind], linewidth=0)
            left += width
        axes.text(left + 0.015 * longest, place, rounded(left), va="center", fontsize=8)
    axes.set_yticks(range(len(bars)), [bar.name for bar in bars])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlim(0, 1.12 * longest)
    axes.invert_yaxis()
    axes.set_title(preset)


def rounded(value: float) -> str:
    """Return a number with three figures or all digits before the point: 0.742, 19.4, 3,237."""
    return f"{value:.3g}" if value < 999.5 else f"{value:,.0f}"


@final
@dataclass(frozen=True, kw_only=True)
class Trace:
    """One network's score under one disturbance.

    Args:
        name: of the network.
        colour: name of its colour.
        x: `(level,)` how strong the disturbance is, as a share.
        y: `(level,)` scores.
    """

    name: str
    colour: str
    x: ndarray
    y: ndarray


MARKERS = "osD^v"


def score_against_disturbance(panels: Mapping[str, Sequence[Trace]], label: str) -> Figure:
    """Draw scores under growing disturbance, one panel a disturbance, side by side on one scale.

    Args:
        panels: disturbance -> its networks.
        label: of the score's axis, with its unit.
    """
    with styled():
        figure = Picture(figsize=(WIDTH, 2.6))
        axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for axis, (name, traces) in zip(axes, panels.items(), strict=True):
            for number, trace in enumerate(traces):
                marker = MARKERS[number % len(MARKERS)]
                axis.plot(100 * trace.x, trace.y, f"{marker}-", ms=4, color=colour(trace.colour), label=trace.name)
            axis.set_xlabel(f"{name}, %", fontsize=8)
        axes[0].set_ylabel(label)
        words = axes[0].get_legend_handles_labels()
        figure.legend(*words, loc="outside upper left", ncols=3, fontsize=8, frameon=False, handlelength=1.4)
        return figure


def layer_errors(names: Sequence[str], errors: Mapping[str, tuple[str, ndarray]]) -> Figure:
    """Draw each layer's quantisation error.

    Args:
        names: of the populations, input first.
        errors: what is written beside the points -> (name of its colour, `(population,)` errors; not a
            number where a network lacks a population).
    """
    with styled():
        figure, (axes,) = canvas(0.24 * len(names) + 0.9)
        places = np.arange(len(names))
        for title, (shade, values) in errors.items():
            axes.plot(values, places, "o-", color=colour(shade), linewidth=0.8, label=title)
            top = int(np.flatnonzero(np.isfinite(values))[0])
            axes.annotate(
                title,
                (values[top], top),
                (0, 8),
                textcoords="offset points",
                color=colour(shade),
                ha="center",
                fontsize=8,
                weight="bold",
                annotation_clip=False,
            )
        axes.set_yticks(places, names)
        axes.grid(axis="y", color=colour("line"), linewidth=0.6)
        axes.tick_params(axis="y", length=0)
        axes.invert_yaxis()
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlabel("quantisation error, relative root mean square")
        return figure
