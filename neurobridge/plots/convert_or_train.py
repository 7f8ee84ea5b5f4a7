"""How often spiking networks are right that were converted, fine-tuned or trained, against what they take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator
from numpy import ndarray

from neurobridge.plots.comparison import logarithmic
from neurobridge.plots.style import Picture, colour, styled

TICKS = (50.0, 80.0, 90.0, 95.0, 98.0, 99.0, 99.5)
PANELS = {"steps": "steps from input to output", "spikes": "spikes per inference", "seconds": "CPU seconds to make it"}
REFERENCE = "ANN"


@final
@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to a spiking network, in order of its steps; or the ANN, which is drawn as a line.

    Args:
        name: written in the legend; its first word, up to a comma, has a colour, or the word after it.
        steps: `(network,)` from input to output.
        spikes: `(network,)` an inference.
        seconds: `(network,)` of CPU time, beyond the ANN's where there is one.
        accuracy: `(network,)` per cent.
    """

    name: str
    steps: ndarray
    spikes: ndarray
    seconds: ndarray
    accuracy: ndarray


def ways_figure(panels: Mapping[str, Sequence[Way]], lowest: float = 80.0) -> Figure:
    """Draw accuracy against steps, spikes and time, on a scale that spreads what is near 100 %.

    Args:
        panels: architecture -> the ways to spikes.
        lowest: per cent at the foot; what is below is left out.
    """
    with styled():
        figure = Picture(figsize=(7.2, 0.7 + 2.3 * len(panels)))
        axes = figure.subplots(len(panels), len(PANELS), squeeze=False, sharey="row")
        for row, (name, ways) in zip(axes, panels.items(), strict=True):
            row[0].set(ylabel=f"{name}: accuracy, %")
            for ax, quantity in zip(row, PANELS, strict=True):
                _draw(ax, ways, quantity, lowest)
                _scale(ax, ways, lowest)
                taken = np.concatenate([getattr(way, quantity) for way in ways if way.name != REFERENCE])
                logarithmic(ax, taken)
            row[0].set_xscale("log", base=2)
            row[0].xaxis.set_major_locator(LogLocator(base=2, numticks=12))
            row[0].xaxis.set_major_formatter(FuncFormatter(lambda steps, _: f"{steps:g}"))
            row[0].xaxis.set_minor_locator(NullLocator())
        for ax, label in zip(axes[-1], PANELS.values(), strict=True):
            ax.set(xlabel=label)
        handles, names = axes[0][0].get_legend_handles_labels()
        figure.legend(handles, names, frameon=False, fontsize=7.5, loc="outside lower left", ncols=3, handlelength=2.4)
    return figure


def _draw(ax: Axes, ways: Sequence[Way], quantity: str, lowest: float) -> None:
    for way in ways:
        if way.name == REFERENCE:
            ax.axhline(100 - way.accuracy[0], color=colour(REFERENCE), linestyle="--", linewidth=1.0, label=REFERENCE)
            continue
        shown = way.accuracy >= lowest
        words = way.name.split(", ")
        shade = colour(words[1] if words[0] == "converted" else words[0])
        longer = words[0] != "converted" and len(words) > 1
        ax.plot(
            getattr(way, quantity)[shown],
            100 - way.accuracy[shown],
            ":" if longer else "-",
            marker="o",
            color=shade,
            markerfacecolor="white" if longer else shade,
            label=way.name,
        )


def _scale(ax: Axes, ways: Sequence[Way], lowest: float) -> None:
    best = min(float(np.min(100 - way.accuracy)) for way in ways)
    ax.set_yscale("log")
    ax.set_ylim(100 - lowest, best / 1.2)
    ax.yaxis.set_major_locator(FixedLocator([100 - tick for tick in TICKS if lowest <= tick]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda missed, _: f"{100 - missed:g}"))
    ax.grid(axis="y", linewidth=0.4)
