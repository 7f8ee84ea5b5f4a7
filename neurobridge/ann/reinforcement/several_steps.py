"""Sums of several rewards in a row: what replay memories hold in place of single steps."""

from collections import deque
from typing import Any, NamedTuple, final

import numpy as np
import torch
from numpy import ndarray

from neurobridge.tasks.environments import Transition


class Experience(NamedTuple):
    """Rows that a value can be learnt from: value(observation, action) = reward + discount * value(successor).

    Args:
        observations: `(row, *observation)`.
        actions: `(row, ...)`.
        rewards: `(row, ...)` discounted sum of the rewards on the way to the successor.
        successors: `(row, *observation)`.
        discounts: `(row,)` what the successor's value counts; 0 if the episode ended there in its own way.
    """

    observations: ndarray
    actions: ndarray
    rewards: ndarray
    successors: ndarray
    discounts: ndarray


@final
class SeveralSteps:
    """Turns single steps into steps of up to n: R = r_0 + d r_1 + ... + d^(n-1) r_(n-1), with d^n for the successor.

    At the end of an episode the steps that are left are shorter; their successor is the last state. A time limit is
    not an end of its own: the successor's value still counts.

    Source: Watkins 1989; Sutton & Barto 2018, chapter 7.

    Args:
        count: n.
        discount: d.
    """

    def __init__(self, count: int, discount: float) -> None:
        self.count, self.discount = count, discount
        self.waiting: list[deque[tuple[Any, ...]]] = []

    def push(self, step: Transition) -> Experience | None:
        """Take in one step of every environment; return what is complete, or None if nothing is."""
        if self.count == 1:
            discounts = np.where(step.terminated, 0.0, self.discount).astype(np.float32)
            return Experience(step.observations, step.actions, step.rewards, step.successors, discounts)
        self.waiting = self.waiting or [deque() for _ in step.rewards]
        rows: list[tuple[Any, ...]] = []
        for copy, waiting in enumerate(self.waiting):
            waiting.append((step.observations[copy], step.actions[copy], step.rewards[copy]))
            ended = step.terminated[copy] or step.truncated[copy]
            while waiting and (ended or len(waiting) == self.count):
                gained = sum(self.discount**age * reward for age, (_, _, reward) in enumerate(waiting))
                left = 0.0 if step.terminated[copy] else self.discount ** len(waiting)
                observation, action, _ = waiting.popleft()
                rows.append((observation, action, gained, step.successors[copy], left))
        if not rows:
            return None
        columns = [np.stack(column) for column in zip(*rows, strict=True)]
        return Experience(columns[0], columns[1], columns[2].astype(np.float32), columns[3], columns[4].astype("f4"))

    def state_dict(self) -> dict[str, Any]:
        """Return the steps that wait for those after them."""
        return {
            "waiting": [[[torch.tensor(part) for part in step] for step in waiting] for waiting in self.waiting],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over the waiting steps of another."""
        self.waiting = [
            deque(tuple(part.numpy()[()] for part in step) for step in waiting) for waiting in state["waiting"]
        ]
