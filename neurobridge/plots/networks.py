"""Figures of networks: rasters by population over time with their rates, and maps of activity."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from matplotlib.figure import Figure
from numpy import ndarray

from neurobridge.plots.neurons import SHADES
from neurobridge.plots.style import canvas, colour, styled


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


def population_raster(populations: Sequence[Population], bins: ndarray, title: str = "") -> Figure:
    """Draw the spikes of populations above their rates.

    Args:
        populations: from bottom to top.
        bins: `(bin,)` centres of the bins of the rates in ms.
        title: above the figure.
    """
    with styled():
        figure, (raster, rates) = canvas(4.2, rows=2, width=5.5, sharex=True, height_ratios=[2.2, 1])
        base, middles = 0, []
        for place, group in enumerate(populations):
            shade = colour(SHADES[place % len(SHADES)])
            raster.plot(
                group.time, base + group.index, ".", color=shade, markersize=1.6, markeredgewidth=0, rasterized=True
            )
            rates.plot(bins, group.rate, color=shade, linewidth=0.8)
            middles.append(base + 0.5 * group.size)
            base += group.size
        raster.set_yticks(middles, [group.name for group in populations])
        raster.tick_params(axis="y", length=0)
        raster.set_ylim(0, base)
        raster.set_title(title)
        rates.set(xlabel="time [ms]", ylabel="rate [Hz]", xlim=(bins[0], bins[-1]))
        rates.set_ylim(bottom=0)
        return figure


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
