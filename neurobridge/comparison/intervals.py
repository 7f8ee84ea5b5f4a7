"""How sure a measured number is: bootstrap over groups of test samples, and score intervals of shares.

Copies of one original image aren't independent, and two networks judged on one image aren't either. So whole groups are
resampled, and all seeds and both networks keep their places in a group: the interval is over test material, for the
seeds that were trained. The spread between seeds is shown beside it, never mixed into it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import final

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.stats import beta, norm

from neurobridge.errors import InputError

REPLICATES = 5000  # puts the Monte-Carlo error of a 95 % bound below a twentieth of the interval's width
LEVEL = 0.95

GroupSums = Float[ndarray, "seed group"]
Transform = Callable[[ndarray], ndarray]


@final
@dataclass(frozen=True, kw_only=True)
class Interval:
    """An estimate and the bounds around it."""

    estimate: float
    low: float
    high: float


@lru_cache(maxsize=2)
def draws(groups: int, replicates: int, seed: int) -> ndarray:
    """Return `(replicate, group)`: how often each group is drawn, with replacement, as many draws as groups.

    Kept, since all contenders of a study are resampled alike: their intervals can then be compared.
    """
    generator = np.random.default_rng(seed)
    drawn = np.empty((replicates, groups), dtype=np.uint16)
    for row in drawn:
        row[:] = np.bincount(generator.integers(groups, size=groups), minlength=groups)
    return drawn


def resampled(sums: ndarray, counts: ndarray, replicates: int, seed: int, chunk: int = 500) -> ndarray:
    """Return bootstrap means `(replicate, row)`: whole groups drawn with replacement, the same draw for every row.

    Args:
        sums: `(row, group)` sum of the scores of a group.
        counts: `(row, group)` number of scores in a group.
        replicates: how many draws.
        seed: fixes the draws.
        chunk: draws that are widened to floating point at a time.
    """
    drawn = draws(sums.shape[1], replicates, seed)
    parts = (drawn[start : start + chunk].astype(np.float64) for start in range(0, replicates, chunk))
    return np.concatenate([(part @ sums.T) / (part @ counts.T) for part in parts])


def mean_interval(
    sums: GroupSums,
    counts: GroupSums,
    transform: Transform = np.asarray,
    level: float = LEVEL,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Interval:
    """Return the percentile bootstrap interval of a transformed mean, averaged over seeds.

    Args:
        sums: sum of the scores in each group.
        counts: number of scores in each group.
        transform: from mean score to the number reported, elementwise (100 x, exp, square root).
        level: share of the bootstrap distribution between the bounds.
        replicates: how many draws.
        seed: fixes the draws.
    """
    checked(sums, counts)
    drawn = transform(resampled(sums, counts, replicates, seed)).mean(axis=1)
    estimate = transform(sums.sum(axis=1) / counts.sum(axis=1)).mean()
    return percentile(float(estimate), drawn, level)


def difference_interval(
    first: GroupSums,
    second: GroupSums,
    counts: GroupSums,
    transform: Transform = np.asarray,
    level: float = LEVEL,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Interval:
    """Return the paired interval of `transform(mean of first) - transform(mean of second)`, averaged over seeds.

    Args:
        first: sums of one contender's scores in each group.
        second: the other's, on the same units.
        counts: number of scores in each group.
        transform: as in `mean_interval`.
        level: share of the bootstrap distribution between the bounds.
        replicates: how many draws.
        seed: fixes the draws.
    """
    checked(first, counts)
    checked(second, counts)
    both = resampled(np.concatenate([first, second]), np.concatenate([counts, counts]), replicates, seed)
    drawn = transform(both)
    seeds = len(first)
    totals = counts.sum(axis=1)
    estimate = transform(first.sum(axis=1) / totals).mean() - transform(second.sum(axis=1) / totals).mean()
    return percentile(float(estimate), (drawn[:, :seeds] - drawn[:, seeds:]).mean(axis=1), level)


def ratio_interval(
    upper: GroupSums, lower: GroupSums, level: float = LEVEL, replicates: int = REPLICATES, seed: int = 0
) -> Interval:
    """Return the interval of `sum of upper / sum of lower` over seeds and groups, resampled together.

    Args:
        upper: what is counted, in each group.
        lower: what it is counted in, in each group.
        level: share of the bootstrap distribution between the bounds.
        replicates: how many draws.
        seed: fixes the draws.
    """
    checked(upper, np.ones_like(upper))
    checked(lower, np.ones_like(upper))
    drawn = draws(upper.shape[1], replicates, seed).astype(np.float64)
    ratios = (drawn @ upper.sum(axis=0)) / (drawn @ lower.sum(axis=0))
    return percentile(float(upper.sum() / lower.sum()), ratios, level)


def percentile(estimate: float, drawn: ndarray, level: float) -> Interval:
    """Return the interval between the two tails of a bootstrap distribution."""
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Interval(estimate=estimate, low=float(low), high=float(high))


def checked(sums: ndarray, counts: ndarray) -> None:
    """Raise if scores can't be resampled."""
    if sums.ndim != 2 or sums.shape != counts.shape or sums.shape[1] == 0 or (counts < 1).any():
        raise InputError(
            f"an interval needs sums and counts of one shape (seed, group), with at least one score in every group; "
            f"got {sums.shape} and {counts.shape}."
        )


def wilson(successes: float, trials: float, level: float = LEVEL) -> Interval:
    """Return the score interval of a share (Wilson 1927); `trials` may be an effective number."""
    share, z = successes / trials, norm.ppf((1 + level) / 2)
    centre = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * np.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    return Interval(estimate=share, low=max(0.0, float(centre - half)), high=min(1.0, float(centre + half)))


def clopper_pearson(successes: float, trials: float, level: float = LEVEL) -> Interval:
    """Return the exact interval of a share (Clopper and Pearson 1934): never covers less than `level`."""
    tail = (1 - level) / 2
    low = beta.ppf(tail, successes, trials - successes + 1) if successes > 0 else 0.0
    high = beta.ppf(1 - tail, successes + 1, trials - successes) if successes < trials else 1.0
    return Interval(estimate=successes / trials, low=float(low), high=float(high))


def share_interval(successes: ndarray, trials: ndarray, level: float = LEVEL) -> Interval:
    """Return the interval of a share whose trials come in groups.

    Wilson's interval on the effective number of trials: their number over the design effect, the variance between
    groups over the binomial one (J. N. K. Rao and A. J. Scott 1992, Biometrics 48). A design effect below one is taken
    as one; where no trial, or every trial, succeeded it can't be estimated, and a group counts as one trial.

    Args:
        successes: `(group,)` how many succeeded.
        trials: `(group,)` of how many.
        level: share of such intervals that hold the true share.
    """
    checked(successes[None], trials[None])
    groups, total = len(trials), trials.sum()
    share = successes.sum() / total
    if share in (0.0, 1.0) or groups == 1:
        effective = float(groups)
    else:
        residuals = successes - share * trials
        between = groups / (groups - 1) * (residuals**2).sum() / total**2
        effective = total / max(1.0, between / (share * (1 - share) / total))
    return wilson(share * effective, effective, level)
