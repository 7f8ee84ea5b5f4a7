"""Points that are pushed about in a square: the motion that games of several agents share."""

from abc import abstractmethod
from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy import ndarray

STEPS = 25
"""Of an episode (Lowe et al. 2017)."""
PACE, DRAG = 0.1, 0.25
"""Time of a step, and what is lost of a speed in it."""
PUSHES = 5.0 * np.array([[0, 0], [-1, 0], [1, 0], [0, -1], [0, 1]])
"""Force of each choice: none, left, right, down, up."""


class Particles(gymnasium.Env):
    """Agents and places begin evenly in [-1, 1]^2; x <- x + 0.1 v, then v <- 0.75 v + 0.1 F.

    Written anew from mpe2, whose episodes it plays number for number at a fraction of the time.

    Source: Lowe et al. 2017; mpe2, the maintained form of its particle worlds.
    """

    agents: ClassVar[int]
    places: ClassVar[int] = 3
    seen: ClassVar[int]
    """Numbers that an agent is shown."""

    def __init__(self) -> None:
        self.observation_space = spaces.Box(-np.inf, np.inf, (self.agents, self.seen), np.float32)
        self.action_space = spaces.MultiDiscrete([len(PUSHES)] * self.agents)
        self.steps = 0
        self.at, self.speed = np.zeros((self.agents, 2)), np.zeros((self.agents, 2))
        self.goals = np.zeros((self.places, 2))

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[ndarray, dict]:
        """Put everything anywhere, at rest."""
        super().reset(seed=seed)
        self.steps = 0
        self.begin()
        self.at = self.np_random.uniform(-1, 1, (self.agents, 2))
        self.goals = self.np_random.uniform(-1, 1, (self.places, 2))
        self.speed = np.zeros((self.agents, 2))
        return self.shown(), {}

    def step(self, action: ndarray) -> tuple[ndarray, ndarray, bool, bool, dict]:
        """Move; the episode is cut after 25 steps."""
        force = self.forces(action)
        self.at = self.at + PACE * self.speed
        self.speed = (1 - DRAG) * self.speed + PACE * force
        self.steps += 1
        return self.shown(), self.rewards().astype(np.float32), False, self.steps >= STEPS, {}

    def begin(self) -> None:
        """Draw what is drawn before positions are."""
        return

    @abstractmethod
    def forces(self, action: ndarray) -> ndarray:
        """Return the force on each agent, `(agent, 2)`, by what all chose, `(agent,)`."""

    @abstractmethod
    def rewards(self) -> ndarray:
        """Return what each agent gets where everyone is now, `(agent,)`."""

    @abstractmethod
    def shown(self) -> ndarray:
        """Return what each agent sees, `(agent, number)` float32."""
