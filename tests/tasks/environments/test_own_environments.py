"""A user's own environments: their faults are told as theirs, by name, step and line, never as ours."""

import numpy as np
import pytest
from gymnasium import spaces as gym

from neurobridge.errors import InputError
from neurobridge.tasks.environments import episodes, make, spaces
from neurobridge.tasks.environments.episodes import returns
from tests.tasks.environments.own import Own, register


def left(seen):
    return np.tile([1.0, 0.0], (len(seen), 1))


@pytest.mark.parametrize(
    "actions", [gym.Discrete(2, start=1), gym.MultiDiscrete([2, 2], start=[1, 1]), gym.Discrete(3, start=-1)]
)
def test_choices_that_are_not_counted_from_zero_are_refused(actions):
    world = Own(actions=actions)
    if isinstance(actions, gym.MultiDiscrete):
        world.agents, world.observation_space = 2, gym.Box(-1, 1, (2, 3))
    with pytest.raises(InputError, match=r"environment 'own' takes (Multi)?Discrete\(.*start=.*counted from 0"):
        spaces.of(world, "own")


def test_an_episode_without_an_end_is_ended_with_its_remedy(monkeypatch):
    monkeypatch.setattr(episodes, "LONGEST", 50)
    game = make(register("endless"))
    with pytest.raises(InputError, match=r"'Own-endless-v0' isn't over after 50 steps.*max_episode_steps.*TimeLimit"):
        returns(left, game.copies, game.spaces, [0])
    # a limit that the environment has is its own
    game = make("cartpole")
    assert returns(lambda seen: np.stack([-seen[:, 2] - seen[:, 3], seen[:, 2] + seen[:, 3]], 1),
                   game.copies, game.spaces, [0]) > 50  # fmt: skip
