"""REINFORCE: its gradient on a bandit against the analytic one, whole episodes, a time limit, small worlds."""

import numpy as np
import pytest
import torch

from neurobridge.ann import reinforcement
from neurobridge.ann.reinforcement.actor_critic import Judged
from neurobridge.ann.reinforcement.reinforce import ReinforceConfig
from neurobridge.errors import InputError
from neurobridge.tasks.environments import Spaces, Transition
from tests.ann.reinforcement.worlds import Aim, Bandit, aim_error, practised, world


@pytest.mark.parametrize("baseline", [0.0, 0.7])
def test_the_gradient_on_a_bandit_is_the_analytic_one(baseline):
    """J = sum_a P(a) r_a has dJ/dz_a = P(a) (r_a - J), and no baseline changes that on average."""
    agent = reinforcement.build("reinforce", world(Bandit).spaces, widths=(8,))
    paid, count = torch.tensor(Bandit.PAID), 60_000
    logits = torch.tensor([0.3, -0.2, 0.1]).repeat(count, 1).requires_grad_()
    drawn = agent.distribution.draw(logits, torch.Generator().manual_seed(0))
    better = paid[drawn] - baseline
    (agent.distribution.log_density(logits, drawn) * better).mean().backward()
    chances = logits[0].detach().softmax(-1)
    known = chances * (paid - (chances * paid).sum())
    # a term's deviation is below 1.2, so 4 standard errors are 0.02: missed by chance in fewer than one of 5,000 runs
    torch.testing.assert_close(logits.grad.sum(0), known, rtol=0, atol=0.02)


def test_the_update_goes_up_the_expected_reward():
    """Every arm once, weighted by its chance: the update's own gradient is then exactly the analytic one."""
    agent = reinforcement.build("reinforce", world(Bandit).spaces, widths=(8,), value_weight=0.0, standardise=False)
    seen, paid = torch.ones(3, 1), torch.tensor(Bandit.PAID)
    chances = agent.policy(seen[:1]).softmax(-1)[0]
    known = torch.autograd.grad((chances * paid).sum(), agent.policy.parameters())
    rows = Judged(seen, torch.arange(3), torch.zeros(3), 3 * chances.detach() * paid, torch.zeros(3))
    agent.follow_gradient(rows)
    for weight, expected in zip(agent.policy.parameters(), known, strict=True):
        torch.testing.assert_close(weight.grad, -expected)


def test_it_learns_from_whole_episodes_with_the_value_of_a_cut_one():
    agent = reinforcement.build("reinforce", Spaces(observation_shape=(1,), actions=2), discount=0.5, episodes=3)
    judged = []
    agent.follow_gradient = judged.append
    ends = [(1, "terminated"), (2, "truncated"), (3, "terminated")]
    for step in range(4):
        now = np.array([end == step for end, _ in ends])
        terminated = np.array([over and how == "terminated" for over, (_, how) in zip(now, ends, strict=True)])
        seen = np.full((3, 1), step, np.float32)
        agent.tried = torch.zeros(3, dtype=torch.int64)
        agent.observe(
            Transition(seen, np.zeros(3, int), np.array([1, 2, 4], np.float32), seen + 1, terminated, now & ~terminated)
        )
        assert len(judged) == (step == 3)
    with torch.no_grad():
        cut = float(agent.critic(torch.tensor([[3.0]]))[0])
    returns = [1.5, 1, 3.5 + cut / 8, 3 + cut / 4, 2 + cut / 2, 7.5, 7, 6, 4]
    assert judged[0].goals.tolist() == pytest.approx(returns, abs=1e-5)
    assert float(judged[0].advantages.mean()) == pytest.approx(0, abs=1e-6)


def test_the_better_arm_is_found():
    agent = reinforcement.build("reinforce", world(Bandit).spaces, widths=(8,), episodes=8)
    practised(agent, world(Bandit, 4), 1_000)
    with torch.no_grad():
        chances = torch.from_numpy(agent.predict(np.ones((1, 1), np.float32))).softmax(-1)[0]
    assert chances[1] > 0.9


def test_numbers_are_aimed():
    agent = reinforcement.build("reinforce", world(Aim).spaces, widths=(16,), episodes=64, learning_rate=2e-2)
    practised(agent, world(Aim, 16), 20_000)
    assert aim_error(agent) < 0.3


def test_options_that_can_not_be_are_refused():
    with pytest.raises(InputError, match="REINFORCE: episodes is 0; it must be at least 1"):
        ReinforceConfig(episodes=0)
