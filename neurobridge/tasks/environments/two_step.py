"""The two-step game: two agents, two steps, and a best answer that no sum of their values can express."""

from typing import Any, ClassVar, final

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy import ndarray

PAYOFFS = np.array([[[7.0, 7.0], [7.0, 7.0]], [[0.0, 1.0], [1.0, 8.0]]])
"""`(state, first agent's action, second agent's action)` in the second step."""


@final
class TwoStepGame(gymnasium.Env):
    """The first agent's first action chooses one of two matrix games; both agents then share its payoff.

    Each sees which of the three states it is in, and which agent it is.

    Source: Rashid et al. 2018, "QMIX", section 5.1 and table 1.
    """

    agents: ClassVar[int] = 2

    def __init__(self, render_mode: str | None = None) -> None:
        self.render_mode = render_mode
        self.observation_space = spaces.Box(0.0, 1.0, (2, 5), np.float32)
        self.action_space = spaces.MultiDiscrete([2, 2])
        self.state = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[ndarray, dict]:
        """Begin in the first state."""
        super().reset(seed=seed)
        self.state = 0
        return self._seen(), {}

    def step(self, action: ndarray) -> tuple[ndarray, Any, bool, bool, dict]:
        """Go on to game A or B, or pay."""
        if self.state == 0:
            self.state = 1 + int(action[0])
            return self._seen(), np.zeros(2, np.float32), False, False, {}
        payoff = PAYOFFS[self.state - 1, action[0], action[1]]
        return self._seen(), np.full(2, payoff, np.float32), True, False, {}

    def render(self) -> None:
        """Return no picture: there is nothing to see."""

    def _seen(self) -> ndarray:
        return np.concatenate(
            [np.tile(np.eye(3, dtype=np.float32)[self.state], (2, 1)), np.eye(2, dtype=np.float32)], 1
        )
