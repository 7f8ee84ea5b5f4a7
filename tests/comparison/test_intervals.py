"""Intervals against closed forms, scipy and their own promise to cover the truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from neurobridge.comparison.intervals import (
    clopper_pearson,
    difference_interval,
    mean_interval,
    share_interval,
    wilson,
)
from neurobridge.errors import InputError


def ones(sums):
    return np.ones_like(sums)


def test_mean_agrees_with_scipy_where_every_group_is_one_score():
    scores = np.random.default_rng(0).exponential(size=(1, 200))
    ours = mean_interval(scores, ones(scores), replicates=20000)
    theirs = stats.bootstrap((scores[0],), np.mean, n_resamples=20000, method="percentile", rng=1).confidence_interval
    # both are Monte-Carlo estimates of one quantile: their difference has a deviation of about 0.001
    assert ours.low == pytest.approx(theirs.low, abs=0.006)
    assert ours.high == pytest.approx(theirs.high, abs=0.006)
    assert ours.estimate == pytest.approx(scores.mean())


def test_whole_groups_are_drawn():
    # 20 copies of each of 50 originals: as wide as 50 independent scores, not as 1000
    originals = np.random.default_rng(1).normal(size=(1, 50))
    copied = mean_interval(20 * originals, 20 * ones(originals))
    single = mean_interval(originals, ones(originals))
    assert copied.high - copied.low == pytest.approx(single.high - single.low, rel=1e-12)


def test_width_is_the_normal_one_for_many_groups():
    scores = np.random.default_rng(2).normal(size=(1, 2000))
    interval = mean_interval(scores, ones(scores))
    half = stats.norm.ppf(0.975) * scores.std() / np.sqrt(2000)
    assert (interval.high - interval.low) / 2 == pytest.approx(half, rel=0.06)


def test_difference_is_paired():
    # two contenders that always differ by 0.1 have a difference without any spread, however noisy each of them is
    first = np.random.default_rng(3).normal(size=(3, 40))
    interval = difference_interval(first, first - 0.1, ones(first))
    assert (interval.low, interval.high) == pytest.approx((0.1, 0.1))


def test_transform_acts_on_means_before_seeds_are_averaged():
    sums = np.array([[1.0, 3.0], [2.0, 6.0]])
    interval = difference_interval(2 * sums, sums, ones(sums), transform=np.exp)
    expected = (np.exp(4) + np.exp(8)) / 2 - (np.exp(2) + np.exp(4)) / 2
    assert interval.estimate == pytest.approx(expected)


@given(
    st.lists(st.floats(-10, 10), min_size=2, max_size=30),
    st.floats(-5, 5),
    st.floats(0.1, 5),
)
def test_interval_moves_and_stretches_with_the_scores(scores, shift, factor):
    sums = np.array([scores])
    plain = mean_interval(sums, ones(sums), replicates=200)
    moved = mean_interval(factor * sums + shift, ones(sums), replicates=200)
    assert moved.low == pytest.approx(factor * plain.low + shift, abs=1e-8)
    assert moved.high == pytest.approx(factor * plain.high + shift, abs=1e-8)
    assert plain.low <= plain.high


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_shares_agree_with_scipy(counts):
    successes, trials = counts
    test = stats.binomtest(successes, trials)
    for ours, method in ((wilson, "wilson"), (clopper_pearson, "exact")):
        theirs = test.proportion_ci(method=method)
        interval = ours(successes, trials)
        assert (interval.low, interval.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_share_of_independent_trials_is_wilsons():
    successes = np.array([1] * 90 + [0] * 10)
    grouped = share_interval(successes, np.ones(100, dtype=int))
    plain = wilson(90, 100)
    # the design effect is estimated as n / (n - 1), not exactly one
    assert (grouped.low, grouped.high) == pytest.approx((plain.low, plain.high), abs=0.001)


def test_copies_do_not_count_as_trials():
    originals = np.array([1] * 90 + [0] * 10)
    copied = share_interval(20 * originals, np.full(100, 20))
    single = share_interval(originals, np.ones(100, dtype=int))
    assert (copied.low, copied.high) == pytest.approx((single.low, single.high))


def test_full_agreement_counts_groups_as_trials():
    everything = np.full(100, 20)
    assert share_interval(everything, everything).low == pytest.approx(wilson(100, 100).low)


def test_share_interval_covers_the_truth_in_clustered_data():
    # 400 studies of 60 groups of 10 trials whose shares differ (beta 9, 1): true share 0.9. Nominal coverage 95 %;
    # a coverage under 90 % would have a chance below 1e-4 if the interval were exact.
    generator = np.random.default_rng(4)
    shares = generator.beta(9, 1, size=(400, 60))
    hits = generator.binomial(10, shares)
    intervals = [share_interval(row, np.full(60, 10)) for row in hits]
    assert np.mean([interval.low <= 0.9 <= interval.high for interval in intervals]) > 0.90
    naive = [wilson(row.sum(), 600) for row in hits]
    assert np.mean([interval.low <= 0.9 <= interval.high for interval in naive]) < 0.90


def test_mean_interval_covers_the_truth():
    # 300 studies of 2 seeds x 50 groups x 1-4 units with a shared group effect; same false alarm rate as above
    generator = np.random.default_rng(5)
    covered = 0
    for study in range(300):
        counts = np.tile(generator.integers(1, 5, size=50), (2, 1))
        effect = generator.normal(size=50)
        sums = counts * effect + np.sqrt(counts) * generator.normal(size=(2, 50))
        interval = mean_interval(sums, counts, replicates=500, seed=study)
        covered += interval.low <= 0 <= interval.high
    assert covered / 300 > 0.89


@pytest.mark.parametrize("counts", [np.ones((1, 3)), np.zeros((1, 2)), np.ones(2)])
def test_sums_without_counts_are_refused(counts):
    with pytest.raises(InputError, match=r"one shape \(seed, group\), with at least one score in every group"):
        mean_interval(np.ones((1, 2)), counts)
