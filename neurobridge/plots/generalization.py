"""Figures of generalisation: gaps, sharpness, bounds, double descent, stationary densities, initial signals."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray

from neurobridge.plots.style import Picture, canvas, colour, styled

SHADES = ("radix", "rate", "signed", "quantised ANN", "latency", "ANN")


def effects(names: Sequence[str], train: ndarray, test: ndarray, low: ndarray, high: ndarray, label: str) -> Figure:
    """Draw training and test score of every switch, and the interval of the test score.

    Args:
        names: of the switches, the plain setting first.
        train: `(switch,)`.
        test: `(switch,)`.
        low: lower bound of the test score, `(switch,)`.
        high: upper bound, `(switch,)`.
        label: of the score.
    """
    place = np.arange(len(names))
    with styled():
        figure, (axes,) = canvas(0.24 * len(names) + 0.9, width=5.0)
        axes.axvline(test[0], color=colour("line"), lw=1, zorder=0)
        axes.hlines(place, train, test, color=colour("line"), lw=2.5)
        axes.hlines(place, low, high, color=colour("rate"), lw=1, alpha=0.7)
        axes.plot(train, place, "o", color=colour("radix"), label="training", clip_on=False, zorder=3)
        axes.plot(test, place, "o", color=colour("rate"), label="test, 95 % interval")
        axes.set_yticks(place, names)
        axes.invert_yaxis()
        axes.set(xlabel=label, xlim=(0, None))
        axes.legend(frameon=False, fontsize=8, loc="lower right")
        return figure


def noise_and_sharpness(ratio: ndarray, sharpness: ndarray, gap: ndarray, batch: ndarray) -> Figure:
    """Draw sharpness and gap against the ratio of learning rate to batch size.

    Args:
        ratio: learning rate / batch size, `(run,)`.
        sharpness: highest eigenvalue, `(run,)`.
        gap: of the log loss, `(run,)`.
        batch: batch size, `(run,)`; one colour each.
    """
    with styled():
        figure, axes = canvas(4.2, rows=2, sharex=True)
        for shade, size in zip(SHADES, np.unique(batch), strict=False):
            chosen = batch == size
            for panel, value in zip(axes, (sharpness, gap), strict=True):
                panel.plot(ratio[chosen], value[chosen], "o", color=colour(shade), label=f"batch {size:g}", alpha=0.8)
        axes[0].set_ylabel("highest eigenvalue")
        axes[0].set_yscale("log")
        axes[1].set(xlabel="learning rate / batch size", ylabel="gap of the log loss", xscale="log")
        axes[0].legend(frameon=False, fontsize=8)
        return figure


def double_descent(features: ndarray, curves: Mapping[str, ndarray], train: ndarray, samples: int) -> Figure:
    """Draw test error against the number of features, with the interpolation threshold.

    Args:
        features: `(width,)`.
        curves: name -> test error `(width, seed)`.
        train: training error of the first curve, `(width, seed)`.
        samples: training samples, where the threshold is.
    """
    with styled():
        figure, (axes,) = canvas(3.0)
        axes.axvline(samples, color=colour("line"), lw=1)
        axes.text(samples * 0.95, 0.97, "as many features\nas samples", fontsize=7.5, va="top", ha="right",
                  transform=axes.get_xaxis_transform(), color=colour("faint"))  # fmt: skip
        for shade, (name, error) in zip(SHADES, curves.items(), strict=False):
            axes.fill_between(features, error.min(1), error.max(1), color=colour(shade), alpha=0.2, lw=0)
            axes.plot(features, error.mean(1), color=colour(shade), label=f"test, {name}")
        axes.plot(features, train.mean(1), color=colour("faint"), ls="--", lw=1.2, label="training")
        axes.set(xscale="log", xlabel="random features", ylabel="error rate", ylim=(0, None))
        axes.legend(frameon=False, fontsize=8)
        return figure


def stationary(edges: ndarray, panels: Mapping[str, tuple[ndarray, ndarray, float]]) -> Figure:
    """Draw histograms of Langevin samples over the densities they must have.

    Args:
        edges: of the bins, `(bin + 1,)`.
        panels: title -> (observed share `(bin,)`, expected share `(bin,)`, total variation).
    """
    width = np.diff(edges)
    middle = (edges[1:] + edges[:-1]) / 2
    with styled():
        figure = Picture(figsize=(2.4 * len(panels), 2.7))
        places = figure.subplots(1, len(panels), squeeze=False, sharex=True)[0]
        for axes, (title, (observed, expected, distance)) in zip(places, panels.items(), strict=True):
            axes.bar(middle, observed / width, width, color=colour("radix"), alpha=0.4, label="where the chains are")
            axes.plot(middle, expected / width, color=colour("rate"), lw=1.3, label="exp(-U / T), normalised")
            axes.set_title(f"{title}, total variation {distance:.3f}", fontsize=8)
            axes.set_xlabel("x")
        places[0].set_ylabel("density")
        figure.legend(
            *places[0].get_legend_handles_labels(), loc="outside lower center", ncol=2, frameon=False, fontsize=8
        )
        return figure


def certificates(names: Sequence[str], empirical: ndarray, test: ndarray, bounds: Mapping[str, ndarray]) -> Figure:
    """Draw errors of random networks and the bounds that hold for them.

    Args:
        names: of the networks.
        empirical: error on the samples of the bound, `(network,)`.
        test: test error, `(network,)`.
        bounds: name -> `(network,)`.
    """
    place = np.arange(len(names))
    with styled():
        figure, (axes,) = canvas(0.5 * len(names) + 1.0, width=5.0)
        axes.axvline(0.5, color=colour("line"), lw=1)
        axes.plot(empirical, place, "o", color=colour("faint"), label="training error")
        axes.plot(test, place, "x", color=colour("ink"), mew=1.6, ms=6, label="test error")
        for shade, (name, values) in zip(SHADES, bounds.items(), strict=False):
            axes.plot(values, place, "|", color=colour(shade), ms=14, mew=2, label=name)
        axes.set_yticks(place, names)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set(xlabel="error rate", xlim=(0, max(1.0, max(float(np.max(v)) for v in bounds.values()) * 1.02)))
        figure.legend(loc="outside lower center", ncol=3, frameon=False, fontsize=8)
        return figure


def signals(moments: Mapping[str, ndarray]) -> Figure:
    """Draw the second moment of hidden units through the layers of an untrained network.

    Args:
        moments: initialisation -> mean square `(layer,)`.
    """
    with styled():
        figure, (axes,) = canvas(2.6)
        for shade, (name, values) in zip(SHADES, moments.items(), strict=False):
            axes.plot(np.arange(1, len(values) + 1), values, "o-", color=colour(shade), label=name, ms=3.5)
        axes.set(yscale="log", xlabel="layer", ylabel="mean square of the units")
        axes.legend(frameon=False, fontsize=8)
        return figure
