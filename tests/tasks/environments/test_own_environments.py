"""A user's own environments: their faults are told as theirs, by name, step and line, never as ours."""

import numpy as np
import pytest
from gymnasium import spaces as gym

from neurobridge.errors import InputError
from neurobridge.tasks.environments import ENVIRONMENTS, copies, episodes, make, spaces
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


def test_an_environment_that_says_nothing_of_its_spaces_is_refused():
    for missing, message in (("observation_space", "shows None"), ("action_space", "takes None")):
        world = Own()
        delattr(world, missing)
        with pytest.raises(InputError, match=f"environment 'own' {message}; "):
            spaces.of(world, "own")


def test_agents_that_are_no_number_are_the_environments_own_business():
    world = Own()
    world.agents = ["sprite", "ghost"]
    assert spaces.of(world, "own").agents == 0


def test_an_episode_without_an_end_is_ended_with_its_remedy(monkeypatch):
    monkeypatch.setattr(episodes, "LONGEST", 50)
    game = make(register("endless"))
    with pytest.raises(InputError, match=r"'Own-endless-v0' isn't over after 50 steps.*max_episode_steps.*TimeLimit"):
        returns(left, game.copies, game.spaces, [0])
    # a limit that the environment has is its own
    game = make("cartpole")
    assert returns(lambda seen: np.stack([-seen[:, 2] - seen[:, 3], seen[:, 2] + seen[:, 3]], 1),
                   game.copies, game.spaces, [0]) > 50  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("reward", "'Own-reward-v0': the reward of step 6 of an episode is nan; only finite"),
        ("no reward", "'Own-no-reward-v0': the reward of step 6 of an episode is None"),
        ("text", "'Own-text-v0': the reward of step 6 of an episode is much"),
        ("observation", r"'Own-observation-v0': the observation after step 6 of an episode is \[.* inf .*\]"),
        ("shape", r"'Own-shape-v0': the observation after step 6 of an episode has the shape \(2,\), not \(3,\)"),
        ("four", r"'Own-four-v0': step returned \(.*it must return \(observation, reward, terminated"),
        ("reset", r"'Own-reset-v0' fails in reset: ValueError: the door is shut \(at .*own.py:\d+: raise ValueError\("),
        ("step", r"'Own-step-v0' fails in step 6 of an episode: ValueError: the wheel came off \(at .*own.py:"),
        ("numpy", r"'Own-numpy-v0' fails in step 6 .*reshape.*\(at .*own.py:\d+: np.zeros\(2\).reshape\(3\)\)"),
        ("making", r"'Own-making-v0' can't be made: OSError: the map is missing \(at .*own.py:"),
    ],
)
def test_faults_are_told_as_the_environments_own(fault, message):
    def practised():
        environments = make(register(fault))
        for _ in range(30):
            environments.step(np.array([0]))

    def judged():
        game, found = copies(register(fault), 1)
        returns(left, game, found, [0])

    for use in (practised, judged):
        with pytest.raises(InputError, match=f"environment {message}"):
            use()


def test_modules_that_can_not_be_imported_are_refused(tmp_path, monkeypatch):
    with pytest.raises(
        InputError, match="'nosuchmod:X-v0' can't be made: ModuleNotFoundError: No module named 'nosuch"
    ):
        make("nosuchmod:X-v0")
    with pytest.raises(InputError, match="environment 3 can't be made: Environment `3` doesn't exist"):
        make(3)
    (tmp_path / "halfdone.py").write_text("import json\n\njson.loads('{')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(
        InputError, match=r"can't be made: JSONDecodeError: .*\(at .*halfdone.py:3: json.loads\('{'\)\)"
    ):
        make("halfdone:X-v0")


def test_what_is_ours_stays_ours(monkeypatch):
    game = make("catch")
    with pytest.raises(IndexError):
        game.step(np.zeros((0,), int))
    monkeypatch.setitem(ENVIRONMENTS, "broken", "neurobridge.tasks.environments.nowhere:Broken")
    with pytest.raises(ModuleNotFoundError):
        make("broken")
