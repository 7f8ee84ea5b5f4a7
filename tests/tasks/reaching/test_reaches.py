"""Reaches are those of least jerk, and sessions go where their targets are."""

import numpy as np
import pytest

from neurobridge.errors import InputError, UnknownNameError
from neurobridge.tasks.reaching.reaches import DISTANCE, PATTERNS, STEP, minimum_jerk, session


def test_a_reach_is_the_solution_of_least_jerk():
    share = np.linspace(0, 1, 10001)
    way, speed = minimum_jerk(share)
    assert way[[0, -1]].tolist() == [0, 1] and speed[[0, -1]].tolist() == [0, 0]
    assert speed.max() == pytest.approx(1.875, abs=1e-6)  # Flash & Hogan 1985
    assert np.allclose(np.gradient(way, share), speed, atol=1e-4)
    # the optimum has a sixth derivative of zero: any smooth change that keeps the ends has more jerk
    jerk = 60 - 360 * share + 360 * share**2
    bump = np.polynomial.Polynomial([0, 0, 0, 1, -3, 3, -1])  # s^3 (1 - s)^3
    assert np.mean(jerk * bump.deriv(3)(share)) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_positions_are_the_sum_of_velocities_and_end_at_targets(pattern):
    made = session(pattern, 60.0, np.random.default_rng(0))
    assert len(made.position) == 6000
    middle = (made.velocity[1:] + made.velocity[:-1]) / 2
    assert np.allclose(np.cumsum(middle, axis=0) * STEP, made.position[1:] - made.position[0], atol=0.05)
    ends = np.flatnonzero((np.diff(made.target, axis=0) != 0).any(axis=1))
    assert len(ends) > 40
    assert np.allclose(made.position[ends], made.target[ends], atol=1e-9)
    assert np.abs(made.position).max() <= DISTANCE + 1e-9


def test_a_hand_rests_before_each_start():
    made = session("centre-out", 60.0, np.random.default_rng(0))
    speed = np.linalg.norm(made.velocity, axis=1)
    assert (speed[made.starts - 1] < 1e-9).all()
    assert (speed[made.starts[:-1] + 5] > 0.1).all()


def test_centre_out_goes_to_each_of_eight_directions_and_back():
    made = session("centre-out", 120.0, np.random.default_rng(1))
    goals = made.target[made.starts]
    assert np.allclose(goals[1::2], 0)
    assert np.allclose(np.linalg.norm(goals[::2], axis=1), DISTANCE)
    angles = np.round(np.degrees(np.arctan2(goals[:16:2, 1], goals[:16:2, 0])) % 360)
    assert sorted(angles.tolist()) == [0, 45, 90, 135, 180, 225, 270, 315]


def test_unknown_patterns_and_short_sessions_are_refused():
    with pytest.raises(UnknownNameError, match="unknown pattern of reaches 'center-out'; did you mean 'centre-out'"):
        session("center-out", 10.0, np.random.default_rng(0))
    with pytest.raises(InputError, match=r"lasts a second or more; asked for 0.5 s"):
        session("mixed", 0.5, np.random.default_rng(0))
