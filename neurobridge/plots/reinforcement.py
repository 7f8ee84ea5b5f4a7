"""How agents learn: returns against environment steps, over seeds."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray

from neurobridge.plots.style import COLOURS, canvas, styled
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
