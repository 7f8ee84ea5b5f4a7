"""A2C: one update beside another library's, and small worlds."""

import numpy as np
import pytest
import torch

from neurobridge.ann import reinforcement
from neurobridge.ann.reinforcement.a2c import A2CConfig
from neurobridge.ann.reinforcement.actor_critic import Judged
from neurobridge.errors import InputError
from neurobridge.tasks.environments import make
from tests.ann.reinforcement.worlds import Aim, Bandit, aim_error, practised, twins, world


def test_the_better_arm_is_found():
    agent = reinforcement.build("a2c", world(Bandit).spaces, widths=(8,), learning_rate=1e-2)
    practised(agent, world(Bandit, 4), 2_000)
    with torch.no_grad():
        chances = torch.from_numpy(agent.predict(np.ones((1, 1), np.float32))).softmax(-1)[0]
    assert chances[1] > 0.9


def test_numbers_are_aimed():
    agent = reinforcement.build("a2c", world(Aim).spaces, widths=(16,), learning_rate=7e-3)
    practised(agent, world(Aim, 16), 20_000)
    assert aim_error(agent) < 0.3


def test_one_update_is_that_of_stable_baselines():
    """From equal weights and on equal rows, both end with equal weights."""
    sb3 = pytest.importorskip("stable_baselines3")
    theirs = sb3.A2C("MlpPolicy", "CartPole-v1", n_steps=32, ent_coef=0.01, use_rms_prop=False, device="cpu")
    theirs._setup_learn(32)
    ours = reinforcement.build("a2c", make("cartpole").spaces, entropy_weight=0.01)
    # theirs has RMSprop as TensorFlow had it, ours as PyTorch has it; both are compared with PyTorch's
    theirs.policy.optimizer = torch.optim.RMSprop(theirs.policy.parameters(), lr=7e-4, alpha=0.99, eps=1e-5)
    pairs = twins(ours, theirs.policy)
    random = torch.Generator().manual_seed(0)
    seen, tried = torch.randn(32, 4, generator=random), torch.randint(2, (32,), generator=random)
    better, goals = (torch.randn(32, generator=random) for _ in range(2))
    buffer = theirs.rollout_buffer
    buffer.observations, buffer.actions = seen[:, None].numpy(), tried[:, None, None].numpy().astype(np.float32)
    buffer.advantages, buffer.returns = better[:, None].numpy(), goals[:, None].numpy()
    buffer.full = True
    theirs.train()
    ours.follow_gradient(Judged(seen, tried, torch.zeros(32), better, goals))
    for mine, other in pairs:
        torch.testing.assert_close(mine.weight, other.weight, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("fault", "message"),
    [({"length": 0}, "A2C: length is 0; it must be at least"), ({"discount": -0.1}, "A2C: discount is -0.1; it must")],
)
def test_options_that_can_not_be_are_refused(fault, message):
    with pytest.raises(InputError, match=message):
        A2CConfig(**fault)
