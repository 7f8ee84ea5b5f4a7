"""The movement filter keeps its alignment: what comes first in the counts is found there."""

import numpy as np
import pytest

from neurobridge.errors import InputError
from neurobridge.spikes.decode.kalman import fit_kalman
from neurobridge.spikes.decode.movement_kalman import choose_movement_kalman, fit_movement_kalman


def data(lead, steps=60, sequences=80):
    """Return counts of 12 linear neurons that come `lead` bins before a smooth velocity."""
    random = np.random.default_rng(lead)
    velocity = np.zeros((sequences, steps + 10, 2))
    speed = np.zeros((sequences, 2))
    for k in range(1, steps + 10):
        speed = 0.8 * speed + random.normal(0, 1, (sequences, 2))
        velocity[:, k] = 0.8 * velocity[:, k - 1] + speed
    ahead = velocity[:, 5 + lead : 5 + lead + steps]
    counts = 5 + ahead @ np.random.default_rng(9).normal(size=(2, 12)) + random.normal(0, 3, (sequences, steps, 12))
    return counts, velocity[:, 5 : 5 + steps]


@pytest.mark.parametrize("lead", [0, 1, 2])
def test_the_validation_side_finds_the_lead(lead):
    counts, velocity = data(lead)
    found = choose_movement_kalman(counts[:60], velocity[:60], counts[60:], velocity[60:])
    assert found.lead == lead
    assert 1 - ((found.decode(counts) - velocity) ** 2).mean() / velocity.var() > 0.9


def test_one_velocity_without_a_lead_is_the_plain_filter():
    counts, velocity = data(0)
    found = fit_movement_kalman(counts, velocity, history=1)
    mean, rest = velocity.mean(axis=(0, 1)), counts.mean(axis=(0, 1))
    plain = fit_kalman(velocity - mean, counts - rest)
    means, _ = plain.decode(counts - rest, np.zeros(2), np.cov((velocity - mean).reshape(-1, 2).T, bias=True))
    assert np.allclose(found.decode(counts), means + mean, atol=1e-8)


def test_silent_neurons_are_left_out():
    counts, velocity = data(0)
    silent = np.concatenate([counts, np.zeros((*counts.shape[:2], 1))], axis=-1)
    decoded = fit_movement_kalman(silent, velocity).decode(silent)
    assert np.allclose(decoded, fit_movement_kalman(counts, velocity).decode(counts))


@pytest.mark.parametrize(("history", "lead"), [(0, 0), (2, 2), (1, -1), (59, 0)])
def test_states_that_cannot_be_are_refused(history, lead):
    counts, velocity = data(0)
    with pytest.raises(InputError, match="0 <= lead < history <= steps - 2"):
        fit_movement_kalman(counts, velocity, history, lead)


def test_gains_settle_long_before_they_are_no_longer_computed():
    counts, velocity = data(0)
    found = fit_movement_kalman(counts, velocity, history=4, lead=2)
    assert np.abs(np.diff(found.gains[30:], axis=0)).max() < 1e-10 * np.abs(found.gains).max()
