"""Figures of the documentation that no protocol draws: an optimizer's path, and the bridge in one picture."""

import io
from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from neurobridge.ann.landscape.descent import descend
from neurobridge.ann.landscape.functions import quadratic
from neurobridge.ann.optimizers import OPTIMIZERS
from neurobridge.graph.codes import CODES
from neurobridge.plots.style import canvas, colour, styled

CONDITION = 20.0
STEPS = 60
RATES = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1)
BITS = 8


def png(figure: Figure) -> bytes:
    """Return a figure as PNG."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=160)
    return buffer.getvalue()


def path_on_a_valley(name: str) -> tuple[bytes, str]:
    """Return an optimizer's path on a narrow quadratic valley as PNG, and what it reached in words.

    The rate is the one of `RATES` that ends lowest, for every optimizer alike; a search for the step has none.
    """
    valley = quadratic(CONDITION)
    paths = {}
    for rate in RATES:
        torch.manual_seed(0)
        found = descend(valley, lambda x, rate=rate: OPTIMIZERS[name](x, lr=rate), STEPS)
        if np.isfinite(found.losses).all():
            paths[rate] = found
    rate, best = min(paths.items(), key=lambda item: item[1].losses[-1])
    with styled():
        figure, (axes,) = canvas(2.4)
        reach = 1.15 * np.abs(best.points).max(axis=0)
        x, y = (np.linspace(-limit, limit, 160) for limit in reach)
        curvatures = np.array([1.0, CONDITION])
        ground = 0.5 * (curvatures[0] * x[None, :] ** 2 + curvatures[1] * y[:, None] ** 2)
        axes.contour(x, y, np.log10(ground + 1e-3), levels=8, colors=colour("line"), linewidths=0.8, linestyles="solid")
        axes.plot(*best.points.T, "o-", color=colour("radix"), markersize=2.5, linewidth=1)
        axes.plot(0, 0, "+", color=colour("rate"), markersize=9)
        axes.set(xlabel="x", ylabel="y")
        said = (
            f"On a quadratic with curvatures of ratio {CONDITION:g}, "
            f"measured while this page was made: the loss falls from {best.losses[0]:.3g} to {best.losses[-1]:.2g} in "
            f"{best.steps} updates, at the best learning rate of {len(RATES)} ({rate:g})."
        )
        return png(figure), said


def bridge() -> bytes:
    """Return the bridge in one picture: a trained layer on the left, the same numbers as spikes on the right."""
    with styled():
        figure, (top, bottom) = canvas(4.6, rows=2, width=7.2, height_ratios=[1, 1.25])
        flow(top)
        one_number(bottom)
        return png(figure)


def flow(axes: Axes) -> None:
    """Draw how a network goes over."""
    axes.set(xlim=(-0.05, 10.05), ylim=(0, 3))
    axes.axis("off")
    boxes = (
        (0.0, "your PyTorch network", ("Linear, Conv, LSTM,", "attention, softmax ..."), "ANN"),
        (3.75, "a spiking graph", ("synapses, neurons,", "gates: plain data"), "radix"),
        (7.5, "simulators, hardware", ("snnTorch, Brian2,", "Nengo, NIR"), "rate"),
    )
    for left, name, lines, shade in boxes:
        axes.add_patch(
            FancyBboxPatch(
                (left, 0.5), 2.5, 2.0, boxstyle="round,pad=0.0,rounding_size=0.15", fc="none", ec=colour(shade), lw=1.6
            )
        )
        axes.text(left + 1.25, 2.05, name, ha="center", va="center", weight="bold", color=colour(shade), fontsize=9)
        for number, line in enumerate(lines):
            axes.text(left + 1.25, 1.4 - 0.45 * number, line, ha="center", va="center", fontsize=8.5)
    for left, word in ((2.5, "convert"), (6.25, "run")):
        axes.add_patch(
            FancyArrowPatch(
                (left + 0.05, 1.5), (left + 1.2, 1.5), arrowstyle="-|>", mutation_scale=12, color=colour("ink")
            )
        )
        axes.text(left + 0.6, 1.75, word, ha="center", fontsize=8.5)


def one_number(axes: Axes) -> None:
    """Draw what becomes of one number: an activation, its spikes, and what the next neuron makes of them."""
    value, theta, weight = 0.71, 1.0, 0.6
    code = CODES["radix"]
    levels = code.levels(BITS)
    number = np.array(int(np.floor(value * levels / theta + 0.5)))
    spikes = code.planes(number, BITS)
    gained = np.concatenate([[0], np.cumsum(spikes * code.weights(BITS) * theta / levels * weight)])
    axes.step(np.arange(BITS + 2), [*gained, gained[-1]], where="post", color=colour("rate"))
    axes.plot([0, BITS + 1], [weight * value] * 2, color=colour("ANN"), linestyle="--", linewidth=1)
    axes.text(
        BITS + 1.1, weight * value, f"the ANN's: {weight} x {value} = {weight * value:.3f}", va="center", fontsize=8
    )
    axes.text(BITS + 1.1, weight * value - 0.06, f"{gained[-1]:.3f}", va="center", fontsize=8, color=colour("rate"))
    draw_spikes(axes, spikes)
    axes.set(xlim=(0, BITS + 4.2), ylim=(-0.16, 0.52), xlabel="step", ylabel="membrane of the next neuron")
    axes.set_xticks(range(1, BITS + 1))
    axes.set_yticks([0, 0.1, 0.2, 0.3, 0.4])
    axes.set_title(f"the activation {value} is {number} of {levels}, {number:08b} in binary: one spike for each 1")


def draw_spikes(axes: Axes, spikes: Sequence[int]) -> None:
    """Draw spikes below the membrane."""
    times = np.flatnonzero(spikes) + 1
    axes.vlines(times, -0.12, -0.04, color=colour("radix"), linewidth=2.2)
    axes.text(BITS + 1.1, -0.08, "spikes on the wire", va="center", color=colour("radix"), fontsize=8)
