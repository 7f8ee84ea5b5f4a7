"""Drawn spike trains have the rate and regularity of their process."""

import numpy as np
import pytest

from neurobridge.errors import InputError
from neurobridge.spikes import trains
from neurobridge.spikes.statistics.intervals import intervals, variation


# each bound is 4 standard errors wide: a correct generator fails one seed in 16,000
def test_poisson_rate():
    train = trains.poisson(40.0, 500.0, np.random.default_rng(1))
    assert abs(len(train) - 20000) < 4 * np.sqrt(20000)
    assert (np.diff(train) > 0).all()


def test_dead_time_leaves_the_rate_and_makes_the_train_regular():
    train = trains.poisson(40.0, 500.0, np.random.default_rng(2), dead_time=0.005)
    assert len(train) == pytest.approx(20000, rel=0.03)
    assert np.diff(train).min() >= 0.005
    # CV of a Poisson process with dead time is 1 - rate x dead time
    assert variation(intervals(train)) == pytest.approx(0.8, abs=4 * 0.8 / np.sqrt(2 * 20000) * 1.5)


def test_the_start_is_no_special_time():
    random = np.random.default_rng(3)
    early = sum(len(trains.gamma(10.0, 4.0, 0.05, random)) for _ in range(4000))
    assert abs(early - 2000) < 4 * np.sqrt(2000)


def test_inhomogeneous_rate():
    rate = np.array([0.0, 100.0])
    train = trains.inhomogeneous_poisson(np.tile(rate, 500), 0.01, np.random.default_rng(4))
    assert ((train % 0.02) >= 0.01).all()
    assert abs(len(train) - 500) < 4 * np.sqrt(500)


def test_counts_and_refusals():
    assert trains.counts(np.array([0.1, 0.15, 0.9]), 1.0, 0.5).tolist() == [2, 1]
    assert trains.as_train([3.0, 1.0]).tolist() == [1.0, 3.0]
    with pytest.raises(InputError, match="one row of finite times in seconds"):
        trains.as_train(np.array([[1.0]]))
    with pytest.raises(InputError, match="needs dead times below"):
        trains.poisson(100.0, 1.0, np.random.default_rng(0), dead_time=0.02)
    with pytest.raises(InputError, match="positive rate and order"):
        trains.gamma(0.0, 1.0, 1.0, np.random.default_rng(0))
