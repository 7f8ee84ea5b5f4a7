"""How often spiking networks choose as the original does, against the time and the spikes it takes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, ScalarFormatter
from numpy import ndarray

from neurobridge.plots.style import canvas, colour, styled

TICKS = (0.0, 50.0, 80.0, 90.0, 95.0, 98.0, 99.0, 99.5, 99.8, 99.9, 99.95)
LEAST_MISSED = 0.02  # per cent; nothing missed has no place on a logarithmic axis
STYLES = ("--", ":", "-.")


@final
@dataclass(frozen=True, kw_only=True)
class Agreement:
    """One way of spiking, in order of its steps.

    Args:
        name: written at the curve's end; one of ours, by its code, has its colour.
        steps: `(network,)` from input to output.
        spikes: `(network,)` an inference.
        percent: `(network,)` of the images with the original's choice.
        peer: whether it is another library's: drawn faint and dashed.
    """

    name: str
    steps: ndarray
    spikes: ndarray
    percent: ndarray
    peer: bool = False


def agreement_figure(curves: Sequence[Agreement], lowest: float = 80.0) -> Figure:
    """Draw agreement against steps and against spikes, on a scale that spreads what is near 100 %.

    Args:
        curves: who is compared.
        lowest: per cent at the foot of the figure; what is below is left out.
    """
    with styled():
        figure, axes = canvas(6.6, rows=2)
        for ax, name in zip(axes, ("steps", "spikes"), strict=True):
            styles = iter(STYLES * len(curves))
            for curve in curves:
                _draw(ax, curve, getattr(curve, name), lowest, next(styles) if curve.peer else "-")
            _scale(ax, lowest)
        axes[0].set(xlabel="steps from input to output", title="images with the original network's choice, %")
        axes[1].set(xlabel="spikes per inference")
        handles, names = axes[0].get_legend_handles_labels()
        figure.legend(handles, names, frameon=False, fontsize=7.5, loc="outside lower left", ncols=2, handlelength=2.4)
    return figure


def _draw(ax: Axes, curve: Agreement, x: ndarray, lowest: float, style: str) -> None:
    shown = curve.percent >= lowest
    missed = np.maximum(100 - curve.percent, LEAST_MISSED)
    shade = colour("faint") if curve.peer else colour(curve.name.split(",")[0])
    fill = "white" if curve.peer or "," in curve.name else shade
    ax.plot(x[shown], missed[shown], style, marker="o", color=shade, markerfacecolor=fill, label=curve.name)


def _scale(ax: Axes, lowest: float) -> None:
    ticks = [100 - tick for tick in TICKS if tick >= lowest]
    ax.set_xscale("log", base=2)
    ax.set_yscale("log")
    ax.set_ylim(100 - lowest, LEAST_MISSED)
    ax.yaxis.set_major_locator(FixedLocator(ticks))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda missed, _: f"{100 - missed:g}"))
    ax.xaxis.set_major_formatter(ScalarFormatter())
    ax.grid(axis="y", linewidth=0.4)
