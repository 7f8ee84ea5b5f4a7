"""Sequences from the inside: gradients through time, gates, attention, forecasts, the unrolled graph."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from numpy import ndarray

from neurobridge.plots.style import COLOURS, canvas, styled
from neurobridge.plots.training import CYCLE


def gradients(norms: Mapping[str, ndarray]) -> Figure:
    """Draw how much of the gradient reaches each step, as a share of what the last step gets.

    Args:
        norms: name of a network -> `(step,)`.
    """
    with styled():
        figure, (axes,) = canvas(2.8)
        for tint, (name, norm) in zip(CYCLE, norms.items(), strict=False):
            back = np.arange(len(norm))[::-1]
            axes.plot(back, np.maximum(norm / norm[-1], 1e-12), color=tint, label=name)
        axes.axhline(1, color=COLOURS["line"].light, linewidth=0.8, zorder=0)
        axes.set(yscale="log", xlabel="steps before the end", ylabel="gradient, relative to the last step")
        axes.legend(frameon=False, fontsize=8)
        return figure


def gates(opened: Mapping[str, ndarray]) -> Figure:
    """Draw gates over time, one picture a gate: units from top to bottom.

    Args:
        opened: name of a gate -> `(step, unit)` in [0, 1], or [-1, 1] for a candidate.
    """
    with styled():
        figure, rows = canvas(1.1 * len(opened) + 0.5, rows=len(opened), sharex=True)
        for axes, (name, values) in zip(rows, opened.items(), strict=True):
            signed = values.min() < 0
            image = axes.imshow(
                values.T, aspect="auto", cmap="RdBu_r" if signed else "viridis",
                vmin=-1 if signed else 0, vmax=1, interpolation="nearest",
            )  # fmt: skip
            axes.set(ylabel=name, yticks=[])
            figure.colorbar(image, ax=axes, ticks=[-1, 0, 1] if signed else [0, 1], pad=0.02)
        rows[-1].set_xlabel("step")
        return figure


def attention(weights: ndarray, asked: Sequence[str], looked_at: Sequence[str], title: str = "") -> Figure:
    """Draw where each place looks.

    Args:
        weights: `(asked, looked at)`, rows sum to 1.
        asked: names of the rows.
        looked_at: names of the columns.
        title: above the picture.
    """
    with styled():
        figure, (axes,) = canvas(0.9 + 0.27 * len(asked))
        image = axes.imshow(weights, cmap="Blues", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
        axes.set_xticks(range(len(looked_at)), looked_at)
        axes.set_yticks(range(len(asked)), asked)
        axes.tick_params(length=0)
        axes.set(xlabel="looked at", ylabel="answer", title=title)
        figure.colorbar(image, ax=axes, ticks=[0, 1], pad=0.02)
        return figure


def forecast(known: ndarray, truth: ndarray, forecasts: Mapping[str, ndarray]) -> Figure:
    """Draw a series and what was forecast of it.

    Args:
        known: `(time,)` before the forecasts.
        truth: `(ahead,)` what came.
        forecasts: name -> `(ahead,)`.
    """
    with styled():
        figure, (axes,) = canvas(2.4)
        before, after = np.arange(-len(known), 0), np.arange(len(truth))
        axes.plot(before, known, color=COLOURS["faint"].light)
        axes.plot(after, truth, color=COLOURS["ink"].light, label="what came")
        for tint, (name, values) in zip(CYCLE, forecasts.items(), strict=False):
            axes.plot(after, values, color=tint, linestyle=(0, (3, 1.5)), label=name)
        axes.set(xlabel="time", ylabel="value")
        axes.legend(frameon=False, fontsize=8, ncols=3, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0)
        return figure


def unrolled(parts: Sequence[str], steps: int) -> Figure:
    """Draw a recurrent network unrolled in time: one column a step, inputs below, outputs above.

    Args:
        parts: names of the layers, from the bottom.
        steps: columns.
    """
    with styled():
        figure, (axes,) = canvas(0.62 * (len(parts) + 2))
        for step in range(steps):
            _box(axes, step, 0, f"$x_{{{step + 1}}}$", "line")
            for layer, name in enumerate(parts, start=1):
                _box(axes, step, layer, name, "radix")
                _arrow(axes, (step, layer - 1), (step, layer))
                if step:
                    _arrow(axes, (step - 1, layer), (step, layer))
            _box(axes, step, len(parts) + 1, f"$y_{{{step + 1}}}$", "line")
            _arrow(axes, (step, len(parts)), (step, len(parts) + 1))
        axes.set(xlim=(-0.5, steps - 0.5), ylim=(-0.5, len(parts) + 1.5))
        axes.axis("off")
        return figure


HALF_WIDTH, HALF_HEIGHT = 0.3, 0.24


def _box(axes: Axes, x: float, y: float, text: str, tint: str) -> None:
    corner = (x - HALF_WIDTH, y - HALF_HEIGHT)
    edge = COLOURS[tint].light
    axes.add_patch(
        FancyBboxPatch(
            corner, 2 * HALF_WIDTH, 2 * HALF_HEIGHT, boxstyle="round,pad=0,rounding_size=0.08",
            facecolor="white", edgecolor=edge, linewidth=1.2, mutation_aspect=1,
        )
    )  # fmt: skip
    axes.text(x, y, text, ha="center", va="center", fontsize=8)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    across = start[1] == end[1]
    offset = np.array([HALF_WIDTH, 0.0]) if across else np.array([0.0, HALF_HEIGHT])
    a, b = np.array(start) + offset, np.array(end) - offset
    tint = COLOURS["rate"].light if across else COLOURS["faint"].light
    axes.add_patch(FancyArrowPatch(tuple(a), tuple(b), arrowstyle="-|>", mutation_scale=7, color=tint, linewidth=1.0))
