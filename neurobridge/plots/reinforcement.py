"""How agents learn, returns against environment steps, and how they play: pictures of an episode over its spikes."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray

from neurobridge.errors import InputError
from neurobridge.plots.style import COLOURS, Picture, canvas, styled
from neurobridge.plots.training import CYCLE


def learning(
    runs: Mapping[str, tuple[ndarray, ndarray]], wanted: float | None = None, lowest: float | None = None
) -> Figure:
    """Draw the median return of several agents over seeds, and between which quarters of the seeds it lies.

    Args:
        runs: name of an agent -> (environment steps `(evaluation,)`, mean returns `(seed, evaluation)`).
        wanted: a return to reach.
        lowest: what random actions get.
    """
    with styled():
        figure, (axes,) = canvas(2.8)
        for tint, (name, (steps, returns)) in zip(CYCLE * len(runs), runs.items(), strict=False):
            low, middle, high = np.quantile(returns, [0.25, 0.5, 0.75], axis=0)
            seeds = f", {len(returns)} seeds" if len(returns) > 1 else ""
            axes.plot(steps / 1000, middle, color=tint, label=f"{name}{seeds}")
            axes.fill_between(steps / 1000, low, high, color=tint, alpha=0.2, linewidth=0)
        for height, words, side in ((wanted, "wanted", "top"), (lowest, "random actions", "bottom")):
            if height is not None:
                axes.axhline(height, color=COLOURS["faint"].light, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
                axes.annotate(
                    words, (1, height), xycoords=("axes fraction", "data"), xytext=(0, -3 if side == "top" else 2),
                    textcoords="offset points", ha="right", va=side, fontsize=8, color=COLOURS["faint"].light,
                )  # fmt: skip
        axes.set(xlabel="environment steps (thousands)", ylabel="return: median, quartiles")
        axes.legend(frameon=False, fontsize=8, loc="best")
        return figure


def episode(
    pictures: ndarray,
    steps: ndarray,
    spikes: Mapping[str, ndarray],
    values: Mapping[str, ndarray],
    labels: tuple[str, str] = ("spikes a decision", "value"),
) -> Figure:
    """Draw moments of an episode, below them the spikes of each decision, and below these what it was decided by.

    Args:
        pictures: `(moment, row, column, 3)`; six or fewer.
        steps: `(moment,)` the steps of the pictures.
        spikes: name of a layer -> `(step, neuron)` spikes of each neuron in each decision.
        values: name of an action -> `(step,)`.
        labels: of the colours of the spikes, and of the vertical axis of the values.

    Raises:
        InputError: no pictures, or not one step for each.
    """
    if len(pictures) == 0 or len(pictures) != len(steps):
        raise InputError(f"each picture has its step; got {len(pictures)} pictures and {len(steps)} steps.")
    with styled():
        figure = Picture(figsize=(7.0, 2.2 + 1.1 * len(spikes)))
        above, under = figure.subfigures(2, squeeze=False, height_ratios=[0.9, 1.1 * len(spikes) + 1.2])[:, 0]
        strip = above.subplots(1, len(pictures), squeeze=False)[0]
        for axes, picture, step in zip(strip, pictures, steps, strict=True):
            axes.imshow(picture)
            axes.set_title(f"step {step}", fontsize=7, loc="center", pad=2)
            axes.set_axis_off()
        *layers, below = under.subplots(len(spikes) + 1, squeeze=False, sharex=True)[:, 0]
        most = max((counts.max() for counts in spikes.values()), default=1)
        for axes, (name, counts) in zip(layers, spikes.items(), strict=True):
            image = axes.imshow(counts.T, aspect="auto", cmap="Blues", vmin=0, vmax=most, interpolation="nearest")
            axes.set(ylabel=name, yticks=[])
        if layers:
            under.colorbar(image, ax=layers, pad=0.01, label=labels[0])
        for tint, (name, course) in zip(CYCLE * len(values), values.items(), strict=False):
            below.plot(np.arange(len(course)), course, color=tint, linewidth=1.2, label=name)
        for step in steps:
            below.axvline(step, color=COLOURS["line"].light, linewidth=0.8, zorder=0)
        below.set(xlabel="step of the episode", ylabel=labels[1])
        below.margins(x=0)
        below.legend(frameon=False, fontsize=7, loc="best", ncols=2)
        return figure
