"""Training curves."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray

from neurobridge.plots.style import canvas, styled

CYCLE = ("#0072b2", "#d55e00", "#009e73", "#b0578d", "#a67600", "#4d5359")


def curves(histories: Mapping[str, Mapping[str, ndarray]], metric: str) -> Figure:
    """Draw the loss and the validation score of one or several runs.

    Args:
        histories: name of a run -> {"loss": `(epoch,)`, "validation": `(epoch,)`}.
        metric: label of the validation axis, with its unit.
    """
    with styled():
        figure, (loss, score) = canvas(4.0, rows=2, sharex=True)
        for tint, (name, history) in zip(CYCLE * len(histories), histories.items(), strict=False):
            epochs = np.arange(1, len(history["loss"]) + 1)
            loss.plot(epochs, history["loss"], color=tint)
            score.plot(epochs, history["validation"], color=tint, label=name)
        loss.set(ylabel="training loss", yscale="log")
        score.set(ylabel=metric, xlabel="epoch")
        if len(histories) > 1:
            score.legend(frameon=False, fontsize=7, ncols=2)
        return figure
