"""Agents of Stable-Baselines3 decide the same as plain modules, and convert."""

import numpy as np
import pytest
import torch

from neurobridge.ann.reinforcement.stable_baselines import from_sb3
from neurobridge.ann.training.contender import contender
from neurobridge.conversion.convert import convert
from neurobridge.errors import InputError, UnknownNameError
from neurobridge.tasks.environments import copies

sb3 = pytest.importorskip("stable_baselines3")

CASES = [
    ("DQN", "CartPole-v1"),
    ("PPO", "CartPole-v1"),
    ("PPO", "Pendulum-v1"),
    ("A2C", "Acrobot-v1"),
    ("SAC", "Pendulum-v1"),
    ("DDPG", "Pendulum-v1"),
    ("TD3", "MountainCarContinuous-v0"),
]


def seen(agent, count=64):
    return np.random.default_rng(0).normal(size=(count, *agent.observation_space.shape)).astype(np.float32)


@pytest.mark.parametrize(("name", "environment"), CASES)
def test_decisions_are_the_agents_own(name, environment):
    agent = getattr(sb3, name)("MlpPolicy", environment, seed=0, device="cpu")
    states = seen(agent)
    _, spaces = copies(environment, 1)
    policy = from_sb3(agent)
    expected, _ = agent.predict(states, deterministic=True)
    np.testing.assert_allclose(spaces.greedy(contender(policy)(states)), expected, atol=1e-6)
    assert not {id(weight) for weight in policy.parameters()} & {id(weight) for weight in agent.policy.parameters()}
    spiking = contender(convert(policy, states, steps=12))(states)
    assert np.abs(spiking - contender(policy)(states)).max() < 0.01 * np.abs(contender(policy)(states)).max()


def test_normalised_observations_are_part_of_the_network():
    from stable_baselines3.common.vec_env import VecNormalize

    made = sb3.common.env_util.make_vec_env("Pendulum-v1", 1)
    agent = sb3.PPO("MlpPolicy", VecNormalize(made, clip_obs=1.5), n_steps=64, device="cpu", seed=0)
    agent.learn(64)
    states = 3 * seen(agent)
    normalised = agent.get_vec_normalize_env().normalize_obs(states)
    assert (np.abs(normalised) == 1.5).any()
    expected, _ = agent.predict(normalised, deterministic=True)
    outputs = contender(from_sb3(agent))(states)
    np.testing.assert_allclose(np.clip(outputs, -2, 2), expected, atol=1e-5)


def test_what_can_not_be_taken_over_is_refused():
    with pytest.raises(InputError, match=r"agent.zip is a file; .* pickled objects, which are never opened"):
        from_sb3("agent.zip")
    with pytest.raises(UnknownNameError, match=r"unknown Stable-Baselines3 algorithm 'Linear'.*Known: A2C, DDPG, DQN"):
        from_sb3(torch.nn.Linear(2, 2))
    agent = sb3.SAC("MlpPolicy", "Pendulum-v1", use_sde=True, device="cpu")
    with pytest.raises(InputError, match="state-dependent noise"):
        from_sb3(agent)
    agent.observation_space = type("Image", (), {"shape": (3, 8, 8)})
    with pytest.raises(InputError, match=r"observations of shape \(3, 8, 8\)"):
        from_sb3(agent)
