"""Spike rasters: one dot a spike, one band a layer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy import ndarray

from neurobridge.errors import InputError
from neurobridge.plots.style import Picture, canvas, colour, styled

GAP = 0.14  # of a band's height, between two bands
ACROSS = 210  # points that the steps share


@final
@dataclass(frozen=True, kw_only=True)
class Band:
    """One layer's spikes.

    Args:
        name: of the layer.
        window: the first step in which it may fire and the step after the last.
        neurons: how many neurons are drawn.
        steps: `(spike,)` step of each spike.
        indices: `(spike,)` which of the drawn neurons fired it.
        total: how many neurons the layer has.
    """

    name: str
    window: tuple[int, int]
    neurons: int
    steps: ndarray
    indices: ndarray
    total: int


def layered_raster(bands: Sequence[Band], shade: str) -> Figure:
    """Draw the spikes of all layers over one clock, input on top, the window of each layer shaded.

    Args:
        bands: the layers, input first.
        shade: name of the colour.
    """
    with styled():
        figure, (axes,) = canvas(_height(bands) + 0.6)
        _fill(axes, bands, shade, ACROSS, {band.name: place for place, band in enumerate(bands)})
        _name(axes, bands)
        axes.set_xlabel("step")
        return figure


def layered_rasters(networks: Mapping[str, Sequence[Band]]) -> Figure:
    """Draw the spikes of several forms of one network side by side, equal layers in one row, each over its own clock.

    Args:
        networks: title -> the layers, input first; a title begins with the name of the colour, such as a code.

    Raises:
        InputError: there is no network.
    """
    if not networks:
        raise InputError("a figure of rasters needs at least one network.")
    longest = max(networks.values(), key=len)
    rows = {band.name: place for place, band in enumerate(longest)}
    with styled():
        figure = Picture(figsize=(1.0 + 2.1 * len(networks), _height(longest) + 0.9))
        panels = figure.subplots(1, len(networks), squeeze=False)[0]
        for axes, (title, bands) in zip(panels, networks.items(), strict=True):
            _fill(axes, bands, title.replace(",", " ").split(" ")[0], 0.6 * ACROSS, rows)
            axes.set_yticks([])
            axes.set(title=title, xlabel="step")
        _name(panels[0], longest)
        return figure


def _height(bands: Sequence[Band]) -> float:
    return max(0.42, 2.1 / len(bands)) * len(bands)


def _fill(axes: Axes, bands: Sequence[Band], shade: str, across: float, rows: Mapping[str, int]) -> None:
    last = max(band.window[1] for band in bands)
    for band in bands:
        draw_band(axes, rows[band.name], band, shade, width=min(5.0, 0.7 * across / last))
    axes.spines["left"].set_visible(False)
    axes.set_ylim(len(rows), -GAP)
    axes.set_xlim(0, last)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _name(axes: Axes, bands: Sequence[Band]) -> None:
    places = [place + 0.5 * (1 - GAP) for place in range(len(bands))]
    axes.set_yticks(places, [f"{band.name}\n{band.total:,} neurons" for band in bands], fontsize=7)
    axes.tick_params(axis="y", length=0)


def draw_band(axes: Axes, place: int, band: Band, shade: str, width: float) -> None:
    """Draw one layer's window and its spikes as blocks `width` points wide in the middle of their step."""
    height = 1 - GAP
    first, last = band.window
    axes.fill_between([first, last], place, place + height, color=colour(shade), alpha=0.10, linewidth=0)
    middle = band.steps + 0.5
    bottom = place + height * band.indices / band.neurons
    stroke = height / band.neurons
    # one path for the whole band keeps the file small: a stroke, a gap, a stroke
    x = np.stack([middle, middle, np.full(len(middle), np.nan)], axis=1).ravel()
    y = np.stack([bottom, bottom + stroke, np.full(len(middle), np.nan)], axis=1).ravel()
    axes.plot(x, y, color=colour(shade), linewidth=width, solid_capstyle="butt")
