"""Games of particles: mpe2's own episodes, number for number, and what can be known of them without it."""

import numpy as np
import pytest

from neurobridge.tasks.environments import make
from neurobridge.tasks.environments.episodes import returns
from neurobridge.tasks.environments.spread import Spread
from neurobridge.tasks.environments.team import Team, speaker_listener, spread

GAMES = {"speaker-listener": speaker_listener, "spread": spread}


@pytest.mark.parametrize("name", GAMES)
def test_episodes_are_those_of_mpe2(name):
    pytest.importorskip("mpe2")
    ours, theirs, random = GAMES[name](), GAMES[name](render_mode="rgb_array"), np.random.default_rng(0)
    assert isinstance(theirs, Team) and not isinstance(ours, Team)
    assert (ours.observation_space.shape, ours.action_space) == (theirs.observation_space.shape, theirs.action_space)
    touched = 0
    for seed in range(40):
        np.testing.assert_array_equal(ours.reset(seed=seed)[0], theirs.reset(seed=seed)[0])
        # agents that mostly go one way meet at a wall of none and touch more than at random
        bias = random.integers(5, size=ours.agents)
        for _ in range(25):
            action = np.where(random.random(ours.agents) < 0.5, bias, random.integers(5, size=ours.agents))
            mine, other = ours.step(action), theirs.step(action)
            for left, right in zip(mine[:4], other[:4], strict=True):
                np.testing.assert_allclose(left, right, rtol=1e-5, atol=1e-6)
            touched += len(set(mine[1].tolist())) > 1
        assert mine[3] and not mine[2]
    assert touched > 20 or name == "speaker-listener"


def scripted(seen):
    """The speaker names the goal's colour; the listener goes there, slower when it is near."""
    answers = np.zeros((len(seen), 2, 5))
    answers[:, 0, :3] = seen[:, 0, :3]
    goal = seen[:, 1, 2:8].reshape(-1, 3, 2)[range(len(seen)), seen[:, 1, 8:].argmax(-1)]
    wanted = goal - 0.35 * seen[:, 1, :2]
    answers[:, 1, 1:] = np.stack([-wanted[:, 0], wanted[:, 0], -wanted[:, 1], wanted[:, 1]], 1)
    answers[:, 1, 0] = 0.05
    return answers


def test_who_understands_gets_near():
    game = make("speaker-listener", 200)
    deaf = returns(lambda seen: scripted(seen * (np.arange(11) < 8)), game.copies, game.spaces, range(200)).mean()
    assert deaf < -12 < returns(scripted, game.copies, game.spaces, range(200)).mean()


def test_agents_that_touch_push_each_other_apart_and_pay():
    game = Spread()
    game.reset(seed=0)
    game.at, game.goals = np.array([[0.0, 0.0], [0.2, 0.0], [0.0, 0.9]]), np.zeros((3, 2))
    force = game.forces(np.zeros(3, int))
    # mpe2: contact force 100 for each unit of depth, which is 0.3 - 0.2
    np.testing.assert_allclose(force, [[-10, 0], [10, 0], [0, 0]], atol=1e-6)
    np.testing.assert_allclose(game.rewards(), [-0.5, -0.5, 0.0])


def test_a_push_is_felt_one_step_later():
    game = Spread()
    game.reset(seed=0)
    game.at = np.array([[0.0, 0.0], [0.9, 0.9], [-0.9, -0.9]])
    places = [game.step(np.array([2, 0, 0]))[0][0, 2:4] for _ in range(3)]
    # v = 0.5, then 0.75 * 0.5 + 0.5; x moves by 0.1 of the speed before
    np.testing.assert_allclose(places, [[0, 0], [0.05, 0], [0.1375, 0]], atol=1e-6)
