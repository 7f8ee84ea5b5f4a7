"""From rows to one standing a contender: means over seeds, with intervals over test material."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np
from numpy import ndarray

from neurobridge.comparison.contenders import ANN, COPIES, QUANTISED, SHARED, SPIKING, Contender, carrier
from neurobridge.comparison.energy import Operations
from neurobridge.comparison.intervals import (
    Interval,
    difference_interval,
    mean_interval,
    ratio_interval,
    share_interval,
)
from neurobridge.errors import InputError

Rows = Sequence[Mapping[str, Any]]

# reduction of a task's metric -> what it does to a mean score; other reductions have no interval
TRANSFORMS: Mapping[str, Callable[[ndarray], ndarray]] = {
    "mean": np.asarray,
    "percent": lambda means: 100 * means,
    "percent explained": lambda means: 100 * (1 - means),
    "root of mean": np.sqrt,
    "exponential of mean": np.exp,
}


@final
@dataclass(frozen=True, kw_only=True)
class Standing:
    """One contender over all seeds it has rows for.

    Args:
        contender: who.
        seeds: whose rows these are.
        scores: one a seed.
        losses: one a seed, positive where the contender is worse than the ANN of the same seed.
        score: mean over seeds, with the interval over test material; no bounds where the metric has none.
        loss: likewise, paired with the ANN.
        agreement: share of outputs that agree with the ANN's; None for the ANN, and where it means nothing.
        logit_error: mean over seeds.
        gain: in control, by how much the contender is better than the ANN as a share of what the ANN is better than
            random actions, paired by episodes; None for the ANN and elsewhere.
        action_error: of actions that are numbers, as a share of their range, mean over seeds.
        robustness: disturbance -> level -> score, mean over seeds; empty where it was not measured.
        latency: steps from input to output.
        interval: steps between inputs.
        spikes: per inference.
        spikes_per_neuron: per inference.
        spikes_per_synapse: per inference.
        operations: per inference.
        energy: preset -> picojoules per inference.
        milliseconds: CPU time of one inference in a batch: `slowdown` times the ANN's, mean over seeds; None where a
            network has no program, or rows are of a version that did not measure it.
        slowdown: that over the ANN's, mean over seeds of ratios that were measured in turn; 1 of the ANN.
    """

    contender: Contender
    seeds: tuple[int, ...]
    scores: tuple[float, ...]
    losses: tuple[float, ...]
    score: Interval
    loss: Interval
    agreement: Interval | None
    logit_error: float | None
    latency: int | None
    interval: int | None
    spikes: float | None
    spikes_per_neuron: float | None
    spikes_per_synapse: float | None
    operations: Operations
    energy: Mapping[str, float]
    milliseconds: float | None = None
    slowdown: float | None = None
    gain: Interval | None = None
    action_error: float | None = None
    robustness: Mapping[str, Mapping[float, float]] = field(default_factory=dict)


@final
@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a study found.

    Args:
        task: its name.
        model: its name.
        metric: name, unit, higher_is_better, reduction.
        samples: test samples of one pass.
        groups: how many independent origins they have.
        seeds: the seeds that the ANN has rows for.
        standings: one a contender, the ANN first.
        lowest: in control, the mean score of random actions; None elsewhere.
    """

    task: str
    model: str
    metric: Mapping[str, Any]
    samples: int
    groups: int
    seeds: tuple[int, ...]
    standings: tuple[Standing, ...]
    lowest: float | None = None

    @property
    def ann(self) -> Standing:
        """The ANN's."""
        return self.standings[0]

    @property
    def material(self) -> str:
        """What the contenders were judged on, in words."""
        if self.lowest is not None:
            return f"{self.groups:,} episodes of {self.samples:,} decisions"
        return f"{self.samples:,} test samples"

    @property
    def unit(self) -> str:
        """What losses are counted in."""
        return "points" if self.metric["unit"] == "%" else self.metric["unit"] or self.metric["name"]

    @property
    def decimals(self) -> int:
        """How many decimals scores are shown with: two of a percentage, else four figures of the ANN's score."""
        size = abs(self.ann.score.estimate)
        return 2 if self.metric["unit"] == "%" or not size else int(np.clip(3 - np.floor(np.log10(size)), 0, 6))

    def of(self, kind: str, code: str | None = None, steps: int | None = None) -> Standing | None:
        """Return one contender's standing, or None."""
        wanted = Contender(kind=kind, code=code, steps=steps)
        return next((standing for standing in self.standings if standing.contender == wanted), None)

    def spiking(self) -> Mapping[str, tuple[Standing, ...]]:
        """Return code -> its standings, by rising number of steps."""
        found: dict[str, list[Standing]] = {}
        for standing in self.standings:
            if standing.contender.kind == SPIKING:
                found.setdefault(str(standing.contender.code), []).append(standing)
        return {
            code: tuple(sorted(members, key=lambda standing: standing.contender.steps or 0))
            for code, members in found.items()
        }

    def rival(self, standing: Standing) -> Standing | None:
        """Return the quantised ANN that a spiking network must be measured by.

        That is the one with as many bits as the network's levels need: T for radix, log2(T + 1) rounded up for rate;
        the nearest above if there is none of exactly so many.
        """
        steps = standing.contender.steps or 0
        code = carrier(standing.contender, standing.latency)
        bits = steps if code == "radix" else int(np.ceil(np.log2(steps + 1)))
        bits += int(np.log2(COPIES)) if standing.contender.code == SHARED else 0
        rivals = [other for other in self.standings if other.contender.kind == QUANTISED]
        return min(
            (other for other in rivals if (other.contender.steps or 0) >= bits),
            key=lambda other: other.contender.steps or 0,
            default=None,
        )


def summary(rows: Rows) -> Summary:
    """Return what the rows of one study say.

    Raises:
        InputError: there is no row of an ANN, or rows of two tasks or models.
    """
    anns = {row["seed"]: row for row in rows if row["kind"] == ANN}
    if not anns:
        raise InputError("the study holds no finished network yet; run the same `neurobridge compare` again.")
    if len({(row["task"], row["model"]) for row in rows}) > 1:
        raise InputError("the rows are of more than one task or model; a report is about one.")
    first = next(iter(anns.values()))
    members: dict[Contender, list[Mapping[str, Any]]] = {}
    for row in rows:
        contender = Contender(kind=row["kind"], code=row["code"], steps=row["steps"])
        members.setdefault(contender, []).append(row)
    ordered = sorted(members, key=lambda contender: contender.kind != ANN)
    return Summary(
        task=first["task"],
        model=first["model"],
        metric=first["metric"],
        samples=first["samples"],
        groups=len(first["tallies"].get("counts", ())),
        seeds=tuple(sorted(anns)),
        standings=tuple(standing(contender, members[contender], anns) for contender in ordered),
        lowest=float(np.mean(first["tallies"]["lowest"])) if "lowest" in first["tallies"] else None,
    )


def standing(contender: Contender, rows: Rows, anns: Mapping[int, Mapping[str, Any]]) -> Standing:
    """Return one contender's standing from its rows and the ANNs of the same seeds."""
    rows = sorted((row for row in rows if row["seed"] in anns), key=lambda row: row["seed"])
    first = rows[0]
    score, loss = bounds(rows, [anns[row["seed"]] for row in rows])
    usual = mean(row.get("milliseconds") for row in anns.values())
    slower = mean(row.get("slowdown") for row in rows) if contender.kind != ANN else 1.0 if usual else None
    return Standing(
        contender=contender,
        seeds=tuple(row["seed"] for row in rows),
        scores=tuple(row["score"] for row in rows),
        losses=tuple(row["loss"] for row in rows),
        score=score,
        loss=loss,
        agreement=None if contender.kind == ANN else agreement(rows),
        logit_error=mean(row["logit_error"] for row in rows),
        latency=first["latency"],
        interval=first["interval"],
        spikes=mean(row["spikes"] for row in rows),
        spikes_per_neuron=mean(row["spikes_per_neuron"] for row in rows),
        spikes_per_synapse=mean(row["spikes_per_synapse"] for row in rows),
        operations=Operations(
            **{kind: float(np.mean([row["operations"][kind] for row in rows])) for kind in first["operations"]}
        ),
        energy={preset: float(np.mean([row["energy"][preset] for row in rows])) for preset in first["energy"]},
        milliseconds=None if slower is None or usual is None else slower * usual,
        slowdown=slower,
        gain=None if contender.kind == ANN else gain(rows, [anns[row["seed"]] for row in rows]),
        action_error=mean(row.get("action_error") for row in rows),
        robustness=robustness([row["robustness"] for row in rows if row.get("robustness")]),
    )


def robustness(found: Sequence[Mapping[str, Any]]) -> Mapping[str, Mapping[float, float]]:
    """Return disturbance -> level -> score, mean over seeds."""
    return {
        name: {
            float(level): float(np.mean([dict(map(tuple, one[name]))[level] for one in found])) for level, _ in curve
        }
        for name, curve in (found[0].items() if found else ())
    }


def bounds(rows: Rows, anns: Rows) -> tuple[Interval, Interval]:
    """Return the intervals of a contender's score and of its loss against the ANNs of the same seeds."""
    metric = rows[0]["metric"]
    transform = TRANSFORMS.get(metric["reduction"])
    score, loss = (float(np.mean([row[name] for row in rows])) for name in ("score", "loss"))
    if transform is None or not all("sums" in row["tallies"] for row in [*rows, *anns]):
        unknown = {"low": float("nan"), "high": float("nan")}
        return Interval(estimate=score, **unknown), Interval(estimate=loss, **unknown)
    own, theirs, counts = (
        np.array([row["tallies"][name] for row in side], dtype=np.float64)
        for side, name in ((rows, "sums"), (anns, "sums"), (rows, "counts"))
    )
    better, worse = (theirs, own) if metric["higher_is_better"] else (own, theirs)
    return (
        mean_interval(own, counts, transform),
        difference_interval(better, worse, counts, transform),
    )


def gain(rows: Rows, anns: Rows) -> Interval | None:
    """Return (contender - ANN) / (ANN - random actions) of mean returns, over all seeds; None outside control."""
    if not all("lowest" in row["tallies"] for row in anns):
        return None
    own, theirs, lowest = (
        np.array([row["tallies"][name] for row in side], dtype=np.float64)
        for side, name in ((rows, "sums"), (anns, "sums"), (anns, "lowest"))
    )
    return ratio_interval(own - theirs, theirs - lowest) if theirs.sum() != lowest.sum() else None


def agreement(rows: Rows) -> Interval | None:
    """Return the share of outputs that agree with the ANN's, over all seeds.

    A group of test samples keeps its seeds together; in control every seed's agent comes through episodes of its own.
    """
    if not all("agreements" in row["tallies"] for row in rows):
        return None
    own_groups = any("lowest" in row["tallies"] for row in rows)
    successes, trials = (
        np.concatenate(tallied) if own_groups else np.sum(tallied, axis=0)
        for tallied in ([row["tallies"][name] for row in rows] for name in ("agreements", "trials"))
    )
    return share_interval(np.asarray(successes, float), np.asarray(trials, float))


def mean(values: Iterable[float | None]) -> float | None:
    """Return the mean of values, or None if one is missing."""
    known = list(values)
    return None if None in known else float(np.mean([value for value in known if value is not None]))
