"""The deciding network of a Stable-Baselines3 agent as a plain module, to be judged and converted like our own.

A live agent is taken and never a file: its files hold pickled objects, which run code when they are opened.
"""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from torch import nn

from neurobridge.ann.reinforcement.scaled import Scaled
from neurobridge.errors import InputError, lookup


def from_sb3(agent: Any) -> nn.Module:
    """Return what a Stable-Baselines3 agent decides by: observations -> action values, logits, or actions.

    The module is a copy; outputs are those that `Spaces.greedy` makes the agent's deterministic actions of. An
    agent's own normalisation of observations (`VecNormalize`) becomes part of it.

    Args:
        agent: a trained DQN, PPO, A2C, SAC, DDPG or TD3 with observations that are vectors.

    Raises:
        UnknownNameError: another algorithm.
        InputError: a path instead of an agent, or observations that aren't vectors.
    """
    if isinstance(agent, str) or hasattr(agent, "__fspath__"):
        raise InputError(
            f"{agent} is a file; Stable-Baselines3 files hold pickled objects, which are never opened here. Load it "
            "yourself if you trust it, as in DQN.load(path), and give the agent."
        )
    shape = getattr(getattr(agent, "observation_space", None), "shape", None)
    rule = lookup("Stable-Baselines3 algorithm", type(agent).__name__, RULES)
    if shape is None or len(shape) != 1:
        raise InputError(f"the agent sees observations of shape {shape}; those with vectors can be taken over.")
    parts = [*_normalisation(agent), *rule(agent)]
    return copy.deepcopy(nn.Sequential(*parts)).cpu().eval()


def _values(agent: Any) -> list[nn.Module]:
    return [agent.policy.q_net.features_extractor, agent.policy.q_net.q_net]


def _policy_gradient(agent: Any) -> list[nn.Module]:
    policy = agent.policy
    features = policy.features_extractor if policy.share_features_extractor else policy.pi_features_extractor
    return [features, policy.mlp_extractor.policy_net, policy.action_net]


def _soft(agent: Any) -> list[nn.Module]:
    actor = agent.policy.actor
    if agent.use_sde:
        raise InputError("the agent explores by state-dependent noise (use_sde), whose actor isn't a plain network.")
    return [actor.features_extractor, actor.latent_pi, actor.mu, nn.Tanh(), _bounds(agent)]


def _deterministic(agent: Any) -> list[nn.Module]:
    actor = agent.policy.actor
    return [actor.features_extractor, actor.mu, _bounds(agent)]


def _bounds(agent: Any) -> Scaled:
    """Return what takes actions from [-1, 1] to the environment's numbers."""
    low, high = agent.action_space.low, agent.action_space.high
    return Scaled((high - low) / 2, (high + low) / 2)


def _normalisation(agent: Any) -> list[nn.Module]:
    found = agent.get_vec_normalize_env()
    if found is None or not found.norm_obs:
        return []
    deviation = np.sqrt(found.obs_rms.var + found.epsilon)
    return [Scaled(1 / deviation, -found.obs_rms.mean / deviation, found.clip_obs)]


RULES: Mapping[str, Callable[[Any], list[nn.Module]]] = {
    "DQN": _values,
    "PPO": _policy_gradient,
    "A2C": _policy_gradient,
    "SAC": _soft,
    "DDPG": _deterministic,
    "TD3": _deterministic,
}
