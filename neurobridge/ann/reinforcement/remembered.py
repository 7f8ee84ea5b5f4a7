"""What an agent remembers while it practises, from one step to the next."""

from typing import final

import numpy as np
import torch
from numpy import ndarray


@final
class Remembered:
    """What an agent remembers in each environment that it practises in.

    Args:
        width: numbers in a memory.
    """

    def __init__(self, width: int) -> None:
        self.memory = np.zeros((0, width), np.float32)
        self.after = self.memory

    def begin(self, copies: int) -> ndarray:
        """Return the memory before a step, `(copy, width)`: zeros at first."""
        if not len(self.memory):
            self.memory = np.zeros((copies, self.memory.shape[1]), np.float32)
        return self.memory

    def go_on(self, ended: ndarray) -> None:
        """Take over the memory after a step; forget where an episode ended."""
        self.memory = np.where(ended[:, None], np.float32(0), self.after)

    def state_dict(self) -> dict[str, torch.Tensor]:
        """Return the memory before the next step."""
        return {"memory": torch.from_numpy(self.memory)}

    def load_state_dict(self, state: dict[str, torch.Tensor]) -> None:
        """Take over a memory."""
        self.memory = state["memory"].numpy().copy()
