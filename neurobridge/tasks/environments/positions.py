"""Observations without velocities, so that an agent needs a memory."""

from typing import Any, final

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy import ndarray


@final
class Positions(gymnasium.ObservationWrapper):
    """Only some of the numbers an environment shows.

    Source: Wierstra et al. 2007, "Solving deep memory POMDPs with recurrent policy gradients", for the cart and pole
    without velocities.

    Args:
        env: shows a vector.
        kept: places of the numbers that stay.
    """

    def __init__(self, env: gymnasium.Env, kept: tuple[int, ...]) -> None:
        super().__init__(env)
        self.kept = list(kept)
        whole = env.observation_space
        assert isinstance(whole, spaces.Box)
        self.observation_space = spaces.Box(whole.low[self.kept], whole.high[self.kept], dtype=np.float32)

    def observation(self, observation: ndarray) -> ndarray:
        """Return the numbers that stay."""
        return observation[self.kept]


def cartpole_positions(**options: Any) -> gymnasium.Env:
    """Return CartPole-v1 with the cart's position and the pole's angle only."""
    return Positions(gymnasium.make("CartPole-v1", disable_env_checker=True, **options), (0, 2))
