"""Figures of networks: rasters by population over time with their rates, maps of activity, receptive fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import ndarray

from neurobridge.errors import InputError
from neurobridge.plots.neurons import SHADES
from neurobridge.plots.style import Picture, canvas, colour, styled


@final
@dataclass(frozen=True, kw_only=True)
class Population:
    """The spikes of one population.

    Args:
        name: written beside its band.
        time: `(spike,)` in ms.
        index: `(spike,)` which neuron fired.
        size: how many neurons are drawn.
        rate: `(bin,)` population rate in Hz.
    """

    name: str
    time: ndarray
    index: ndarray
    size: int
    rate: ndarray


def population_raster(
    populations: Sequence[Population], bins: ndarray, title: str = "", downwards: bool = False
) -> Figure:
    """Draw the spikes of populations above their rates.

    Args:
        populations: from bottom to top.
        bins: `(bin,)` centres of the bins of the rates in ms.
        title: above the figure.
        downwards: whether the populations are drawn from top to bottom instead, as layers of the cortex are.
    """
    with styled():
        figure, (raster, rates) = canvas(4.2, rows=2, width=5.5, sharex=True, height_ratios=[2.2, 1])
        _fill(raster, rates, populations, bins)
        raster.set_yticks(*_names(populations), fontsize=8 if len(populations) < 5 else 7)
        if downwards:
            raster.invert_yaxis()
        raster.set_title(title)
        return figure


def population_rasters(networks: Mapping[str, Sequence[Population]], bins: ndarray, columns: int = 2) -> Figure:
    """Draw several networks in a grid, the spikes of each above its rates.

    Args:
        networks: title -> populations from bottom to top.
        bins: `(bin,)` centres of the bins of all rates in ms; of the first ones only, if the rest is not to be drawn.
        columns: networks in a row.

    Raises:
        InputError: there is no network.
    """
    if not networks:
        raise InputError("a figure of networks needs at least one of them.")
    rows = -(-len(networks) // columns)
    with styled():
        figure = Picture(figsize=(3.4 * columns, 2.6 * rows))
        grid = figure.subplots(2 * rows, columns, squeeze=False, sharex=True, height_ratios=[2.2, 1] * rows)
        for place, (title, populations) in enumerate(networks.items()):
            row, column = 2 * (place // columns), place % columns
            _fill(grid[row, column], grid[row + 1, column], populations, bins)
            grid[row, column].set_yticks(*(_names(populations) if len(populations) > 1 else ([], [])))
            grid[row, column].set_title(title, fontsize=8)
        for axes in grid.ravel():
            axes.set_visible(axes.has_data())
        return figure


def _fill(raster: Axes, rates: Axes, populations: Sequence[Population], bins: ndarray) -> None:
    base, dot = 0, float(np.clip(320 / sum(group.size for group in populations), 1.6, 4.0))
    for place, group in enumerate(populations):
        shade = colour(SHADES[place % len(SHADES)])
        raster.plot(
            group.time, base + group.index, ".", color=shade, markersize=dot, markeredgewidth=0, rasterized=True
        )
        rates.plot(bins, group.rate[: len(bins)], color=shade, linewidth=0.8)
        base += group.size
    raster.tick_params(axis="y", length=0)
    raster.set_ylim(0, base)
    rates.set(xlabel="time [ms]", ylabel="rate [Hz]", xlim=(bins[0], bins[-1]))
    rates.set_ylim(bottom=0)


def _names(populations: Sequence[Population]) -> tuple[list[float], list[str]]:
    """Return where each population's name is written, and the names."""
    tops = np.cumsum([group.size for group in populations])
    middles = [float(top) - 0.5 * group.size for top, group in zip(tops, populations, strict=True)]
    return middles, [group.name for group in populations]


def heatmap(
    values: ndarray, extent: tuple[float, float, float, float], labels: tuple[str, str], title: str = ""
) -> Figure:
    """Draw a map over time, such as activity around a ring.

    Args:
        values: `(row, column)`.
        extent: left, right, bottom, top of the axes.
        labels: of the two axes.
        title: above the axes.
    """
    with styled():
        figure, (axes,) = canvas(2.9, width=5.2)
        image = axes.imshow(values, aspect="auto", origin="lower", extent=extent, cmap="Blues")
        figure.colorbar(image, ax=axes, label="rate [Hz]")
        axes.set(xlabel=labels[0], ylabel=labels[1], title=title)
        return figure


def receptive_fields(images: ndarray, titles: Sequence[str], heading: str = "", columns: int = 10) -> Figure:
    """Draw the weights of neurons as small images in a grid.

    Args:
        images: `(neuron, row, column)`, all on one scale.
        titles: one a neuron.
        heading: above the figure.
        columns: images in a row.
    """
    rows = -(-len(images) // columns)
    with styled():
        figure = Figure(figsize=(0.62 * columns, 0.72 * rows + 0.5), layout="constrained")
        figure.suptitle(heading, x=0.01, ha="left", fontsize=9)
        panels = figure.subplots(rows, columns, squeeze=False).ravel()
        for panel in panels:
            panel.set_axis_off()
        for panel, image, title in zip(panels, images, titles, strict=False):
            panel.imshow(image, cmap="Blues", vmin=0, vmax=images.max())
            panel.set_title(title, fontsize=7, pad=1.5, loc="center")
        return figure
