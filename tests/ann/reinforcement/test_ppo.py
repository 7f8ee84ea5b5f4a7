"""PPO: its objective where it must equal the policy gradient, one update beside another library's, small worlds."""

import gymnasium
import numpy as np
import pytest
import torch

from neurobridge.ann import reinforcement
from neurobridge.ann.reinforcement.actor_critic import Judged, standard
from neurobridge.ann.reinforcement.ppo import PPOConfig, clipped
from neurobridge.ann.reinforcement.recipes import recipe
from neurobridge.conversion.convert import convert
from neurobridge.errors import InputError
from neurobridge.tasks.environments import Spaces, make
from tests.ann.reinforcement.worlds import SHOWN, Aim, Bandit, aim_error, practised, twins, world

CHOICES = Spaces(observation_shape=(4,), actions=3)


def rows(agent, count=32):
    random = torch.Generator().manual_seed(0)
    seen = torch.randn(count, 4, generator=random)
    tried = torch.randint(3, (count,), generator=random)
    with torch.no_grad():
        logs = agent.distribution.log_density(agent.policy(seen), tried)
    better, goals = torch.randn(count, generator=random), torch.randn(count, generator=random)
    return Judged(seen, tried, logs, better, goals)


def test_at_a_ratio_of_one_the_gradient_is_the_policy_gradient():
    agent = reinforcement.build("ppo", CHOICES, widths=(8,))
    judged = rows(agent)
    logs = agent.distribution.log_density(agent.policy(judged.observations), judged.tried)
    ours = torch.autograd.grad(
        clipped((logs - judged.log_densities).exp(), judged.advantages, 0.2).mean(), agent.policy.parameters(),
        retain_graph=True,
    )  # fmt: skip
    known = torch.autograd.grad((logs * judged.advantages).mean(), agent.policy.parameters())
    for mine, theirs in zip(ours, known, strict=True):
        torch.testing.assert_close(mine, theirs)


def test_beyond_the_clip_nothing_is_gained_but_losses_count():
    ratios = torch.tensor([0.5, 0.9, 1.1, 1.5, 0.5, 1.5])
    better = torch.tensor([1.0, 1.0, 1.0, 1.0, -1.0, -1.0])
    assert clipped(ratios, better, 0.2).tolist() == pytest.approx([0.5, 0.9, 1.1, 1.2, -0.8, -1.5])


def test_advantages_are_standardised_and_one_alone_is_left():
    values = standard(torch.tensor([1.0, 2.0, 6.0]))
    assert float(values.mean()) == pytest.approx(0, abs=1e-6) and float(values.std()) == pytest.approx(1)
    assert standard(torch.tensor([3.0])).tolist() == [3.0]


def test_the_learning_rate_falls_and_the_clip_with_it():
    agent = reinforcement.build("ppo", CHOICES, falling_steps=100)
    left = []
    for agent.steps in (0, 25, 100, 200):
        left.append(agent.left)
    assert left == pytest.approx([1, 0.75, 0, 0])
    assert reinforcement.build("ppo", CHOICES).left == 1


def test_the_better_arm_is_found():
    agent = reinforcement.build("ppo", world(Bandit).spaces, widths=(8,), length=16, learning_rate=1e-2)
    practised(agent, world(Bandit, 4), 1600)
    with torch.no_grad():
        chances = torch.from_numpy(agent.predict(np.ones((1, 1), np.float32))).softmax(-1)[0]
    assert chances[1] > 0.9
    assert float(agent.critic(torch.ones(1, 1)).detach()) == pytest.approx(1.0, abs=0.15)


def test_numbers_are_aimed_in_the_environments_own_units():
    agent = reinforcement.build(
        "ppo", world(Aim).spaces, widths=(16,), length=32, learning_rate=5e-3, entropy_weight=0.0
    )
    assert aim_error(agent) > 1
    practised(agent, world(Aim, 8), 8_000)
    assert aim_error(agent) < 0.2
    assert float(agent.distribution.log_spread.detach().exp()) < 1  # from 3


def test_images_go_through_convolutions():
    agent = reinforcement.build("ppo", make("catch").spaces, widths=(8,), length=4)
    assert agent.predict(np.zeros((2, 1, 10, 5), np.float32)).shape == (2, 3)
    practised(agent, make("catch", 2), 8)
    assert agent.updates == 16


def test_the_policy_converts():
    agent = reinforcement.build("ppo", world(Aim).spaces, widths=(16,))
    with torch.no_grad():
        agent.policy[1][-1].weight.mul_(100)
    spiking = convert(agent.policy, SHOWN, steps=12)
    outputs = agent.predict(SHOWN)
    with torch.no_grad():
        assert np.abs(spiking(torch.from_numpy(SHOWN)).numpy() - outputs).max() < 0.01 * np.ptp(outputs)


class Recall(gymnasium.Env):
    """A number, 1 or -1, is shown once; two steps later the choice that it names pays 1, the other one nothing."""

    def __init__(self):
        self.observation_space = gymnasium.spaces.Box(-1.0, 1.0, (1,), np.float32)
        self.action_space = gymnasium.spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.told, self.left = int(self.np_random.integers(2)), 3
        return np.array([2 * self.told - 1], np.float32), {}

    def step(self, action):
        self.left -= 1
        return np.zeros(1, np.float32), float(self.left == 0 and action == self.told), self.left == 0, False, {}


def recalled(memory):
    agent = reinforcement.build(
        "ppo", world(Recall).spaces, memory=memory, widths=(16,), length=12, batches=1, learning_rate=1e-2
    )
    environments = world(Recall, 8)
    practised(agent, environments, 9_600)
    return float(np.mean(environments.finished[-200:]))


def test_what_was_shown_before_is_remembered_only_with_a_memory():
    # guessing pays 0.5; 200 games by chance stay below 0.65 in all but one of 50,000 runs
    assert recalled(0) < 0.65
    assert recalled(8) > 0.9


def test_outputs_through_time_are_those_that_were_acted_on():
    agent = reinforcement.build("ppo", world(Recall).spaces, memory=5, widths=(4,), length=7)
    kept = []
    agent.learn = kept.append
    practised(agent, world(Recall, 3), 42)
    for rollout in kept:  # the second one begins in the middle of episodes
        assert (rollout.observations[1:, :, 1:][rollout.ended[:-1]] == 0).all()
        acted_on = agent.policy(rollout.observations.flatten(0, 1))[:, :2].view(7, 3, 2)
        for copies in (torch.arange(3), torch.tensor([2, 0])):
            found = agent.again(rollout, copies).view(7, len(copies), 2)
            torch.testing.assert_close(found, acted_on[:, copies])


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"batches": 0}, "PPO: batches is 0; it must be at least 1"),
        ({"trace": 1.5}, r"PPO: trace is 1.5; it must lie in \[0, 1\]"),
        ({"clip_ratio": 0.0}, "PPO: clip_ratio is 0.0; it must be above 0"),
    ],
)
def test_options_that_can_not_be_are_refused(fault, message):
    with pytest.raises(InputError, match=message):
        PPOConfig(**fault)


def test_several_agents_are_refused_with_those_who_can():
    with pytest.raises(InputError, match=r"agent 'ppo' can't give .* 'choice of several'; these agents can: .*qmix"):
        reinforcement.build("ppo", make("two-step").spaces)


def test_one_update_is_that_of_stable_baselines():
    """From equal weights and on equal rows, both end with equal weights."""
    sb3 = pytest.importorskip("stable_baselines3")
    theirs = sb3.PPO("MlpPolicy", "CartPole-v1", n_steps=32, batch_size=32, n_epochs=2, ent_coef=0.01, device="cpu")
    theirs._setup_learn(32)
    ours = reinforcement.build("ppo", make("cartpole").spaces, batches=1, epochs=2, learning_rate=3e-4)
    pairs = twins(ours, theirs.policy)
    random = torch.Generator().manual_seed(0)
    seen, tried = torch.randn(32, 4, generator=random), torch.randint(2, (32,), generator=random)
    logs, better, goals = (torch.randn(32, generator=random) for _ in range(3))
    logs = ours.distribution.log_density(ours.policy(seen), tried).detach() + 0.2 * logs
    buffer = theirs.rollout_buffer
    buffer.observations, buffer.actions = seen[:, None].numpy(), tried[:, None, None].numpy().astype(np.float32)
    buffer.log_probs, buffer.advantages, buffer.returns = (part[:, None].numpy() for part in (logs, better, goals))
    buffer.full = True
    theirs.train()
    for _ in range(2):
        ours.update(ours.policy(seen), Judged(seen, tried, logs, better, goals))
    for mine, other in pairs:
        torch.testing.assert_close(mine.weight, other.weight, rtol=1e-4, atol=1e-6)


@pytest.mark.slow
def test_a_cart_is_balanced_in_100_000_steps():
    found = recipe("cartpole", "ppo")
    agent = reinforcement.build("ppo", make("cartpole").spaces, **found.options)
    assert found.run.steps == 100_000
    agent, _ = reinforcement.train(agent, "cartpole", found.run)
    assert reinforcement.training.evaluate(agent, "cartpole", range(10_000, 10_050)).mean() >= 475
