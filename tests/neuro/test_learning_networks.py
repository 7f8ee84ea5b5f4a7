"""Networks that learn: weights that compete, inhibition that finds its balance, pairs that a voltage judges."""

import numpy as np
import pytest
from brian2 import Hz, second

from neurobridge.neuro.networks.competition import Competed, Competition
from neurobridge.neuro.networks.inhibitory_balance import InhibitoryBalance
from neurobridge.neuro.networks.voltage_pairing import VoltagePairing


def test_outer_weights_and_the_fall_of_the_rate_are_counted():
    found = Competed(
        model="m",
        weights=np.array([0.0, 0.1, 0.5, 0.9]),
        time=np.arange(2) * second,
        rate=np.array([40, 10]) * Hz,
    )
    assert (found.outer, found.fallen) == (0.75, 0.25)


def test_weights_start_uniform_and_drift_within_a_second():
    found = Competition().run(1 * second, 0.5 * second, seed=1)
    # 1000 uniform weights: the standard error of their mean is 0.009; they have hardly moved in a second
    assert found.weights.mean() == pytest.approx(0.5, abs=0.05)
    assert found.weights.min() >= 0 and found.weights.max() <= 1
    assert found.rate[0] > 10 * Hz


def test_inhibition_that_learns_lowers_the_rate_and_inhibition_that_does_not_leaves_it():
    rates = {}
    for speed in (1e-9, 0.2):
        found = InhibitoryBalance(size=250, speed=speed).run(0.4 * second, 0.1 * second, seed=1)
        rates[speed] = float(found.reached / Hz)
    assert rates[0.2] < 0.5 * rates[1e-9]


def test_late_before_early_depresses_at_20_hz_and_potentiates_at_50():
    found = VoltagePairing(rates=(20.0, 50.0)).run()
    assert found.change[0, 0] < -0.1 < 0 < found.change[0, 1] < found.change[1, 1]


def test_a_single_pair_counts_as_often_as_a_burst():
    found = VoltagePairing(rates=(0.1, 10.0), bursts=2).run()
    # pairs 100 ms apart hardly meet each other
    assert found.change[0, 0] == pytest.approx(found.change[0, 1], rel=0.05)
