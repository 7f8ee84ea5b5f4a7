"""Replay memories: what happened, kept to be learnt from again, drawn evenly or by how much it surprised."""

from typing import Any, NamedTuple, final

import numpy as np
import torch
from numpy import ndarray
from torch import Tensor

from neurobridge.ann.reinforcement.several_steps import Experience
from neurobridge.ann.reinforcement.sum_tree import SumTree
from neurobridge.errors import InputError
from neurobridge.tasks.environments import Spaces


class Batch(NamedTuple):
    """Rows of a replay memory as tensors.

    Args:
        observations: `(row, *observation)`.
        actions: `(row, ...)`, int64 for choices.
        rewards: `(row, ...)`.
        successors: `(row, *observation)`.
        discounts: `(row,)`.
        weights: `(row,)` what each row's loss counts; 1 if rows are drawn evenly.
        places: `(row,)` where the rows are in the memory.
    """

    observations: Tensor
    actions: Tensor
    rewards: Tensor
    successors: Tensor
    discounts: Tensor
    weights: Tensor
    places: ndarray


@final
class Replay:
    """The last `capacity` rows of experience.

    With `priority` 0 all rows are drawn alike (Lin 1992). Otherwise row i is drawn with probability
    p_i^a / sum_k p_k^a, p_i = |surprise_i| + 1e-6, a new row at the largest p so far, and its loss is weighted by
    (N P(i))^-b, divided by the largest weight of the batch (Schaul et al. 2016).

    Args:
        spaces: of the environment.
        capacity: rows that are kept; the oldest goes first.
        priority: a; 0.6 in the paper.
    """

    def __init__(self, spaces: Spaces, capacity: int, priority: float = 0.0) -> None:
        if capacity < 1 or not 0 <= priority <= 1:
            raise InputError(
                f"a replay memory needs capacity >= 1 and priority in [0, 1]; got {capacity} and {priority}."
            )
        self.capacity, self.priority = capacity, priority
        rewarded = (spaces.agents,) if spaces.agents else ()
        self.rows = Experience(
            observations=np.zeros((capacity, *spaces.batch_shape), np.float32),
            actions=np.zeros((capacity, *spaces.action_shape), np.int64 if spaces.actions else np.float32),
            rewards=np.zeros((capacity, *rewarded), np.float32),
            successors=np.zeros((capacity, *spaces.batch_shape), np.float32),
            discounts=np.zeros(capacity, np.float32),
        )
        self.filled, self.next = 0, 0
        self.tree, self.largest = (SumTree(capacity) if priority else None), 1.0

    def __len__(self) -> int:
        return self.filled

    def add(self, rows: Experience) -> None:
        """Keep rows; they take the places of the oldest."""
        count = len(rows.rewards)
        places = (self.next + np.arange(count)) % self.capacity if count > 1 else np.array([self.next])
        for kept, new in zip(self.rows, rows, strict=True):
            kept[places] = new
        if self.tree is not None:
            self.tree[places] = self.largest**self.priority
        self.next = (self.next + count) % self.capacity
        self.filled = min(self.capacity, self.filled + count)

    def sample(self, count: int, random: np.random.Generator, correction: float = 1.0) -> Batch:
        """Return rows drawn with replacement.

        Args:
            count: how many.
            random: draws them.
            correction: b, how much of the uneven draw the weights undo.

        Raises:
            InputError: the memory is empty.
        """
        if not self.filled:
            raise InputError("a replay memory that holds nothing can't be drawn from; add to it first.")
        weights = torch.ones(count)
        if self.tree is None:
            places = random.integers(self.filled, size=count)
        else:
            # one draw from each of `count` equal parts of the sum, as in the paper
            places = self.tree.find((np.arange(count) + random.random(count)) * (self.tree.total / count))
            rarity = (self.filled * self.tree[places] / self.tree.total) ** -correction
            weights = torch.from_numpy((rarity / rarity.max()).astype(np.float32))
        drawn = [torch.from_numpy(kept[places]) for kept in self.rows]
        return Batch(*drawn, weights=weights, places=places)  # type: ignore[call-arg]

    def surprise(self, places: ndarray, sizes: ndarray) -> None:
        """Set how much rows surprised: `|target - value|` at their last update; nothing if rows are drawn evenly."""
        if self.tree is not None:
            priorities = sizes.astype(np.float64) + 1e-6
            self.largest = max(self.largest, float(priorities.max()))
            self.tree[places] = priorities**self.priority

    def state_dict(self) -> dict[str, Any]:
        """Return everything that is kept."""
        return {
            "rows": [torch.from_numpy(kept[: self.filled]) for kept in self.rows],
            "next": self.next,
            "tree": None if self.tree is None else self.tree.state_dict(),
            "largest": self.largest,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Become the memory that `state_dict` was taken from."""
        for kept, stored in zip(self.rows, state["rows"], strict=True):
            kept[: len(stored)] = stored.numpy()
        self.filled, self.next, self.largest = len(state["rows"][0]), state["next"], state["largest"]
        if self.tree is not None:
            self.tree.load_state_dict(state["tree"])
