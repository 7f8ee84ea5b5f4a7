"""Vectorised environments: true successors, exact restoration, and refusals that say what can be done."""

import gymnasium
import numpy as np
import pytest

from neurobridge.errors import InputError
from neurobridge.tasks.environments import ENVIRONMENTS, make, spaces
from neurobridge.tasks.environments.episodes import returns
from neurobridge.tasks.environments.film import film
from neurobridge.tasks.environments.two_step import PAYOFFS


def at_random(environments, random):
    found = environments.spaces
    shape = (len(environments), *found.action_shape)
    if found.actions:
        return random.integers(found.actions, size=shape)
    return random.uniform(found.low, found.high, size=shape).astype(np.float32)


@pytest.mark.parametrize("name", sorted(ENVIRONMENTS))
def test_restored_environments_go_on_alike(name):
    random = np.random.default_rng(0)
    first = make(name, 2, seed=3)
    for _ in range(37):
        first.step(at_random(first, random))
    second = make(name, 2, seed=3)
    second.load_state_dict(first.state_dict())
    for _ in range(60):
        actions = at_random(first, random)
        for mine, theirs in zip(first.step(actions), second.step(actions), strict=True):
            np.testing.assert_array_equal(mine, theirs)
    assert first.finished[-1:] == second.finished[-1:]


def test_a_successor_is_the_last_state_and_never_the_next_episodes_first():
    ours = make("cartpole", seed=5)
    theirs = gymnasium.make("CartPole-v1")
    for episode in range(3):
        seen, _ = theirs.reset(seed=int(np.random.SeedSequence([5, 0, episode]).generate_state(1)[0]))
        ended = False
        while not ended:
            np.testing.assert_array_equal(ours.observations[0], seen)
            step = ours.step(np.array([1]))
            seen, _, terminated, truncated, _ = theirs.step(1)
            np.testing.assert_array_equal(step.successors[0], seen)
            assert (step.terminated[0], step.truncated[0]) == (terminated, truncated)
            ended = bool(step.ended[0])


def test_a_time_limit_truncates_and_does_not_terminate():
    environments = make("mountain-car")
    for _ in range(200):
        step = environments.step(np.array([1]))
    assert step.truncated[0] and not step.terminated[0]
    assert environments.finished == [-200.0]


def test_the_two_step_game_pays_as_published():
    for first in range(2):
        for pair in np.ndindex(2, 2):
            game = make("two-step")
            opened = game.step(np.array([[first, 1 - first]]))
            assert not opened.ended[0] and (opened.rewards == 0).all()
            paid = game.step(np.array([pair]))
            assert paid.terminated[0]
            np.testing.assert_array_equal(paid.rewards[0], np.full(2, PAYOFFS[first][pair]))


def test_a_paddle_under_the_ball_catches():
    def follow(boards):
        ball, paddle = boards[:, 0, :-1].sum(1).argmax(-1), boards[:, 0, -1].argmax(-1)
        return np.eye(3)[1 + np.sign(ball - paddle)]

    game = make("catch", 16)
    assert (returns(follow, game.copies, game.spaces, range(16)) == 1).all()


def test_episodes_of_equal_seeds_are_equal_whoever_else_plays():
    game = make("cartpole", 8)

    def lean(seen):
        return np.stack([-seen[:, 2] - seen[:, 3], seen[:, 2] + seen[:, 3]], 1)

    together = returns(lean, game.copies, game.spaces, range(8))
    alone = np.concatenate([returns(lean, game.copies[:1], game.spaces, [seed]) for seed in range(8)])
    np.testing.assert_array_equal(together, alone)
    assert len(set(together)) > 1


def test_memory_is_carried_within_an_episode_and_starts_at_zero():
    game = make("cartpole", 3)
    ages = []

    def policy(inputs):
        ages.append(inputs[:, -1].copy())
        return np.concatenate([np.tile([1.0, 0.0], (len(inputs), 1)), inputs[:, -1:] + 1], 1)

    lengths = returns(policy, game.copies, game.spaces, range(3), memory=1)
    assert max(np.concatenate(ages)) == max(lengths) - 1
    assert all((step == place).all() for place, step in enumerate(ages))


def test_the_last_action_is_told_between_observation_and_memory():
    game, seen = make("cartpole", 2), []

    def policy(inputs):
        seen.append(inputs)
        action = len(seen) % 2  # 1 first
        return np.tile([1.0 - action, action, 7.0], (len(inputs), 1))

    returns(policy, game.copies, game.spaces, range(2), memory=1, told=True)
    assert seen[0].shape == (2, 4 + 2 + 1)
    np.testing.assert_array_equal(seen[0][:, 4:], np.zeros((2, 3)))
    for step, inputs in enumerate(seen[1:]):
        np.testing.assert_array_equal(inputs[:, 4:], np.tile([step % 2, 1 - step % 2, 7], (len(inputs), 1)))


def test_numbers_that_were_done_are_told_within_their_bounds():
    game, seen = make("pendulum"), []

    def policy(inputs):
        seen.append(inputs)
        return np.full((len(inputs), 1), 3.0, np.float32)

    returns(policy, game.copies, game.spaces, [0], told=True)
    assert seen[0].shape == (1, 4)
    assert [float(inputs[0, 3]) for inputs in seen[:3]] == [0.0, 2.0, 2.0]


def test_unknown_environments_are_refused():
    with pytest.raises(InputError, match=r"environment 'CartPool-v1' can't be made.*Known: acrobot, cartpole"):
        make("CartPool-v1")


def test_no_copies_are_refused():
    with pytest.raises(InputError, match="0 copies were asked for"):
        make("cartpole", 0)


def test_spaces_that_networks_can_not_take_are_refused():
    class Odd(gymnasium.Env):
        observation_space = gymnasium.spaces.Discrete(4)
        action_space = gymnasium.spaces.Discrete(2)

    with pytest.raises(InputError, match=r"environment 'odd' shows Discrete\(4\).*FlattenObservation"):
        spaces.of(Odd(), "odd")
    Odd.observation_space = gymnasium.spaces.Box(0, 1, (3,))
    Odd.action_space = gymnasium.spaces.MultiBinary(2)
    with pytest.raises(InputError, match=r"environment 'odd' takes MultiBinary\(2\)"):
        spaces.of(Odd(), "odd")


def test_a_state_of_other_copies_is_refused():
    with pytest.raises(InputError, match="a run of 2 environments can't go on in 1"):
        make("cartpole").load_state_dict(make("cartpole", 2).state_dict())


def test_a_film_shows_the_episode(tmp_path):
    imageio = pytest.importorskip("imageio")
    pytest.importorskip("pygame")

    def still(boards):
        return np.tile([0.0, 1.0, 0.0], (len(boards), 1))

    brought = film(still, "catch", tmp_path / "a" / "film.gif", seed=3)
    frames = imageio.mimread(tmp_path / "a" / "film.gif")
    assert brought in (1.0, -1.0)
    assert len(frames) >= 8 and frames[0].shape[:2] == (160, 80)
    with pytest.raises(InputError, match=r"film.mp4 isn't the name of a GIF"):
        film(still, "catch", tmp_path / "film.mp4")


def test_a_team_is_filmed_where_it_can_be_seen(tmp_path):
    imageio = pytest.importorskip("imageio")
    pytest.importorskip("mpe2")

    def right(seen):
        return np.tile([0.0, 0.0, 1.0, 0.0, 0.0], (len(seen), seen.shape[1], 1))

    assert film(right, "spread", tmp_path / "film.gif") < 0
    assert len(imageio.mimread(tmp_path / "film.gif")) > 1
    with pytest.raises(InputError, match="environment 'two-step' draws no picture"):
        film(lambda seen: np.ones((len(seen), 2, 2)), "two-step", tmp_path / "none.gif")
