"""Intervals of the generalisation gap cover as often as they promise."""

import numpy as np
import pytest

from neurobridge.ann.generalization.gap import estimate_gap
from neurobridge.errors import InputError


def test_the_gap_of_errors():
    gap = estimate_gap(np.zeros(50), np.array([0.0] * 90 + [1.0] * 10))
    assert gap.value == gap.test == 0.1 and gap.train == 0.0
    # Clopper and Pearson for 10 of 100
    assert (gap.low, gap.high) == pytest.approx((0.0490, 0.1762), abs=1e-4)


def test_intervals_of_errors_cover():
    random = np.random.default_rng(0)
    gaps = [estimate_gap(np.zeros(5), (random.random(150) < 0.07).astype(float)) for _ in range(400)]
    # exact intervals cover at least 95 %; 400 draws have a standard error of 1.1 %: 4 of them
    assert np.mean([gap.low <= 0.07 <= gap.high for gap in gaps]) > 0.906


def test_intervals_of_losses_cover():
    random = np.random.default_rng(0)
    gaps = [estimate_gap(np.full(5, 0.5), random.exponential(1.0, 200), resamples=400, seed=k) for k in range(150)]
    # 150 draws have a standard error of 1.8 %; small-sample bootstraps cover a little less than 95 %
    assert np.mean([gap.low <= 0.5 <= gap.high for gap in gaps]) > 0.85


def test_constant_losses_have_a_point():
    gap = estimate_gap(np.array([0.2]), np.array([0.7, 0.7]))
    assert gap.low == gap.high == pytest.approx(0.5)


def test_bad_arguments_are_refused():
    with pytest.raises(InputError, match="at least 1 training and 2 test losses"):
        estimate_gap(np.zeros(3), np.zeros(1))
