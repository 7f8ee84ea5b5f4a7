"""Rotations are found where they are, at their frequency, and nowhere else."""

import numpy as np
import pytest

from neurobridge.errors import InputError
from neurobridge.spikes.encode.motor_cortex import CORTICES
from neurobridge.spikes.statistics.rotations import rotations
from neurobridge.tasks.reaching.reaches import minimum_jerk

STEP = 0.01


def turning(frequency, conditions=8, times=50, neurons=30):
    """Return rates that read a plane turning at a frequency from another phase in each condition."""
    start = 2 * np.pi * np.arange(conditions) / conditions
    phase = start[:, None] + 2 * np.pi * frequency * STEP * np.arange(times)
    return 50 + 10 * np.cos(phase[..., None] - 2 * np.pi * np.arange(neurons) / neurons)


@pytest.mark.parametrize("frequency", [0.5, 2.0])
def test_the_frequency_of_a_turning_plane_is_found(frequency):
    found = rotations(turning(frequency), STEP, components=2)
    assert found.frequency == pytest.approx(frequency, rel=0.01)
    assert found.explained > 0.99
    assert found.plane.shape == (8, 50, 2)


def reached(name):
    angles = 2 * np.pi * np.arange(8) / 8
    speed = 30 * minimum_jerk(np.arange(50) / 50)[1]
    velocity = speed[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)[:, None]
    return CORTICES[name](96, np.random.default_rng(0)).respond(velocity, STEP)[0]


def test_the_rotating_cortex_turns_and_the_cosine_cortex_does_not():
    turned, straight = (rotations(reached(name), STEP) for name in ("rotating", "cosine"))
    assert turned.explained > 0.4 and turned.explained > 0.5 * turned.best
    assert straight.explained < 0.02


def test_no_matrix_explains_more_than_the_free_one():
    random = np.random.default_rng(1)
    found = rotations(random.normal(size=(4, 30, 10)).cumsum(axis=1), STEP)
    assert found.explained <= found.best


@pytest.mark.parametrize(
    ("shape", "components"), [((1, 9, 8), 6), ((3, 2, 8), 6), ((3, 9, 4), 6), ((3, 9, 8), 5), ((3, 9, 8), 0)]
)
def test_too_little_is_refused(shape, components):
    with pytest.raises(InputError, match="rotations need 2 conditions, 3 times and an even number of components"):
        rotations(np.ones(shape), STEP, components)
