"""Control tasks: identical episodes for all contenders, memory carried by the task, states that were visited."""

import numpy as np
import pytest

from neurobridge import tasks
from neurobridge.errors import InputError


def lean(seen):
    """Push towards where the pole falls: without weights, yet better than chance."""
    fall = seen[:, 2] + 0.5 * seen[:, 3]
    return np.stack([-fall, fall], 1)


def test_episodes_are_the_same_for_every_contender():
    task = tasks.load("cartpole", episodes=20)
    first, again, half = task.judge(lean), task.judge(lambda x: 3 * lean(x)), task.judge(lean, limit=10)
    np.testing.assert_array_equal(first.values, again.values)
    np.testing.assert_array_equal(first.values[:10], half.values)
    np.testing.assert_array_equal(first.groups[:10], half.groups)
    assert len(set(first.groups)) == 20
    assert set(tasks.load("cartpole", seed=1, episodes=20).judge(lean).groups).isdisjoint(first.groups)


def test_random_players_get_what_is_published():
    # Gymnasium's CartPole-v1: about 22 steps at random (Barto et al. 1983 report the same order). The mean of 200
    # episodes has a standard error of 0.8, so that these bounds are four of it away.
    assert 19 < tasks.load("cartpole").random_scores().summary < 26
    assert tasks.load("acrobot", episodes=3).random_scores().summary < -400


def test_bounds_are_kept_for_actions_that_are_numbers():
    task = tasks.load("pendulum", episodes=3)
    hard, harder = (task.judge(lambda x, size=size: np.full((len(x), 1), size)) for size in (2.0, 9.0))
    np.testing.assert_array_equal(hard.values, harder.values)


def test_a_contender_with_memory_does_what_it_would_do_seeing_everything():
    plain = tasks.load("cartpole-positions", episodes=10)
    task = plain.remembering(3)
    assert (task.input_shape, task.output_size) == ((5,), 5)

    def differences(seen):  # velocities from the position before, as long as there is one
        now, before, known = seen[:, :2], seen[:, 2:4], seen[:, 4:]
        speed = known * (now - before) / 0.02
        return np.concatenate(
            [lean(np.stack([now[:, 0], speed[:, 0], now[:, 1], speed[:, 1]], 1)), now, known * 0 + 1], 1
        )

    assert task.judge(differences).summary > 5 * task.random_scores().summary
    np.testing.assert_array_equal(task.answers(np.arange(10).reshape(2, 5)), [[0, 1], [5, 6]])


def test_a_contender_is_told_what_it_did_wherever_it_plays():
    plain = tasks.load("cartpole", episodes=3)
    task, told = plain.remembering(1, told=True), []
    assert (task.input_shape, task.output_size) == ((7,), 3)

    def stubborn(seen):  # what it did, it does again; it begins with 1
        told.append(seen[:, 4:6])
        again = np.where(seen[:, 4:6].any(1, keepdims=True), seen[:, 4:6], [[0.0, 1.0]])
        return np.concatenate([again, seen[:, 6:]], 1)

    assert task.judge(stubborn).summary < 15
    task.visited(stubborn, 50, explore=0.0)
    assert set(map(tuple, np.concatenate(told))) == {(0.0, 0.0), (0.0, 1.0)}
    np.testing.assert_array_equal(task.random_scores().values, plain.random_scores().values)


def test_visited_states_are_a_contenders_own():
    task = tasks.load("cartpole", episodes=20)
    visits = task.visited(lean, 500, seed=1)
    assert visits.inputs.shape == (500, 4) and visits.inputs.dtype == np.float32
    assert set(visits.groups).isdisjoint(task.judge(lean).groups)
    np.testing.assert_array_equal(visits.inputs, task.visited(lean, 500, seed=1).inputs)
    assert not np.array_equal(visits.inputs, task.visited(lean, 500, seed=2).inputs)
    # random actions fall within 25 steps or so and see larger angles than who keeps the pole up
    assert np.abs(visits.inputs[:, 2]).mean() < np.abs(task.calibration(500)[:, 2]).mean()


def test_exploration_leads_beside_the_path():
    task = tasks.load("cartpole")
    always = task.visited(lambda x: np.tile([1.0, 0.0], (len(x), 1)), 100, explore=0.0)
    wild = task.visited(lambda x: np.tile([1.0, 0.0], (len(x), 1)), 100, explore=0.5)
    assert always.inputs[:, 1].max() < 0.06 < wild.inputs[:, 1].max()  # pushed left, the cart never goes right


def test_any_environment_of_gymnasium_is_a_task():
    task = tasks.load("control", environment="MountainCarContinuous-v0", episodes=2)
    assert (task.input_shape, task.output_size, task.name) == ((2,), 1, "control")


def bold(seen):
    """Choose the second game of the two-step game, and the second action in it, so that both are paid 8."""
    return np.tile([0.0, 1.0], (len(seen), 2, 1))


def test_a_team_is_judged_as_one_contender():
    task = tasks.load("two-step", episodes=10)
    assert (task.input_shape, task.output_steps, task.output_size) == ((2, 5), 2, 2)
    assert (task.judge(bold).values == 8).all() and (task.judge(lambda seen: -bold(seen)).values == 7).all()
    # an even draw ends in 7 half of the time and else in 0, 1, 1 or 8: (7 + 2.5) / 2, deviation 2.9; 600 draws are
    # within 0.5, four standard errors, but for one of 15,000 seeds
    assert tasks.load("two-step", episodes=600).random_scores().summary == pytest.approx(4.75, abs=0.5)


def test_everyone_in_a_team_has_a_memory_of_its_own():
    task, seen = tasks.load("two-step", episodes=3).remembering(1, told=True), []
    assert (task.input_shape, task.output_size, task.carried) == ((2, 8), 3, 3)

    def policy(inputs):
        seen.append(inputs[:, :, 5:])
        return np.concatenate([bold(inputs), inputs[:, :, -1:] + [[1.0], [2.0]]], -1)

    assert (task.judge(policy).values == 8).all()
    np.testing.assert_array_equal(seen[0], np.zeros((3, 2, 3)))
    np.testing.assert_array_equal(seen[1], np.tile([[0, 1, 1], [0, 1, 2]], (3, 1, 1)))


def test_everyone_in_a_team_goes_astray_alone():
    # second games of the first agent: half of its random actions, 0.5 * 0.5 of 500 episodes; 4 standard errors are 0.08
    inputs = tasks.load("two-step").visited(lambda seen: -bold(seen), 1000, explore=0.5).inputs
    later = inputs[inputs[:, 0, 0] == 0]
    assert later[:, 0, 2].mean() == pytest.approx(0.25, abs=0.08)
    told = tasks.load("two-step").remembering(0, told=True).visited(lambda seen: -bold(seen), 1000, explore=0.5).inputs
    done = told[told[:, 0, 0] == 0][:, :, 6]
    assert (done[:, 0] != done[:, 1]).mean() == pytest.approx(2 * 0.25 * 0.75, abs=0.09)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tasks.load("cartpole", episodes=0), "needs episodes >= 1"),
        (lambda: tasks.load("cartpole").judge(lean, limit=0), "judging needs limit >= 1"),
        (lambda: tasks.load("cartpole").visited(lean, 0), "gives one state or more; asked for 0"),
        (lambda: tasks.load("cartpole").remembering(2).calibration(5), r"take `visited\(contender, count\)`"),
        (lambda: tasks.load("cartpole").remembering(0, told=True).calibration(5), "only a contender fills its memory"),
        (lambda: tasks.load("two-step").judge(lambda x: x[:, 0, :2]), r"shape \(200, 2\).*expected \(200, 2, 2\)"),
        (lambda: tasks.load("cartpole").judge(lambda x: x), r"outputs of shape \(200, 4\).*expected \(200, 2\)"),
        (lambda: tasks.load("cartpole").judge(lambda x: x[:, :2] * np.nan), "not finite"),
    ],
)
def test_what_can_not_be_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
