"""Differences between contenders: right on average, rarely called one by chance, and corrected for many."""

import numpy as np
import pytest

from neurobridge.comparison.differences import Scored, crossed_difference, holm
from neurobridge.errors import InputError


def scored(values):
    values = np.asarray(values, dtype=float)
    return Scored(sums=values, counts=np.ones_like(values))


def drawn(generator, seeds, groups, shift=0.0, seed_spread=0.3, group_spread=0.5, noise=0.5):
    """Return scores of two contenders: groups shared, seeds of their own, the second lower by `shift`."""
    group = generator.normal(0, group_spread, groups)
    first, second = (
        group + generator.normal(0, seed_spread, (seeds, 1)) + generator.normal(0, noise, (seeds, groups))
        for _ in range(2)
    )
    return scored(first), scored(second - shift)


def test_the_estimate_is_the_difference_of_the_means():
    first, second = scored([[1, 2], [3, 4]]), scored([[0, 1], [1, 1]])
    found = crossed_difference(first, second, paired_seeds=True)
    assert found.estimate == pytest.approx(2.5 - 0.75)
    assert found.low <= found.estimate <= found.high
    assert found.seeds == 2


def test_nothing_between_equal_contenders():
    generator = np.random.default_rng(0)
    same = scored(generator.normal(size=(3, 40)))
    found = crossed_difference(same, same, paired_seeds=True)
    assert (found.estimate, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)


def test_paired_seeds_cancel_what_they_share():
    generator = np.random.default_rng(1)
    trained = generator.normal(0, 5, (6, 1)) + generator.normal(0, 1, (6, 100))
    first, second = scored(trained), scored(trained - 0.1)
    paired = crossed_difference(first, second, paired_seeds=True)
    apart = crossed_difference(first, second, paired_seeds=False)
    assert paired.high - paired.low < 1e-9
    assert apart.high - apart.low > 2


def test_one_seed_has_the_bounds_of_its_samples_alone():
    # the mean of n unit normals has a 95 % interval of 2 * 1.96 / sqrt(n); 400 groups put it within a tenth
    generator = np.random.default_rng(2)
    first, none = scored(generator.normal(size=(1, 400))), scored(np.zeros((1, 400)))
    found = crossed_difference(first, none, paired_seeds=True)
    assert found.high - found.low == pytest.approx(2 * 1.96 / 20, rel=0.15)


def test_chance_is_rarely_called_a_difference():
    # 200 studies of ten seeds without a difference: 5 % would be called one by p < 0.05, and by p of so few seeds
    # somewhat more; 24 of 200 has a chance of 2e-4 at 6 %
    generator = np.random.default_rng(3)
    called = 0
    for _ in range(200):
        first, second = drawn(generator, seeds=10, groups=60)
        called += crossed_difference(first, second, paired_seeds=False, replicates=400).p < 0.05
    assert called <= 24


def test_a_difference_of_twice_its_spread_is_found():
    # spread of the mean difference: sqrt(2 * 0.09 / 10 + ...) = 0.14; a shift of 0.7 is five of them
    generator = np.random.default_rng(4)
    first, second = drawn(generator, seeds=10, groups=60, shift=0.7)
    assert crossed_difference(first, second, paired_seeds=False).p < 0.01


def test_ignoring_seeds_would_find_differences_where_there_are_none():
    # the reason for the second resampling: with samples alone the same studies are "different" most of the time
    generator = np.random.default_rng(5)
    called = 0
    for _ in range(40):
        first, second = drawn(generator, seeds=1, groups=60, seed_spread=1.0)
        called += crossed_difference(first, second, paired_seeds=False, replicates=400).p < 0.05
    assert called > 20


def test_contenders_of_other_groups_cannot_be_paired():
    with pytest.raises(InputError, match=r"shapes \(2, 3\) and \(2, 4\) \(seed, group\) can't be paired"):
        crossed_difference(scored(np.ones((2, 3))), scored(np.ones((2, 4))), paired_seeds=False)
    with pytest.raises(InputError, match="can't be paired"):
        crossed_difference(scored(np.ones((2, 3))), scored(np.ones((3, 3))), paired_seeds=True)


def test_holm_by_hand():
    # sorted 0.01, 0.02, 0.03, 0.04 times 4, 3, 2, 1, never falling
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx((0.06, 0.04, 0.06, 0.06))
    assert holm([0.9, 0.8]) == pytest.approx((1.0, 1.0))
    assert holm([]) == ()
