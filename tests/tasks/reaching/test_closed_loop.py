"""The closed loop: a perfect decoder goes straight to the target, a blind one never gets there."""

import numpy as np
import pytest

from neurobridge import tasks
from neurobridge.errors import InputError
from neurobridge.spikes.encode.motor_cortex import CORTICES
from neurobridge.tasks import baselines
from neurobridge.tasks.reaching.closed_loop import Loop, Rules, run
from neurobridge.tasks.reaching.decoding import decoding
from neurobridge.tasks.reaching.simulated import simulate

TARGETS = np.array([[8.0, 0.0], [0.0, -8.0]])


@pytest.fixture(scope="module")
def task():
    return tasks.load("reaching-cosine", neurons=64, minutes=4, steps=20)


def loop(**rules):
    cortex = CORTICES["cosine"](6, np.random.default_rng(0))
    return Loop(cortex, Rules(**rules), 0.05, 10, TARGETS, np.random.default_rng(1))


def test_intentions_go_straight_to_the_target_and_slow_down_near_it():
    made = loop(delay=0.0)
    assert np.allclose(made.intention(), [[20, 0], [0, -20]])
    made.move(np.array([[140.0, 0.0], [0.0, -140.0]]), np.array([True, True]))
    assert np.allclose(made.intention(), [[4, 0], [0, -4]])  # 1 cm away
    assert made.move(np.array([[20.0, 0.0], [0.0, 20.0]]), np.array([True, True])).tolist() == [True, False]


def test_the_eye_is_late():
    made = loop(delay=0.1)
    step = np.array([[140.0, 0.0], [0.0, -140.0]])
    for late in range(2):
        made.move(step * (late == 0), np.array([True, True]))
        assert np.allclose(made.intention(), [[20, 0], [0, -20]])
    made.move(0 * step, np.array([True, True]))
    assert np.allclose(made.intention(), [[4, 0], [0, -4]])


def test_a_finished_trial_stays_where_it_is():
    made = loop()
    made.move(np.ones((2, 2)), np.array([True, False]))
    assert made.cursor[1].tolist() == [0, 0] and made.cursor[0].all()


def test_spikes_fill_the_window_before_a_trial_and_move_through_it():
    made = loop()
    before = made.counts
    assert before.shape == (2, 10, 6) and before.sum() > 0
    assert np.array_equal(made.spike()[:, :-1], before[:, 1:])


def test_decoders_bring_the_cursor_to_the_target(task):
    found = run(baselines.fit("Kalman filter", task), task, seed=0, rules=Rules(radius=2.0), repeats=4)
    assert found.success > 0.9
    # 6 cm at 20 cm/s, the hold, and at least the delay of the first bin
    assert (found.seconds[found.acquired] >= 0.3 + 0.5).all()
    last = found.path[np.arange(32), -1]
    assert (np.linalg.norm(last - found.target, axis=1)[found.acquired] <= 2.0).all()
    assert np.allclose(np.linalg.norm(found.target, axis=1), 8)


def test_a_blind_decoder_never_arrives(task):
    found = run(lambda seen: np.zeros((len(seen), 20, 2)), task, seed=0, repeats=1)
    assert found.success == 0
    assert (found.seconds == Rules().limit).all()
    assert not found.path.any()


def test_equal_seeds_give_equal_trials(task):
    predict = baselines.fit("Wiener filter", task)
    first, second = (run(predict, task, seed=5, repeats=1) for _ in range(2))
    assert np.array_equal(first.path, second.path)
    assert not np.array_equal(first.path, run(predict, task, seed=6, repeats=1).path)


def test_recordings_have_no_closed_loop():
    recorded = decoding("mine", simulate("cosine", neurons=4, duration=60.0), steps=10)
    with pytest.raises(InputError, match="only a simulated motor cortex answers to a cursor"):
        run(lambda seen: seen, recorded, seed=0)


@pytest.mark.parametrize("changes", [{"radius": 9.0}, {"hold": 0.0}, {"hold": 6.0}, {"delay": -0.1}])
def test_rules_that_cannot_be_are_refused(changes):
    with pytest.raises(InputError, match="a closed loop needs 0 < radius < distance"):
        Rules(**changes)
