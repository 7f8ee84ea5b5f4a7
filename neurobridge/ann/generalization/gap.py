"""The generalisation gap: test loss minus training loss, with a confidence interval."""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy import ndarray
from scipy.stats import binomtest, bootstrap

from neurobridge.errors import InputError


@final
@dataclass(frozen=True, kw_only=True)
class Gap:
    """A gap and its interval.

    Args:
        train: mean loss on the training samples.
        test: mean loss on the test samples.
        low: lower end of the interval of the gap.
        high: upper end.
        level: its confidence.
    """

    train: float
    test: float
    low: float
    high: float
    level: float

    @property
    def value(self) -> float:
        """The gap itself."""
        return self.test - self.train


def estimate_gap(train: ndarray, test: ndarray, *, level: float = 0.95, resamples: int = 2000, seed: int = 0) -> Gap:
    """Return the gap between the expected loss and the training loss of one trained network.

    The network and its training loss are given; what is uncertain is the expected loss, which the test
    samples estimate. For errors (every loss 0 or 1) the interval is Clopper and Pearson's, which never
    covers too seldom; otherwise it is the BCa bootstrap's.

    Args:
        train: loss of each training sample, of shape (sample).
        test: loss of each test sample, of shape (sample), at least 2.
        level: confidence of the interval.
        resamples: of the bootstrap.
        seed: of the bootstrap.

    Raises:
        InputError: too few samples, or `level` is not between 0 and 1.
    """
    train, test = np.asarray(train, dtype=np.float64), np.asarray(test, dtype=np.float64)
    if train.size < 1 or test.size < 2 or not 0 < level < 1:
        raise InputError(
            f"a gap needs at least 1 training and 2 test losses and a level in (0, 1); got {train.size}, {test.size} "
            f"and {level}."
        )
    low, high = _interval(test, level, resamples, seed)
    fitted = float(train.mean())
    return Gap(train=fitted, test=float(test.mean()), low=low - fitted, high=high - fitted, level=level)


def _interval(losses: ndarray, level: float, resamples: int, seed: int) -> tuple[float, float]:
    if np.isin(losses, (0.0, 1.0)).all():
        exact = binomtest(int(losses.sum()), losses.size).proportion_ci(level)
        return float(exact.low), float(exact.high)
    if np.ptp(losses) == 0:
        return float(losses[0]), float(losses[0])
    random = np.random.default_rng(seed)
    drawn = bootstrap((losses,), np.mean, confidence_level=level, n_resamples=resamples, rng=random, batch=200)
    return float(drawn.confidence_interval.low), float(drawn.confidence_interval.high)
