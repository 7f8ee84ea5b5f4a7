"""Agents that learn to act, one a file, and the run that all of them share.

>>> from neurobridge.ann import reinforcement
>>> from neurobridge.tasks.environments import make
>>> agent = reinforcement.build("dqn", make("cartpole").spaces, duelling=True)
"""

from importlib import import_module
from typing import Any

import torch

from neurobridge.ann.reinforcement.agent import Agent
from neurobridge.ann.reinforcement.config import RunConfig
from neurobridge.ann.reinforcement.options import checked
from neurobridge.ann.reinforcement.training import train
from neurobridge.errors import InputError, lookup
from neurobridge.tasks.environments import Spaces

__all__ = ["AGENTS", "Agent", "RunConfig", "build", "fitting", "names", "train"]

# name -> "module:class"; the class takes (spaces, config, seed), has a `Config`, and says which kinds it `serves`
AGENTS = {
    "a2c": "neurobridge.ann.reinforcement.a2c:A2C",
    "a3c": "neurobridge.ann.reinforcement.a3c:A3C",
    "ddpg": "neurobridge.ann.reinforcement.ddpg:DDPG",
    "dqn": "neurobridge.ann.reinforcement.dqn:DQN",
    "drqn": "neurobridge.ann.reinforcement.drqn:DRQN",
    "maddpg": "neurobridge.ann.reinforcement.maddpg:MADDPG",
    "ppo": "neurobridge.ann.reinforcement.ppo:PPO",
    "qmix": "neurobridge.ann.reinforcement.qmix:QMIX",
    "reinforce": "neurobridge.ann.reinforcement.reinforce:REINFORCE",
    "sac": "neurobridge.ann.reinforcement.sac:SAC",
    "vdn": "neurobridge.ann.reinforcement.qmix:VDN",
}


def names() -> tuple[str, ...]:
    """Return the names of all agents."""
    return tuple(sorted(AGENTS))


def fitting(spaces: Spaces) -> tuple[str, ...]:
    """Return the names of the agents that can act in an environment of these spaces."""
    return tuple(name for name in names() if spaces.kind in _agent(name).serves)


def build(name: str, spaces: Spaces, *, seed: int = 0, **options: Any) -> Agent:
    """Return an agent that has learnt nothing yet.

    Args:
        name: one of `names()`.
        spaces: of the environment it will act in.
        seed: of its first weights and of everything random in it; the global random state is left as it was.
        options: fields of the agent's config.

    Raises:
        UnknownNameError: no agent or no option has this name.
        InputError: the agent can't act in such an environment, or an option's value can't be used.
    """
    lookup("agent", name, AGENTS)
    agent = _agent(name)
    if spaces.kind not in agent.serves:
        raise InputError(
            f"agent {name!r} can't give actions of the kind {spaces.kind!r}; these agents can: "
            f"{', '.join(fitting(spaces)) or 'none'}."
        )
    config = agent.Config(**checked(name, agent.Config, options))
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return agent(spaces, config, seed)


def _agent(name: str) -> Any:
    module, _, attribute = AGENTS[name].partition(":")
    return getattr(import_module(module), attribute)
