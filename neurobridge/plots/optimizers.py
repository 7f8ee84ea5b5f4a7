"""Figures of optimisers: their paths on a surface, their sensitivity, their progress, their cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
from matplotlib.animation import FuncAnimation, PillowWriter
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, NullFormatter
from numpy import ndarray

from neurobridge.errors import InputError
from neurobridge.plots.style import Picture, colour, styled

# optimiser -> the colour of its family
FAMILIES = {
    "gradient_descent": "ANN", "sgd": "ANN", "minibatch_sgd": "ANN",
    "armijo": "rate", "goldstein": "rate", "full_relaxation": "rate",
    "momentum": "radix", "heavy_ball": "radix", "nesterov": "radix",
    "adagrad": "signed", "rmsprop": "signed", "adam": "signed", "adamw": "signed",
    "sgld": "quantised ANN", "sam": "latency",
}  # fmt: skip
FAMILY_NAMES = {
    "ANN": "plain", "rate": "line search", "radix": "momentum", "signed": "adaptive",
    "quantised ANN": "Langevin", "latency": "sharpness-aware",
}  # fmt: skip


@final
@dataclass(frozen=True, kw_only=True)
class Ground:
    """What paths are drawn on.

    Args:
        title: the function.
        x: `(column,)`.
        y: `(row,)`.
        loss: `(row, column)`.
        minima: `(minimum, 2)`, marked with a cross.
    """

    title: str
    x: ndarray
    y: ndarray
    loss: ndarray
    minima: ndarray


def trajectories(ground: Ground, paths: Mapping[str, ndarray], columns: int = 5) -> Figure:
    """Draw one panel an optimiser: contours and its path.

    Args:
        ground: the surface.
        paths: optimiser -> points `(step, 2)`; points outside of the window are cut.
        columns: panels in a row.

    Raises:
        InputError: there is no path.
    """
    if not paths:
        raise InputError("trajectories: give at least one path.")
    rows = -(-len(paths) // columns)
    with styled():
        figure = Picture(figsize=(1.75 * columns, 1.75 * rows + 0.3))
        panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
        for panel in panels[len(paths) :]:
            panel.set_axis_off()
        for panel, (name, points) in zip(panels, paths.items(), strict=False):
            _contours(panel, ground)
            _path(panel, points, colour(FAMILIES.get(name, "ink")))
            panel.set_title(f"{name.replace('_', ' ')}, {len(points) - 1} steps", fontsize=7.5)
            panel.tick_params(labelsize=6.5)
        figure.suptitle(ground.title, fontsize=10, x=0.01, ha="left")
        return figure


def animation(ground: Ground, paths: Mapping[str, ndarray], file: Path, frames: int = 60) -> Path:
    """Write an animated GIF of all optimisers on one surface.

    Args:
        ground: the surface.
        paths: optimiser -> points `(step, 2)`; each path is shown at its own speed, so that all end together.
        file: where it goes, ending in .gif.
        frames: pictures, at 15 a second.
    """
    with styled():
        figure = Picture(figsize=(5.6, 4.2))
        axes = figure.subplots()
        _contours(axes, ground)
        axes.set_title(ground.title)
        artists = {name: _walker(axes, name, points) for name, points in paths.items()}
        axes.legend(fontsize=6.5, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)

        def draw(frame: int) -> list[Any]:
            for name, points in paths.items():
                upto = points[: 1 + round(frame / max(1, frames - 1) * (len(points) - 1))]
                trail, head = artists[name]
                trail.set_data(upto[:, 0], upto[:, 1])
                head.set_data(upto[-1:, 0], upto[-1:, 1])
            return [artist for pair in artists.values() for artist in pair]

        file.parent.mkdir(parents=True, exist_ok=True)
        FuncAnimation(figure, draw, frames=frames).save(file, writer=PillowWriter(fps=15), dpi=100)
    return file


def sensitivity(
    titles: Sequence[str], rates: ndarray, scores: Mapping[str, ndarray], targets: Sequence[float]
) -> Figure:
    """Draw what each learning rate reaches: a row an optimiser, a column a rate, dark is good, a dot is solved.

    Args:
        titles: one a problem.
        rates: `(rate,)`.
        scores: optimiser -> `(problem, rate)`, lower is better, infinite where it failed.
        targets: score that counts as solved, one a problem.
    """
    names = list(scores)
    with styled():
        figure = Picture(figsize=(2.4 * len(titles) + 1.2, 0.2 * len(names) + 1.4))
        panels = figure.subplots(1, len(titles), squeeze=False, sharey=True)[0]
        for index, (panel, title) in enumerate(zip(panels, titles, strict=True)):
            table = np.array([scores[name][index] for name in names])
            _heat(figure, panel, table, targets[index])
            panel.set_title(title)
            powers = [place for place, rate in enumerate(rates) if np.isclose(np.log10(rate) % 1, 0)]
            panel.set_xticks(powers, [f"$10^{{{round(np.log10(rates[place]))}}}$" for place in powers])
            panel.set_xlabel("learning rate")
        panels[0].set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
        for label, name in zip(panels[0].get_yticklabels(), names, strict=True):
            label.set_color(colour(FAMILIES.get(name, "ink")))
        solved = Line2D([], [], marker=".", ls="", color="white", mec=colour("ink"), ms=7, label="solved")
        failed = Patch(color=colour("line"), label="diverged")
        figure.legend(handles=[solved, failed], loc="outside lower center", ncol=2, frameon=False, fontsize=8)
        return figure


def progress(
    titles: Sequence[str], curves: Sequence[Mapping[str, tuple[ndarray, ndarray]]], labels: Sequence[str]
) -> Figure:
    """Draw score against budget, one panel a problem, one line an optimiser at its best learning rate.

    Args:
        titles: one a problem.
        curves: one a problem: optimiser -> (cost, score), each `(look,)`.
        labels: of the score's axis, one a problem.
    """
    with styled():
        figure = Picture(figsize=(7.6, 3.0 * -(-len(titles) // 2)))
        panels = figure.subplots(-(-len(titles) // 2), 2, squeeze=False).ravel()
        for panel, title, lines, label in zip(panels, titles, curves, labels, strict=False):
            for name, (cost, score) in lines.items():
                panel.plot(cost, np.maximum(score, 1e-16), color=colour(FAMILIES.get(name, "ink")), lw=1.1, alpha=0.85)
            _end_labels(panel, lines)
            panel.set_yscale("log")
            panel.set_title(title)
            panel.set_ylabel(label)
            panel.set_xlabel("gradients of all samples")
        handles = [panels[0].plot([], [], color=colour(key), label=name)[0] for key, name in FAMILY_NAMES.items()]
        figure.legend(handles=handles, loc="outside lower center", ncol=6, frameon=False, fontsize=8)
        return figure


def footprint(names: Sequence[str], seconds: ndarray, state: ndarray, peak: ndarray) -> Figure:
    """Draw time of an update and memory, beside the gradients.

    Args:
        names: of the optimisers.
        seconds: `(optimizer,)`, relative to SGD's foreach update.
        state: `(optimizer,)`, kept between updates, relative to the parameters.
        peak: `(optimizer,)`, at most within an update, relative to the parameters.
    """
    place = np.arange(len(names))
    with styled():
        figure = Picture(figsize=(6.4, 0.22 * len(names) + 0.9))
        left, right = figure.subplots(1, 2, sharey=True)
        left.barh(place, seconds, color=[colour(FAMILIES.get(name, "ink")) for name in names], height=0.65)
        for row, value in zip(place, seconds, strict=True):
            left.text(value, row, f" {value:.1f}", va="center", fontsize=7.5)
        left.set_xlabel("time of an update / SGD's")
        right.barh(place, state, color=colour("faint"), height=0.65, label="kept")
        right.barh(place, peak, left=state, color=colour("line"), height=0.65, label="within an update")
        right.set_xlabel("memory / parameters")
        right.legend(frameon=False, fontsize=7.5)
        left.set_yticks(place, [name.replace("_", " ") for name in names])
        left.invert_yaxis()
        return figure


def _contours(axes: Axes, ground: Ground) -> None:
    depth = ground.loss - ground.loss.min()
    shown = np.log10(depth + 1e-3 * depth.max())
    sides = (ground.x[0], ground.x[-1], ground.y[0], ground.y[-1])
    axes.imshow(shown, extent=sides, origin="lower", aspect="auto", cmap="Greys_r", alpha=0.4, interpolation="bilinear")
    # evenly spaced in a power, so that a valley floor and its walls both have lines
    levels = np.linspace(0, 1, 9)[1:] ** 4 * depth.max()
    axes.contour(
        ground.x[::2], ground.y[::2], depth[::2, ::2], levels=levels, colors="white", linewidths=0.6, linestyles="solid"
    )
    if len(ground.minima):
        axes.plot(ground.minima[:, 0], ground.minima[:, 1], "x", color=colour("ink"), ms=5, mew=1.2, zorder=5)
    axes.set_xlim(ground.x[0], ground.x[-1])
    axes.set_ylim(ground.y[0], ground.y[-1])


def _path(axes: Axes, points: ndarray, shade: str) -> None:
    axes.plot(points[:, 0], points[:, 1], "-", color=shade, lw=1.2)
    axes.plot(points[:40, 0], points[:40, 1], ".", color=shade, ms=2.5)
    axes.plot(*points[0], "o", color=shade, ms=4, mfc="white", zorder=6)
    axes.plot(*points[-1], "o", color=shade, ms=4, zorder=6)


def _walker(axes: Axes, name: str, points: ndarray) -> tuple[Any, Any]:
    shade = colour(FAMILIES.get(name, "ink"))
    (trail,) = axes.plot([], [], "-", color=shade, lw=1.0, alpha=0.8)
    (head,) = axes.plot(points[:1, 0], points[:1, 1], "o", color=shade, ms=5, label=name.replace("_", " "))
    return trail, head


def _heat(figure: Figure, axes: Axes, table: ndarray, target: float) -> None:
    finite = np.where(np.isfinite(table), np.clip(table, 1e-12, 10), np.nan)
    norm = LogNorm(np.nanmin(finite), np.nanmax(finite))
    image = axes.imshow(finite, aspect="auto", cmap="viridis", norm=norm)
    rows, columns = np.nonzero(table < target)
    axes.plot(columns, rows, ".", color="white", ms=3.5)
    axes.set_facecolor(colour("line"))
    bar = figure.colorbar(image, ax=axes, shrink=0.85, pad=0.02)
    bar.ax.set_title("score", fontsize=7, loc="left")
    bar.ax.tick_params(labelsize=6.5)
    bar.ax.yaxis.set_minor_formatter(NullFormatter())
    bar.ax.yaxis.set_major_locator(LogLocator(numticks=5))


def _end_labels(axes: Axes, lines: Mapping[str, tuple[ndarray, ndarray]]) -> None:
    """Write names at the ends of lines, moved apart where they would overlap."""
    everything = np.log10(np.maximum(np.concatenate([score for _, score in lines.values()]), 1e-16))
    low, high = everything[np.isfinite(everything)].min(), everything[np.isfinite(everything)].max()
    ends = sorted((max(score[-1], 1e-16), name) for name, (_, score) in lines.items() if np.isfinite(score[-1]))
    places = np.log10([end for end, _ in ends])
    gap = max((high - low) / 19, 1e-6)
    for index in range(1, len(places)):
        places[index] = max(places[index], places[index - 1] + gap)
    for index in reversed(range(len(places))):
        places[index] = min(places[index], high - gap * (len(places) - 1 - index))
    right = max(float(cost[-1]) for cost, _ in lines.values())
    for place, (_, name) in zip(places, ends, strict=True):
        shade = colour(FAMILIES.get(name, "ink"))
        axes.text(right * 1.02, 10**place, name.replace("_", " "), fontsize=6, va="center", color=shade)
