"""QMIX and VDN: mixing is monotonic, best answers agree, and the two-step game ends at its published values."""

import itertools

import numpy as np
import pytest
import torch

from neurobridge.ann import reinforcement
from neurobridge.ann.reinforcement import RunConfig
from neurobridge.ann.reinforcement.mixing import Monotonic, Sum
from neurobridge.ann.reinforcement.qmix import MixingConfig
from neurobridge.errors import InputError
from neurobridge.tasks.environments import Spaces, make


def random_mixer(seed):
    torch.manual_seed(seed)
    return Monotonic(agents=3, state=5, width=4)


@pytest.mark.parametrize("seed", range(5))
def test_the_joint_value_never_falls_with_an_agents_own(seed):
    values = (3 * torch.randn(64, 3)).requires_grad_()
    random_mixer(seed)(values, torch.randn(64, 5)).sum().backward()
    assert (values.grad >= 0).all() and (values.grad > 0).any()


@pytest.mark.parametrize("seed", range(5))
def test_the_best_joint_action_is_everyones_best(seed):
    mixer, state, values = random_mixer(seed), torch.randn(1, 5), torch.randn(3, 4)
    joint = {
        actions: float(mixer(values[range(3), actions][None].clone(), state).detach())
        for actions in itertools.product(range(4), repeat=3)
    }
    assert joint[tuple(values.argmax(1).tolist())] == max(joint.values())


def test_a_sum_adds():
    assert torch.equal(Sum()(torch.tensor([[1.0, 2.0, 4.0]]), torch.zeros(1, 2)), torch.tensor([7.0]))


def joint_values(agent, state):
    """`(first agent's action, second agent's action)` in one of the game's states."""
    seen = np.concatenate([np.tile(np.eye(3)[state], (2, 1)), np.eye(2)], 1)[None].astype(np.float32)
    seen = torch.from_numpy(seen)
    with torch.no_grad():
        values = agent.policy(seen)[0]
        pairs = itertools.product(range(2), repeat=2)
        return np.array([float(agent.all(values[[0, 1], pair][None], seen)) for pair in pairs]).reshape(2, 2)


# Rashid et al. 2018, table 2: the even draw's least-squares sum of [[0, 1], [1, 8]], and the game itself.
# Before the first step the best second game is worth 0.99 times its best value: 6.5 < 7 < 8.
PUBLISHED = {
    "vdn": (7, [[-1.5, 2.5], [2.5, 6.5]], [6.93, 6.435], 0.35),
    "qmix": (8, [[0, 1], [1, 8]], [6.93, 7.92], 0.05),
}


@pytest.mark.parametrize("name", sorted(PUBLISHED))
@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)])
def test_the_two_step_game_is_learnt_as_published(name, seed):
    score, game, first, tolerance = PUBLISHED[name]
    agent = reinforcement.build(name, make("two-step").spaces, seed=seed, update_every=2, batch_size=128)
    run = RunConfig(steps=16_000, environments=8, evaluate_every=16_000, episodes=2, keep="last", seed=seed)
    agent, progress = reinforcement.train(agent, "two-step", run)
    assert progress.column("score").tolist() == [score]
    np.testing.assert_allclose(joint_values(agent, 1), 7, atol=tolerance)
    np.testing.assert_allclose(joint_values(agent, 2), game, atol=tolerance)
    np.testing.assert_allclose(joint_values(agent, 0).max(1), first, atol=tolerance)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"mixing": 0}, "QMIX: mixing is 0; it must be at least 1"), ({"discount": 2.0}, r"must lie in \[0, 1\]")],
)
def test_options_that_can_not_be_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        MixingConfig(**options)


def test_agents_that_see_images_are_refused():
    with pytest.raises(InputError, match=r"agents see shape \(1, 4, 4\); it takes vectors"):
        reinforcement.build("qmix", Spaces(observation_shape=(1, 4, 4), actions=2, agents=2))
