"""How sure a difference is, for other test material and for networks of other seeds: crossed bootstrap and p values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy import ndarray

from neurobridge.comparison.intervals import (
    LEVEL,
    REPLICATES,
    GroupSums,
    Transform,
    checked,
    percentile,
    resampled,
)
from neurobridge.errors import InputError


@final
@dataclass(frozen=True, kw_only=True)
class Difference:
    """A difference, the bounds around it, and how often chance alone would make one as large.

    Args:
        estimate: first minus second.
        low: lower bound.
        high: upper bound.
        p: two-sided, from the bootstrap distribution's tail beyond no difference.
        seeds: how many trained networks were resampled, on the side that has fewer.
    """

    estimate: float
    low: float
    high: float
    p: float
    seeds: int


@final
@dataclass(frozen=True, kw_only=True)
class Scored:
    """One contender's scores.

    Args:
        sums: sum of the scores in each group of test material.
        counts: number of scores in each group.
    """

    sums: GroupSums
    counts: GroupSums

    def mean(self, transform: Transform) -> float:
        """Return the transformed mean score, averaged over seeds."""
        return float(transform(self.sums.sum(axis=1) / self.counts.sum(axis=1)).mean())


def crossed_difference(
    first: Scored,
    second: Scored,
    transform: Transform = np.asarray,
    *,
    paired_seeds: bool,
    level: float = LEVEL,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Difference:
    """Return the difference of two contenders' scores.

    Test groups and seeds are resampled independently of each other, the pigeonhole bootstrap of A. B. Owen 2007
    (Annals of Applied Statistics 1(2)), whose intervals are if anything too wide where both matter. Both contenders are
    judged on one draw of groups. Few seeds say little of other seeds: the variance between n of them is taken
    (n - 1)/n too small, and one seed's is taken as none.

    Args:
        first: one contender.
        second: the other, on the same groups.
        transform: from mean score to the number reported, as in `intervals.mean_interval`.
        paired_seeds: whether row i of both comes from the same trained network, as before and after conversion; then
            the two are drawn together.
        level: share of the bootstrap distribution between the bounds.
        replicates: how many draws.
        seed: fixes the draws.

    Raises:
        InputError: sums and counts that don't belong together.
    """
    shapes = first.sums.shape, second.sums.shape
    for side in (first, second):
        checked(side.sums, side.counts)
    if shapes[0][1] != shapes[1][1] or (paired_seeds and shapes[0] != shapes[1]):
        raise InputError(f"contenders of shapes {shapes[0]} and {shapes[1]} (seed, group) can't be paired.")
    streams = (1, 1) if paired_seeds else (1, 2)
    drawn = [
        resampled_twice(side, transform, replicates, seed, stream)
        for side, stream in zip((first, second), streams, strict=True)
    ]
    differences = drawn[0] - drawn[1]
    bounds = percentile(first.mean(transform) - second.mean(transform), differences, level)
    tail = min(int((differences <= 0).sum()), int((differences >= 0).sum()))
    p = min(1.0, 2 * (tail + 1) / (replicates + 1))
    return Difference(
        estimate=bounds.estimate, low=bounds.low, high=bounds.high, p=p, seeds=min(shapes[0][0], shapes[1][0])
    )


def resampled_twice(side: Scored, transform: Transform, replicates: int, seed: int, stream: int) -> ndarray:
    """Return `(replicate,)` bootstrap means over groups and seeds; equal streams draw equal seeds."""
    means = transform(resampled(side.sums, side.counts, replicates, seed))
    chosen = np.random.default_rng([seed, stream]).integers(means.shape[1], size=means.shape)
    return np.take_along_axis(means, chosen, axis=1).mean(axis=1)


def holm(values: Sequence[float]) -> tuple[float, ...]:
    """Return p values that hold for a whole table: how often one at least of its true zeros is called a difference.

    S. Holm 1979, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6(2).
    """
    order = np.argsort(values)
    scaled = np.asarray(values)[order] * np.arange(len(values), 0, -1)
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return tuple(adjusted.tolist())
