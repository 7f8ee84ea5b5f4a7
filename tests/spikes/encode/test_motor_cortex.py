"""Motor cortex: the rotating state solves its equation, and both populations are tuned as their sources say."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from neurobridge.errors import InputError
from neurobridge.spikes.encode.motor_cortex import CORTICES, SPEED, checked_size, drives


def draw(name, neurons=20):
    return CORTICES[name](neurons, np.random.default_rng(0))


def test_the_state_is_the_solution_of_its_differential_equation():
    cortex = draw("rotating")
    intended = np.random.default_rng(1).normal(0, SPEED, (5, 2)).repeat(10, axis=0)
    latent, _ = cortex.rotate(intended, 0.01)
    driven = np.abs(cortex.poles)[:, None] * drives(intended)[::10, None]

    def slope(time, flat):
        z = flat.reshape(3, 3)
        return (cortex.poles[:, None] * z + driven[min(int(time / 0.1), 4)]).ravel()

    found, start = [], np.zeros(9, complex)
    for part in range(5):  # the input jumps between parts, so each is solved alone
        span = (0.1 * part, 0.1 * part + 0.0999999)
        start = solve_ivp(slope, span, start, rtol=1e-9, atol=1e-9).y[:, -1]
        found.append(start.reshape(3, 3))
    assert np.allclose(latent[9::10], found, atol=1e-4)


@pytest.mark.parametrize("name", CORTICES)
def test_a_session_in_parts_is_the_session_in_one(name):
    cortex, intended = draw(name), np.random.default_rng(1).normal(0, SPEED, (4, 50, 2))
    whole, _ = cortex.respond(intended, 0.01)
    first, state = cortex.respond(intended[:, :20], 0.01)
    second, _ = cortex.respond(intended[:, 20:], 0.01, state)
    assert np.allclose(np.concatenate([first, second], axis=1), whole, atol=1e-9)


@pytest.mark.parametrize("name", CORTICES)
def test_a_still_hand_leaves_neurons_at_rest(name):
    cortex = draw(name)
    rates, _ = cortex.respond(np.zeros((30, 2)), 0.01)
    assert np.allclose(rates, cortex.base)
    assert rates.shape == (30, cortex.neurons)


def test_cosine_neurons_fire_most_in_their_preferred_direction():
    cortex = draw("cosine")
    angles = np.linspace(-np.pi, np.pi, 720, endpoint=False)
    rates, _ = cortex.respond(SPEED * np.stack([np.cos(angles), np.sin(angles)], axis=1), 0.01)
    best = angles[rates.argmax(axis=0)]
    assert np.abs(np.angle(np.exp(1j * (best - cortex.preferred)))).max() < np.radians(1)
    assert np.allclose(rates.max(axis=0), cortex.base + cortex.depth + cortex.speed, atol=1e-3)


def test_preferred_directions_of_rotating_neurons_turn_during_a_reach():
    cortex = draw("rotating", 60)
    angles = 2 * np.pi * np.arange(16) / 16
    push = np.stack([np.cos(angles), np.sin(angles)], axis=1)[:, None] * SPEED
    rates, _ = cortex.respond(np.concatenate([push.repeat(10, axis=1), np.zeros((16, 20, 2))], axis=1), 0.01)
    preferred = np.angle(np.tensordot(np.exp(1j * angles), rates, axes=1))
    turned = np.abs(np.angle(np.exp(1j * (preferred[24] - preferred[4]))))
    # neurons of cosine tuning do not turn at all
    assert np.median(turned) > np.radians(30)


def test_a_steady_drive_of_ordinary_speed_moves_every_plane_by_one():
    cortex = draw("rotating")
    latent, _ = cortex.rotate(np.tile([SPEED, 0.0], (1000, 1)), 0.01)
    assert np.allclose(np.abs(latent[-1, :, 0]), 1)
    assert np.allclose(latent[-1, :, 1], 0)


def test_one_neuron_is_no_population():
    with pytest.raises(InputError, match="two neurons or more; asked for 1"):
        checked_size(1)
