"""Games of several agents from PettingZoo's parallel interface, as one environment of equal shapes."""

from importlib import import_module
from typing import Any, final

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy import ndarray

from neurobridge.optional import require
from neurobridge.tasks.environments.particles import STEPS
from neurobridge.tasks.environments.speaker_listener import SpeakerListener
from neurobridge.tasks.environments.spread import Spread


@final
class Team(gymnasium.Env):
    """All agents' observations as rows of one array; shorter ones are filled with zeros.

    Agents with fewer actions than others have further numbers for the last of theirs.

    Args:
        game: a parallel environment with a fixed set of agents.
    """

    def __init__(self, game: Any) -> None:
        self.game, self.names = game, list(game.possible_agents)
        self.agents = len(self.names)
        seen = [game.observation_space(name) for name in self.names]
        done = [game.action_space(name) for name in self.names]
        self.width = max(space.shape[0] for space in seen)
        self.observation_space = spaces.Box(-np.inf, np.inf, (self.agents, self.width), np.float32)
        self.choices = [int(getattr(space, "n", 0)) for space in done]
        if all(self.choices):
            self.action_space: spaces.Space = spaces.MultiDiscrete([max(self.choices)] * self.agents)
        else:
            self.lengths = [space.shape[0] for space in done]
            low, high = min(space.low.min() for space in done), max(space.high.max() for space in done)
            self.action_space = spaces.Box(low, high, (self.agents, max(self.lengths)), np.float32)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[ndarray, dict]:
        """Begin an episode."""
        super().reset(seed=seed)
        seen, _ = self.game.reset(seed=seed)
        return self._rows(seen), {}

    def step(self, action: ndarray) -> tuple[ndarray, Any, bool, bool, dict]:
        """Let every agent act; rewards are one number an agent, and the episode ends for all at once."""
        told = {name: self._own(place, action[place]) for place, name in enumerate(self.names)}
        seen, rewards, terminated, truncated, _ = self.game.step(told)
        gained = np.array([rewards[name] for name in self.names], np.float32)
        return self._rows(seen), gained, all(terminated.values()), all(truncated.values()), {}

    def render(self) -> Any:
        """Return the game's own picture."""
        return self.game.render()

    def close(self) -> None:
        """Close the game's window."""
        self.game.close()

    def _rows(self, seen: dict[str, ndarray]) -> ndarray:
        rows = np.zeros((self.agents, self.width), np.float32)
        for place, name in enumerate(self.names):
            rows[place, : len(seen[name])] = seen[name]
        return rows

    def _own(self, place: int, action: Any) -> Any:
        if all(self.choices):
            return min(int(action), self.choices[place] - 1)
        return np.asarray(action[: self.lengths[place]], np.float32)


def speaker_listener(continuous: bool = False, **options: Any) -> gymnasium.Env:
    """Return the game of a speaker and a listener; mpe2's where actions are numbers or pictures are drawn."""
    if not continuous and not options:
        return SpeakerListener()
    return Team(
        _module("simple_speaker_listener_v4").parallel_env(max_cycles=STEPS, continuous_actions=continuous, **options)
    )


def spread(continuous: bool = False, **options: Any) -> gymnasium.Env:
    """Return the game of three agents, three places; mpe2's where actions are numbers or pictures are drawn."""
    if not continuous and not options:
        return Spread()
    return Team(
        _module("simple_spread_v3").parallel_env(
            N=3, local_ratio=0.5, max_cycles=STEPS, continuous_actions=continuous, **options
        )
    )


def _module(name: str) -> Any:
    require("mpe2")
    return import_module(f"mpe2.{name}")
