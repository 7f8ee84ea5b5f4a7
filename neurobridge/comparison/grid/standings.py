"""From the rows of a grid to what it found: where each contender stands, and which differences are more than chance."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np

from neurobridge.comparison.contenders import ANN, SPIKING
from neurobridge.comparison.differences import Difference, Scored, crossed_difference, holm
from neurobridge.comparison.summary import TRANSFORMS, Rows, Standing, Summary, summary

Key = tuple[str, str, str]


@final
@dataclass(frozen=True, kw_only=True)
class Entry:
    """One contender of one trained network, over its seeds.

    Args:
        task: its name.
        model: its name.
        optimizer: its name.
        summary: of all contenders of that network.
        standing: this contender's.
        loss: against the ANN it was converted from, positive where it is worse; None for the ANN, and where the task's
            metric has no interval.
        p: of a spiking network's `loss`, corrected for all of the study's; None where there is none.
    """

    task: str
    model: str
    optimizer: str
    summary: Summary
    standing: Standing
    loss: Difference | None = None
    p: float | None = None

    @property
    def network(self) -> str:
        """What tables call the trained network."""
        return f"{self.model}, {self.optimizer}"


@final
@dataclass(frozen=True, kw_only=True)
class Contest:
    """Two trained networks on one task.

    Args:
        best: the one with the best mean score of its task.
        other: another.
        behind: by how much `other` is worse; None where the task's metric has no interval.
        p: of `behind`, corrected for all of the study's contests.
    """

    best: Entry
    other: Entry
    behind: Difference | None
    p: float | None


@final
@dataclass(frozen=True, kw_only=True)
class Findings:
    """What a grid found.

    Args:
        entries: in the order of the plan.
        contests: the best trained network of each task against its others.
        unfinished: networks that have rows but not yet the trained network's own.
    """

    entries: tuple[Entry, ...]
    contests: tuple[Contest, ...]
    unfinished: tuple[str, ...]

    def of(self, task: str) -> tuple[Entry, ...]:
        """Return a task's entries."""
        return tuple(entry for entry in self.entries if entry.task == task)

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks that have entries."""
        return tuple(dict.fromkeys(entry.task for entry in self.entries))


def findings(rows: Rows) -> Findings:
    """Return what rows say, of unfinished studies too."""
    networks: dict[Key, list[Mapping[str, Any]]] = {}
    for row in rows:
        networks.setdefault((row["task"], row["model"], row["optimizer"]), []).append(row)
    ready = {key: own for key, own in networks.items() if any(row["kind"] == ANN for row in own)}
    entries = corrected([entry for key, own in ready.items() for entry in entries_of(key, own)])
    return Findings(
        entries=entries,
        contests=contests(entries, ready),
        unfinished=tuple(", ".join(key) for key in networks if key not in ready),
    )


def entries_of(key: Key, rows: Rows) -> Iterable[Entry]:
    """Yield a network's contenders; those that have rows of no seed in common with the ANN are left out."""
    seeds = {row["seed"] for row in rows if row["kind"] == ANN}
    found = summary([row for row in rows if row["seed"] in seeds])
    ann = rows_of(rows, found.ann)
    for standing in found.standings:
        own = rows_of(rows, standing)
        loss = None if standing is found.ann else worse(own, [ann[seed] for seed in own], paired=True)
        yield Entry(task=key[0], model=key[1], optimizer=key[2], summary=found, standing=standing, loss=loss)


def rows_of(rows: Rows, standing: Standing) -> dict[int, Mapping[str, Any]]:
    """Return seed -> row of one contender, in the order of the seeds."""
    wanted = standing.contender
    own = {
        row["seed"]: row
        for row in rows
        if (row["kind"], row["code"], row["steps"]) == (wanted.kind, wanted.code, wanted.steps)
    }
    return {seed: own[seed] for seed in sorted(own) if seed in standing.seeds}


def worse(own: Mapping[int, Mapping[str, Any]], reference: Rows, *, paired: bool) -> Difference | None:
    """Return by how much a contender is worse than a reference, or None where the metric has no interval."""
    rows = list(own.values())
    transform = TRANSFORMS.get(rows[0]["metric"]["reduction"])
    if transform is None or not all("sums" in row["tallies"] for row in [*rows, *reference]):
        return None
    sides = scored(reference), scored(rows)
    better, less = sides if rows[0]["metric"]["higher_is_better"] else sides[::-1]
    return crossed_difference(better, less, transform, paired_seeds=paired)


def scored(rows: Rows) -> Scored:
    """Return the tallies of some seeds as arrays."""
    sums, counts = (np.array([row["tallies"][name] for row in rows], dtype=np.float64) for name in ("sums", "counts"))
    return Scored(sums=sums, counts=counts)


def corrected(entries: list[Entry]) -> tuple[Entry, ...]:
    """Return entries with p values that hold for all spiking networks at once; quantised ANNs compute their numbers."""
    tested = [entry for entry in entries if entry.loss and entry.standing.contender.kind == SPIKING]
    values = dict(zip(map(id, tested), holm([entry.loss.p for entry in tested if entry.loss]), strict=True))
    return tuple(replace(entry, p=values.get(id(entry))) for entry in entries)


def contests(entries: Iterable[Entry], networks: Mapping[Key, Rows]) -> tuple[Contest, ...]:
    """Return the best trained network of each task against the others of that task."""
    tasks: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.standing.contender.kind == ANN:
            tasks.setdefault(entry.task, []).append(entry)
    found = []
    for members in tasks.values():
        sign = -1 if members[0].summary.metric["higher_is_better"] else 1
        ordered = sorted(members, key=lambda entry: sign * entry.standing.score.estimate)
        best = ordered[0]
        reference = list(rows_of(networks[best.task, best.model, best.optimizer], best.standing).values())
        for other in ordered[1:]:
            own = rows_of(networks[other.task, other.model, other.optimizer], other.standing)
            found.append((best, other, worse(own, reference, paired=False)))
    values = iter(holm([behind.p for _, _, behind in found if behind]))
    return tuple(
        Contest(best=best, other=other, behind=behind, p=next(values) if behind else None)
        for best, other, behind in found
    )
