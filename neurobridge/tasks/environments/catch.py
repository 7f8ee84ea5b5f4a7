"""Catch: a ball falls over a board of pixels, and a paddle at the bottom must be under it."""

from typing import Any, final

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy import ndarray

ROWS, COLUMNS = 10, 5


@final
class Catch(gymnasium.Env):
    """An image of 10 x 5 pixels, one for the ball and one for the paddle; left, stay, right; 1 for a catch, else -1.

    Source: Mnih et al. 2014, "Recurrent models of visual attention"; size and rules as in bsuite, Osband et al. 2020.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 5}  # noqa: RUF012 - Gymnasium's own form

    def __init__(self, render_mode: str | None = None) -> None:
        self.render_mode = render_mode
        self.observation_space = spaces.Box(0.0, 1.0, (1, ROWS, COLUMNS), np.float32)
        self.action_space = spaces.Discrete(3)
        self.ball, self.paddle = np.zeros(2, int), 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[ndarray, dict]:
        """Put the ball into a random column of the top row and the paddle into the middle."""
        super().reset(seed=seed)
        self.ball, self.paddle = np.array([0, self.np_random.integers(COLUMNS)]), COLUMNS // 2
        return self._board(), {}

    def step(self, action: int) -> tuple[ndarray, float, bool, bool, dict]:
        """Move the paddle by action - 1 and the ball down by one row."""
        self.paddle = int(np.clip(self.paddle + action - 1, 0, COLUMNS - 1))
        self.ball[0] += 1
        landed = bool(self.ball[0] == ROWS - 1)
        reward = (1.0 if self.ball[1] == self.paddle else -1.0) if landed else 0.0
        return self._board(), reward, landed, False, {}

    def render(self) -> ndarray:
        """Return the board as an RGB image, 16 screen pixels a pixel."""
        return np.repeat(np.kron(self._board()[0], np.full((16, 16), 255))[..., None], 3, axis=2).astype(np.uint8)

    def _board(self) -> ndarray:
        board = np.zeros((1, ROWS, COLUMNS), np.float32)
        board[0, self.ball[0], self.ball[1]] = board[0, ROWS - 1, self.paddle] = 1.0
        return board
