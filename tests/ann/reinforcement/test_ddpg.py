"""DDPG: its gradient on a quadratic critic against the analytic one, its targets, small worlds."""

import numpy as np
import pytest
import torch
from torch import nn

from neurobridge.ann import reinforcement
from neurobridge.ann.reinforcement.ddpg import DDPGConfig
from neurobridge.ann.reinforcement.replay import Batch
from neurobridge.errors import InputError
from neurobridge.tasks.environments import Spaces
from tests.ann.reinforcement.worlds import Aim, Bandit, aim_error, practised, world

SMALL = {"widths": (32,), "learning_rate": 5e-3, "batch_size": 64, "capacity": 4000, "warm_up": 200}


def agent(**options):
    return reinforcement.build("ddpg", Spaces(observation_shape=(3,), low=(-2.0,), high=(4.0,)), **{**SMALL, **options})


def rows(count=16):
    random = torch.Generator().manual_seed(0)
    seen, after = (torch.randn(count, 3, generator=random) for _ in range(2))
    rewards, left = torch.randn(count, generator=random), torch.tensor([0.0, 0.9] * (count // 2))
    return Batch(seen, torch.zeros(count, 1), rewards, after, left, torch.ones(count), np.arange(count))


class Quadratic(nn.Module):
    """Q(s, a) = -(a - b s_0)^2 with one weight b."""

    def __init__(self):
        super().__init__()
        self.best = nn.Parameter(torch.tensor(0.5))

    def forward(self, observations, actions):
        return -(((actions - self.best * observations[:, :1]) ** 2).sum(-1))[None]


def test_the_policys_gradient_is_that_of_the_critic_times_its_own():
    learner, batch = agent(), rows()
    learner.critics, learner.slow_critics = Quadratic(), Quadratic()
    learner.learn_values = lambda *_: 0.0
    actions = learner.policy(batch.observations)
    slopes = -2 * (actions.detach() - 0.5 * batch.observations[:, :1]) / len(actions)  # dQ/da, in the mean
    known = torch.autograd.grad(actions, learner.policy.parameters(), -slopes)
    learner.update(batch)
    for weight, expected in zip(learner.policy.parameters(), known, strict=True):
        torch.testing.assert_close(weight.grad, expected)
    assert learner.critics.best.grad is None


def test_targets_are_those_of_the_paper_and_follow_by_their_share():
    learner, batch = agent(target_share=0.25), rows()
    with torch.no_grad():
        learner.slow_actor_weights.values.add_(0.1)
        learner.slow_weights.values.add_(0.1)
        worth = learner.slow_critics(batch.successors, learner.slow_policy(batch.successors))[0]
        errors = learner.critics(batch.observations, batch.actions)[0] - batch.rewards - batch.discounts * worth
    before = [flat.values.clone() for flat in (learner.slow_weights, learner.slow_actor_weights)]
    assert learner.update(batch)["value"] == pytest.approx(float(errors.square().mean()), rel=1e-5)
    now = [(learner.slow_weights, learner.weights), (learner.slow_actor_weights, learner.actor_weights)]
    for old, (slow, fast) in zip(before, now, strict=True):
        torch.testing.assert_close(slow.values.detach(), (0.75 * old + 0.25 * fast.values).detach())


def test_noise_is_a_share_of_half_the_range():
    # 4,000 draws: the deviation is off by more than 5 % in fewer than one of 1,000 runs
    learner = agent(noise=0.2)
    seen = torch.zeros(4000, 3)
    with torch.no_grad():
        assert float((learner.explore(seen) - learner.policy(seen)).std()) == pytest.approx(0.6, rel=0.05)


def test_numbers_are_aimed():
    learner = reinforcement.build("ddpg", world(Aim).spaces, **SMALL)
    practised(learner, world(Aim, 2), 2_400)
    assert aim_error(learner) < 0.2


def test_what_can_not_be_is_refused():
    with pytest.raises(InputError, match="DDPG: batch_size is 0; it must be at least 1"):
        DDPGConfig(batch_size=0)
    with pytest.raises(InputError, match=r"agent 'ddpg' can't give .* 'choice'; these agents can: .*dqn"):
        reinforcement.build("ddpg", world(Bandit).spaces)
