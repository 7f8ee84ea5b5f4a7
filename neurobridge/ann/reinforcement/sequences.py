"""A replay memory of pieces of episodes, each with the memory that an agent had where the piece begins."""

from typing import Any, NamedTuple, final

import numpy as np
import torch
from numpy import ndarray
from torch import Tensor

from neurobridge.errors import InputError
from neurobridge.tasks.environments import Spaces, Transition


class Pieces(NamedTuple):
    """Pieces of episodes of equal length; a place behind the end of an episode counts nothing.

    Args:
        observations: `(piece, step + 1, *observation)`, the last one a successor only.
        actions: `(piece, step)`.
        rewards: `(piece, step)`.
        discounts: `(piece, step)` what the successor's value counts; 0 where the episode ended in its own way.
        counted: `(piece, step)` 1 for steps, 0 behind the end of an episode.
        memory: `(piece, width)` at the first step.
    """

    observations: Any
    actions: Any
    rewards: Any
    discounts: Any
    counted: Any
    memory: Any


@final
class SequenceReplay:
    """The last pieces of every environment's episodes.

    Source: Hausknecht & Stone 2015 (pieces from anywhere in an episode); Kapturowski et al. 2019 (stored memory).

    Args:
        spaces: of the environment.
        capacity: pieces that are kept.
        length: steps of a piece.
        width: numbers of a memory.
        discount: what a reward is worth one step later.
    """

    def __init__(self, spaces: Spaces, capacity: int, length: int, width: int, discount: float) -> None:
        if capacity < 1 or length < 1:
            raise InputError(f"a memory of pieces needs capacity and length >= 1; got {capacity} and {length}.")
        self.capacity, self.length, self.discount = capacity, length, discount
        self.rows = Pieces(
            observations=np.zeros((capacity, length + 1, *spaces.observation_shape), np.float32),
            actions=np.zeros((capacity, length), np.int64),
            rewards=np.zeros((capacity, length), np.float32),
            discounts=np.zeros((capacity, length), np.float32),
            counted=np.zeros((capacity, length), np.float32),
            memory=np.zeros((capacity, width), np.float32),
        )
        self.filled, self.next = 0, 0
        self.open: list[int] = []  # for each environment, the row it writes
        self.step: list[int] = []  # for each environment, the step in that row

    def __len__(self) -> int:
        return self.filled

    def add(self, transition: Transition, memory: ndarray) -> None:
        """Keep one step of every environment.

        Args:
            transition: what happened.
            memory: `(copy, width)` what the agent remembered before it.
        """
        if not self.open:
            self.open, self.step = [-1] * len(transition.rewards), [0] * len(transition.rewards)
        ended = transition.ended
        for copy, row in enumerate(self.open):
            if row < 0:
                row = self._begin(copy, memory[copy])
            step = self.step[copy]
            self.rows.observations[row, step] = transition.observations[copy]
            self.rows.observations[row, step + 1] = transition.successors[copy]
            self.rows.actions[row, step] = transition.actions[copy]
            self.rows.rewards[row, step] = transition.rewards[copy]
            self.rows.discounts[row, step] = 0.0 if transition.terminated[copy] else self.discount
            self.rows.counted[row, step] = 1.0
            self.step[copy] += 1
            if ended[copy] or self.step[copy] == self.length:
                self.open[copy] = -1

    def sample(self, count: int, random: np.random.Generator) -> Pieces:
        """Return pieces drawn evenly with replacement, as tensors."""
        places = random.integers(self.filled, size=count)
        return Pieces(*[torch.from_numpy(kept[places]) for kept in self.rows])

    def state_dict(self) -> dict[str, Any]:
        """Return everything that is kept."""
        rows = [torch.from_numpy(kept[: self.filled]) for kept in self.rows]
        return {"rows": rows, "next": self.next, "open": list(self.open), "step": list(self.step)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Become the memory that `state_dict` was taken from."""
        stored: Tensor
        for kept, stored in zip(self.rows, state["rows"], strict=True):
            kept[: len(stored)] = stored.numpy()
        self.filled, self.next = len(state["rows"][0]), state["next"]
        self.open, self.step = list(state["open"]), list(state["step"])

    def _begin(self, copy: int, memory: ndarray) -> int:
        row = self.next
        for kept in self.rows:
            kept[row] = 0
        self.rows.memory[row] = memory
        self.open[copy], self.step[copy] = row, 0
        self.next = (row + 1) % self.capacity
        self.filled = min(self.capacity, max(self.filled, row + 1))
        return row
