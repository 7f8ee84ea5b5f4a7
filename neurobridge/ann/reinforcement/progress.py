"""What happened in a run, evaluation by evaluation."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, final

import numpy as np
from numpy import ndarray
from scipy.stats import t

from neurobridge.errors import lookup


@final
@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Where a run stood.

    Args:
        step: environment steps so far.
        episodes: training episodes that ended so far.
        practice: mean return of the training episodes that ended since the last evaluation, exploration included;
            None if none did.
        score: mean return of the greedy policy.
        low: lower bound of the 95 % interval of `score`, Student's t over episodes.
        high: its upper bound.
        losses: mean of each loss since the last evaluation; empty if nothing was learnt.
        seconds: wall time since the last evaluation, this one included.
    """

    step: int
    episodes: int
    practice: float | None
    score: float
    low: float
    high: float
    losses: Mapping[str, float]
    seconds: float


@final
@dataclass
class Progress:
    """The evaluations of a run; it grows while the run goes on."""

    evaluations: list[Evaluation] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.evaluations)

    def column(self, name: str) -> ndarray:
        """Return one column, `(evaluation,)`.

        Raises:
            UnknownNameError: no column has this name.
        """
        lookup("column of a run", name, Evaluation.__dataclass_fields__)
        return np.array([getattr(row, name) for row in self.evaluations])

    @property
    def best(self) -> int:
        """Index of the last evaluation with the best score; -1 before the first."""
        scores = self.column("score")
        return int(np.flatnonzero(scores == scores.max())[-1]) if len(scores) else -1

    def rows(self) -> list[dict[str, Any]]:
        """Return the evaluations as plain dictionaries."""
        return [asdict(row) for row in self.evaluations]


def held(runs: Sequence[Progress]) -> tuple[ndarray, ndarray]:
    """Return steps `(evaluation,)` and returns `(run, evaluation)` of runs of different lengths.

    One that stopped early keeps its last return.

    Args:
        runs: of one agent, evaluated at the same steps.
    """
    return lengthened([(run.column("step"), run.column("score")) for run in runs])


def lengthened(curves: Iterable[tuple[Sequence[float], Sequence[float]]]) -> tuple[ndarray, ndarray]:
    """Return the same of curves, each its steps and its returns."""
    steps, scores = zip(*curves, strict=True)
    longest = np.asarray(max(steps, key=len))
    return longest, np.stack([np.pad(row, (0, len(longest) - len(row)), "edge") for row in scores])


def bounds(values: ndarray) -> tuple[float, float, float]:
    """Return the mean of independent values and its 95 % interval, Student's t; the mean thrice for one value."""
    mean, count = float(np.mean(values)), len(values)
    half = float(t.ppf(0.975, count - 1) * np.std(values, ddof=1) / np.sqrt(count)) if count > 1 else 0.0
    return mean, mean - half, mean + half
