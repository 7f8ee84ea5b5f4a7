"""What an environment shows and what it can be told, and how outputs of a network become an action."""

from dataclasses import dataclass
from typing import Any, final

import gymnasium
import numpy as np
from gymnasium import spaces as gym
from numpy import ndarray

from neurobridge.errors import InputError


@final
@dataclass(frozen=True, kw_only=True)
class Spaces:
    """The observations and actions of an environment.

    Args:
        observation_shape: shape of one agent's observation: `(feature,)`, or `(channel, row, column)` for images.
        actions: how many actions there are to choose from; 0 if actions are numbers.
        low: `(action,)` smallest numbers; empty if actions are chosen.
        high: `(action,)` largest numbers; empty if actions are chosen.
        agents: how many agents play; 0 for one agent, whose arrays have no axis of agents.
    """

    observation_shape: tuple[int, ...]
    actions: int = 0
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    agents: int = 0

    @property
    def kind(self) -> str:
        """What an agent must be able to give: "choice" or "numbers", or those "of several"."""
        return ("choice" if self.actions else "numbers") + (" of several" if self.agents else "")

    @property
    def output_size(self) -> int:
        """How many outputs a policy has for one agent: one a choice, or one a number."""
        return self.actions or len(self.low)

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """Shape of what all agents see: `(agent, *observation_shape)`, without the axis for one agent."""
        return (self.agents, *self.observation_shape) if self.agents else self.observation_shape

    @property
    def action_shape(self) -> tuple[int, ...]:
        """Shape of what all agents do: `()` for one choice, `(agent,)`, `(action,)`, `(agent, action)`."""
        return ((self.agents,) if self.agents else ()) + (() if self.actions else (len(self.low),))

    def greedy(self, outputs: ndarray) -> ndarray:
        """Return the best action by a policy's outputs: the largest one's place, or the numbers within bounds.

        Args:
            outputs: `(episode, output)`, or `(episode, agent, output)` for several agents.
        """
        if self.actions:
            return outputs.argmax(axis=-1)
        return np.clip(outputs, np.array(self.low, np.float32), np.array(self.high, np.float32))

    def shown(self, actions: ndarray) -> ndarray:
        """Return actions as a network is told them, `(..., output)`: 1 at the place of a choice, numbers as they are.

        Args:
            actions: as the environment takes them.
        """
        return np.eye(self.actions, dtype=np.float32)[actions] if self.actions else actions.astype(np.float32)


def of(environment: gymnasium.Env, name: str) -> Spaces:
    """Return the spaces of a Gymnasium environment.

    Args:
        environment: with Gymnasium's `observation_space` and `action_space`, and `agents` if they are several.
        name: for messages.

    Raises:
        InputError: observations that aren't arrays of numbers, or actions that are neither a choice counted from 0
            nor bounded numbers.
    """
    own: Any = environment.unwrapped
    agents = int(own.agents) if isinstance(getattr(own, "agents", None), int | np.integer) else 0
    seen, done = getattr(environment, "observation_space", None), getattr(environment, "action_space", None)
    if not isinstance(seen, gym.Box) or (agents and (not seen.shape or seen.shape[0] != agents)):
        raise InputError(
            f"environment {name!r} shows {seen}; networks take one Box of numbers. Wrap it, as with "
            "gymnasium.wrappers.FlattenObservation."
        )
    shape = seen.shape[1:] if agents else seen.shape
    counted = not np.any(getattr(done, "start", 0))
    if isinstance(done, gym.Discrete) and counted and not agents:
        return Spaces(observation_shape=shape, actions=int(done.n))
    if isinstance(done, gym.MultiDiscrete) and counted and agents and len(set(done.nvec.tolist())) == 1:
        return Spaces(observation_shape=shape, actions=int(done.nvec[0]), agents=agents)
    if isinstance(done, gym.Box) and np.isfinite(done.low).all() and np.isfinite(done.high).all():
        low, high = (done.low[0], done.high[0]) if agents else (done.low, done.high)
        if low.ndim == 1:
            return Spaces(
                observation_shape=shape, low=tuple(low.tolist()), high=tuple(high.tolist()), agents=agents
            )  # fmt: skip
    raise InputError(
        f"environment {name!r} takes {done}; agents here give one choice (Discrete, counted from 0) or a vector of "
        "bounded numbers (Box). Wrap it, as with gymnasium.wrappers.TransformAction."
    )
