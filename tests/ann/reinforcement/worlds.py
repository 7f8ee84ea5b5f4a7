"""Environments of one step, in which the best answer and every gradient are known."""

import gymnasium
import numpy as np
from gymnasium import spaces

from neurobridge.tasks.environments import Environments
from neurobridge.tasks.environments import spaces as described


class Bandit(gymnasium.Env):
    """Choosing action a pays PAID[a]; there is nothing to see."""

    PAID = (0.2, 1.0, -0.5)

    def __init__(self):
        self.observation_space = spaces.Box(1.0, 1.0, (1,), np.float32)
        self.action_space = spaces.Discrete(len(self.PAID))

    def reset(self, *, seed=None, options=None):
        return np.ones(1, np.float32), {}

    def step(self, action):
        return np.ones(1, np.float32), self.PAID[action], True, False, {}


class Aim(gymnasium.Env):
    """A number x in [-1, 1] is shown; the best of actions in [-2, 4] is 1 + 2 x, and others pay less by the square."""

    def __init__(self):
        self.observation_space = spaces.Box(-1.0, 1.0, (1,), np.float32)
        self.action_space = spaces.Box(-2.0, 4.0, (1,), np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.shown = self.np_random.uniform(-1, 1, 1).astype(np.float32)
        return self.shown, {}

    def step(self, action):
        return self.shown, -float((action[0] - 1 - 2 * self.shown[0]) ** 2), True, False, {}


def world(kind, copies=1, seed=0):
    made = [kind() for _ in range(copies)]
    return Environments(made, described.of(made[0], kind.__name__), seed)


def practised(agent, environments, steps):
    """The losses of every update in `steps` environment steps."""
    losses = []
    agent.practise(environments, steps, losses.append)
    return losses


SHOWN = np.linspace(-1, 1, 21, dtype=np.float32)[:, None]


def aim_error(agent):
    """Root mean square distance of the policy's actions from the best ones, which have a range of 4."""
    return float(np.sqrt(np.mean((agent.predict(SHOWN) - 1 - 2 * SHOWN) ** 2)))


def twins(agent, theirs):
    """Pairs of our layers and those of Stable-Baselines3's policy for vectors, which give ours their weights."""
    ours, others = [agent.policy[1], agent.critic[1]], [theirs.mlp_extractor.policy_net, theirs.mlp_extractor.value_net]
    pairs = [(ours[0][-1], theirs.action_net), (ours[1][-1], theirs.value_net)]
    pairs += [(mine[place], other[place]) for mine, other in zip(ours, others, strict=True) for place in (0, 2)]
    for mine, other in pairs:
        mine.load_state_dict(other.state_dict())
    return pairs
