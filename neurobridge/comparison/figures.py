"""The figures of a comparison, each with what it shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from matplotlib.figure import Figure

from neurobridge.comparison.energy import PRESETS, energy
from neurobridge.comparison.intervals import Interval
from neurobridge.comparison.prose import rivals, thrifty
from neurobridge.comparison.summary import Rows, Standing, Summary
from neurobridge.plots.comparison import (
    GUIDES,
    Bar,
    Curve,
    Trace,
    energy_bars,
    layer_errors,
    loss_against_steps,
    score_against_disturbance,
    score_against_spikes,
    score_against_steps,
)
from neurobridge.plots.rasters import Band, layered_raster


@final
@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A figure and its caption.

    Args:
        name: of its files.
        figure: the figure.
        caption: one or two sentences.
    """

    name: str
    figure: Figure
    caption: str


def drawings(summary: Summary, rows: Rows) -> tuple[Drawing, ...]:
    """Return the figures that the rows can fill, in the order of a report."""
    found = [
        *scores(summary),
        *(drawing for drawing in [energies(summary), disturbances(summary)] if drawing),
        *(raster(row) for row in rows if row["raster"]),
        *(drawing for drawing in [layers(summary, rows)] if drawing),
    ]
    return tuple(found)


def scores(summary: Summary) -> list[Drawing]:
    """Return the figures of what is right, against time and against spikes."""
    if not summary.spiking():
        return []
    metric = summary.metric
    name = str(metric["name"])
    label = f"{name}, {metric['unit']}" if metric["unit"] else name
    ceiling = 100.0 if metric["unit"] == "%" else float("inf")
    score = beside(summary.ann, metric["higher_is_better"])
    lines = guides(summary)
    marked = " and ".join(f"{guide:g}" for guide in lines)
    return [
        Drawing(
            name="score-against-steps",
            figure=score_against_steps(curves(summary, latency, score), summary.ann.score.estimate, label, ceiling),
            caption=f"{name.capitalize()} against the total number of steps from input to output, mean over seeds. "
            "Bars are 95 % intervals of the difference from the ANN. Points far from the others are cut off.",
        ),
        Drawing(
            name="loss-against-steps",
            figure=loss_against_steps(curves(summary, latency, loss), summary.unit, lines),
            caption=f"What is lost against the ANN, paired on the same samples, with lines at {marked} {summary.unit}. "
            "Above 0 the spiking network is worse.",
        ),
        Drawing(
            name="score-against-spikes",
            figure=score_against_spikes(curves(summary, spikes, score), summary.ann.score.estimate, label, ceiling),
            caption=f"{name.capitalize()} against the spikes that one inference takes in the whole network, as above.",
        ),
    ]


def guides(summary: Summary) -> tuple[float, ...]:
    """Return the losses that are marked: those usual for points, else 1 and 3 percent of the ANN's score."""
    size = abs(summary.ann.score.estimate)
    if summary.unit == "points" or not size:
        return GUIDES
    return tuple(float(f"{share * size:.1g}") for share in (0.01, 0.03))


def latency(standing: Standing) -> float:
    """Return the steps from input to output."""
    return float(standing.latency or np.nan)


def spikes(standing: Standing) -> float:
    """Return the spikes of one inference."""
    return float(standing.spikes or np.nan)


def loss(standing: Standing) -> Interval:
    """Return a loss with its bounds."""
    return standing.loss


def beside(ann: Standing, higher_is_better: bool) -> Callable[[Standing], Interval]:
    """Return what turns a standing into its score with the bounds of its paired difference from the ANN."""
    sign = -1 if higher_is_better else 1

    def score(standing: Standing) -> Interval:
        ends = sorted(ann.score.estimate + sign * bound for bound in (standing.loss.low, standing.loss.high))
        return Interval(estimate=standing.score.estimate, low=ends[0], high=ends[1])

    return score


def curves(
    summary: Summary, across: Callable[[Standing], float], up: Callable[[Standing], Interval]
) -> tuple[Curve, ...]:
    """Return one curve a code."""
    found = []
    for code, members in summary.spiking().items():
        heights = [up(member) for member in members]
        y = np.array([height.estimate for height in heights])
        found.append(
            Curve(
                name=code,
                x=np.array([across(member) for member in members]),
                y=y,
                low=np.where(np.isnan(low := np.array([height.low for height in heights])), y, low),
                high=np.where(np.isnan(high := np.array([height.high for height in heights])), y, high),
                marks=tuple(f"T={member.contender.steps}" for member in members),
            )
        )
    return tuple(found)


def energies(summary: Summary) -> Drawing | None:
    """Return the energy bars of the ANN, the fair rivals and two networks of each code."""
    chosen = [summary.ann, *rivals(summary)]
    for code, members in summary.spiking().items():
        chosen += [standing for standing in (thrifty(summary, code), members[-1]) if standing]
    distinct = {standing.contender: standing for standing in chosen}
    panels: Mapping[str, Sequence[Bar]] = {
        preset: [bar(standing, preset) for standing in distinct.values() if preset in standing.energy]
        for preset in PRESETS
    }
    filled = {preset: bars for preset, bars in panels.items() if bars}
    if not filled:
        return None
    return Drawing(
        name="energy",
        figure=energy_bars(filled),
        caption="Arithmetic energy of one inference. Full colour: multiply-accumulates of an ANN, accumulates of a "
        "spiking network. Paler: multiply-accumulates that a spiking network keeps. Palest: neuron updates, which "
        "published figures mostly leave out. Memory isn't counted.",
    )


def disturbances(summary: Summary) -> Drawing | None:
    """Return the score of the ANN and of the networks of most steps under growing disturbance."""
    shown = [standing for standing in summary.standings if standing.robustness]
    if not shown:
        return None
    panels = {
        name: [
            Trace(
                name=standing.contender.name,
                colour=standing.contender.code or standing.contender.kind,
                x=np.array(list(standing.robustness[name])),
                y=np.array(list(standing.robustness[name].values())),
            )
            for standing in shown
        ]
        for name in shown[0].robustness
    }
    unit = f", {summary.metric['unit']}" if summary.metric["unit"] else ""
    return Drawing(
        name="disturbances",
        figure=score_against_disturbance(panels, f"{summary.metric['name']}{unit}"),
        caption="What is left when inputs are noisy, when spikes (of an ANN: activations) get lost on their way, and "
        "when weights are inexact; the same disturbance for all.",
    )


def bar(standing: Standing, preset: str) -> Bar:
    """Return one contender's energy in nanojoules, parts that are zero left out."""
    contender = standing.contender
    operations = energy(standing.operations, preset)
    return Bar(
        name=contender.name,
        colour=contender.code or contender.kind,
        parts={kind: value / 1000 for kind, value in operations.items() if value},
    )


def raster(row: Mapping[str, Any]) -> Drawing:
    """Return the spikes of one sample."""
    shown = bands(row["raster"])
    return Drawing(
        name=f"raster-{row['code']}-{row['steps']}",
        figure=layered_raster(shown, row["code"]),
        caption=f"Spikes of one sample, {row['code']} code with T = {row['steps']}: a mark is a spike, shaded is when "
        f"a layer may fire. At most {max(band.neurons for band in shown)} neurons of a layer are drawn.",
    )


def bands(layers: Sequence[Mapping[str, Any]]) -> list[Band]:
    """Return what is drawn of the layers that `measures.raster_of` found."""
    return [
        Band(
            name=layer["name"],
            window=tuple(layer["window"]),
            neurons=layer["neurons"],
            total=layer["total"],
            steps=np.array(layer["steps"], dtype=float),
            indices=np.array(layer["indices"], dtype=float),
        )
        for layer in layers
    ]


def headline_rows(summary: Summary, rows: Rows) -> tuple[Mapping[str, Any], ...]:
    """Return, for each code, the first seed's row of the network with most steps."""
    found = []
    for code, members in summary.spiking().items():
        steps = members[-1].contender.steps
        found += [row for row in rows if (row["code"], row["steps"], row["seed"]) == (code, steps, summary.seeds[0])]
    return tuple(found)


def layers(summary: Summary, rows: Rows) -> Drawing | None:
    """Return each layer's quantisation error."""
    chosen = [row for row in headline_rows(summary, rows) if row["layers"]]
    if not chosen:
        return None
    longest = max(chosen, key=lambda row: len(row["layers"]))
    names = [layer["population"] for layer in longest["layers"]]
    errors = {}
    for row in chosen:
        found = {layer["population"]: layer["error"] for layer in row["layers"]}
        values = np.array([found.get(name) or np.nan for name in names], dtype=float)
        errors[f"{row['code']} T={row['steps']}"] = (row["code"], values)
    return Drawing(
        name="quantisation-errors",
        figure=layer_errors(names, {title: pair for title, pair in errors.items() if np.isfinite(pair[1]).any()}),
        caption="What each layer's spikes miss of the activations they stand for, on calibration data, input on top.",
    )
