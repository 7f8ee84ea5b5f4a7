"""Figures of loss landscapes: surfaces, profiles, spectra, stability, connections, counter-examples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from numpy import ndarray

from neurobridge.plots.style import Picture, canvas, colour, styled

SHADES = ("radix", "rate", "signed", "quantised ANN", "latency", "ANN")


@final
@dataclass(frozen=True, kw_only=True)
class Plane:
    """A loss on a plane, and what happened there.

    Args:
        title: of the panel.
        x: `(column,)`.
        y: `(row,)`.
        loss: `(row, column)`.
        path: `(step, 2)`, the optimiser's weights in the plane; empty for none.
    """

    title: str
    x: ndarray
    y: ndarray
    loss: ndarray
    path: ndarray


def planes(entries: Sequence[Plane], labels: tuple[str, str] = ("first direction", "second direction")) -> Figure:
    """Draw losses on planes side by side, with one colour scale.

    Args:
        entries: one a panel.
        labels: of the axes.
    """
    with styled():
        figure = Picture(figsize=(3.1 * len(entries) + 0.7, 3.0))
        panels = figure.subplots(1, len(entries), squeeze=False)[0]
        floor = min(float(entry.loss.min()) for entry in entries)
        top = max(float(np.percentile(entry.loss, 95)) for entry in entries)
        levels = np.geomspace(max(floor, 1e-3 * top), top, 22)
        for panel, entry in zip(panels, entries, strict=True):
            loss = np.clip(entry.loss, levels[0], levels[-1])
            image = panel.contourf(entry.x, entry.y, loss, levels=levels, norm=LogNorm(levels[0], levels[-1]))
            panel.contour(entry.x, entry.y, loss, levels=levels[1::2], colors="white", linewidths=0.3)
            if len(entry.path):
                panel.plot(entry.path[:, 0], entry.path[:, 1], "-", color="white", lw=1.6)
                panel.plot(entry.path[:, 0], entry.path[:, 1], ".-", color=colour("rate"), lw=1.0, ms=3)
            panel.plot(0, 0, "o", color="white", mec=colour("ink"), ms=5)
            panel.set(title=entry.title, xlabel=labels[0])
        panels[0].set_ylabel(labels[1])
        powers = 10.0 ** np.arange(np.ceil(np.log10(levels[0])), np.floor(np.log10(levels[-1])) + 1)
        figure.colorbar(image, ax=list(panels), shrink=0.85, label="loss", ticks=powers, format="%g")
        return figure


def relief(title: str, x: ndarray, y: ndarray, loss: ndarray, label: str = "loss") -> Figure:
    """Draw a loss on a plane as a mountain seen from the side.

    Args:
        title: of the figure.
        x: `(column,)`.
        y: `(row,)`.
        loss: `(row, column)`.
        label: of the heights.
    """
    with styled():
        figure = Picture(figsize=(4.4, 3.6))
        axes = figure.add_subplot(projection="3d")
        columns, rows = np.meshgrid(x, y)
        axes.plot_surface(columns, rows, loss, cmap="viridis", linewidth=0, antialiased=True, rcount=120, ccount=120)
        axes.set_title(title)
        axes.set_xlabel("first direction", fontsize=8, labelpad=-2)
        axes.set_ylabel("second direction", fontsize=8, labelpad=-2)
        axes.set_zlabel(label, fontsize=8, labelpad=-2)
        axes.set_box_aspect(None, zoom=0.85)
        axes.locator_params(nbins=4)
        axes.tick_params(labelsize=7, pad=0)
        axes.view_init(elev=38, azim=-60)
        return figure


def profiles(curves: Mapping[str, tuple[ndarray, ndarray]], xlabel: str, ylabel: str = "loss") -> Figure:
    """Draw losses along lines.

    Args:
        curves: name -> (position, loss), each `(position,)`.
        xlabel: of the position.
        ylabel: of the loss.
    """
    with styled():
        figure, (axes,) = canvas(2.8)
        for shade, (name, (along, loss)) in zip(SHADES, curves.items(), strict=False):
            axes.plot(along, loss, color=colour(shade), label=name)
        axes.set(xlabel=xlabel, ylabel=ylabel)
        axes.legend(frameon=False, fontsize=8)
        return figure


def spectrum(grid: ndarray, density: ndarray, eigenvalues: ndarray, title: str) -> Figure:
    """Draw a spectral density on a logarithmic axis, with exact eigenvalues as ticks below.

    Args:
        grid: `(grid,)`.
        density: `(grid,)`, per unit of eigenvalue.
        eigenvalues: `(eigenvalue,)`; empty if they are not known.
        title: of the figure.
    """
    with styled():
        figure, (axes,) = canvas(2.8)
        floor = density.max() * 1e-5
        axes.fill_between(grid, floor, np.maximum(density, floor), color=colour("radix"), alpha=0.25, lw=0)
        axes.plot(grid, np.maximum(density, floor), color=colour("radix"), label="Lanczos quadrature")
        if len(eigenvalues):
            height = np.full(len(eigenvalues), floor * 1.6)
            axes.plot(eigenvalues, height, "|", color=colour("rate"), ms=7, mew=0.7, label="exact eigenvalues")
        axes.set_yscale("log")
        axes.set_ylim(floor)
        axes.set(xlabel="eigenvalue of the Hessian", ylabel="density", title=title)
        axes.legend(frameon=False, fontsize=8, loc="upper right")
        return figure


def edge_of_stability(curves: Mapping[float, tuple[ndarray, ndarray]]) -> Figure:
    """Draw the highest curvature during training with several fixed steps, and each one's limit 2 / lr.

    Args:
        curves: learning rate -> (step, sharpness), each `(look,)`.
    """
    with styled():
        figure, (axes,) = canvas(2.8)
        for shade, (rate, (step, sharpness)) in zip(SHADES, curves.items(), strict=False):
            axes.plot(step, sharpness, color=colour(shade))
            axes.axhline(2 / rate, color=colour(shade), ls=":", lw=1)
            axes.annotate(
                f"lr {rate:g}: 2/lr = {2 / rate:.3g}", (step[-1], 2 / rate), (0, -3), textcoords="offset points",
                ha="right", va="top", fontsize=7.5, color=colour(shade),
            )  # fmt: skip
        axes.set(xlabel="full-batch step", ylabel="highest eigenvalue of the Hessian", ylim=(0, None))
        return figure


def counterexamples(cases: Mapping[str, tuple[ndarray, ndarray]]) -> Figure:
    """Draw functions along the segments that disprove their convexity, with the chord each should stay below.

    Args:
        cases: name -> (fraction, value), each `(point,)`.
    """
    with styled():
        figure = Picture(figsize=(2.1 * len(cases), 2.5))
        panels = figure.subplots(1, len(cases), squeeze=False)[0]
        for panel, (name, (along, value)) in zip(panels, cases.items(), strict=True):
            chord = (1 - along) * value[0] + along * value[-1]
            panel.fill_between(along, chord, value, where=value > chord, color=colour("rate"), alpha=0.35, lw=0)
            panel.plot(along, value, color=colour("ink"), lw=1.3, label="f")
            panel.plot(along, chord, color=colour("rate"), ls="--", lw=1.1, label="the chord no convex f exceeds")
            panel.set_title(name)
            panel.tick_params(labelsize=7)
            panel.set_xlabel("share of the segment")
        panels[0].set_ylabel("f along the segment")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncol=2, frameon=False)
        return figure


def connection(along: ndarray, straight: ndarray, curved: ndarray, errors: ndarray) -> Figure:
    """Draw the loss from one minimum to another, straight and on a trained curve.

    Args:
        along: `(position,)`.
        straight: `(position,)`.
        curved: `(position,)`.
        errors: test error on the straight line and on the curve, `(2, position)`.
    """
    with styled():
        figure, (above, below) = canvas(3.8, rows=2, sharex=True)
        for axes, pair in ((above, (straight, curved)), (below, errors)):
            axes.plot(along, pair[0], color=colour("rate"), label="straight line")
            axes.plot(along, pair[1], color=colour("radix"), label="trained curve")
        above.set_yscale("log")
        above.set_ylabel("training loss")
        above.legend(frameon=False, fontsize=8)
        below.set(xlabel="from one minimum to the other", ylabel="test error", ylim=(0, None))
        return figure
