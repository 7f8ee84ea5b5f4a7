"""Some steps in a row of every environment, learnt from and then forgotten; and how good each step turned out."""

from typing import Any, NamedTuple, final

import torch
from torch import Tensor

from neurobridge.tasks.environments import Transition


class Rollout(NamedTuple):
    """Steps in a row; the first axis is time, the second the copy of the environment.

    Args:
        observations: `(step, copy, *observation)`.
        tried: `(step, copy, ...)` what the policy drew, before bounds were put on it.
        rewards: `(step, copy)`.
        successors: `(step, copy, *observation)`, true ones also at the end of an episode.
        terminated: `(step, copy)` whether nothing can be gained after it.
        ended: `(step, copy)` whether the next step is of another episode.
    """

    observations: Tensor
    tried: Tensor
    rewards: Tensor
    successors: Tensor
    terminated: Tensor
    ended: Tensor


@final
class Steps:
    """Collects steps until they are taken as a rollout."""

    def __init__(self) -> None:
        self.waiting: list[Rollout] = []

    def __len__(self) -> int:
        return len(self.waiting)

    def add(self, step: Transition, tried: Tensor) -> None:
        """Keep one step of every environment with what the policy drew."""
        parts = (step.observations, tried.numpy(), step.rewards, step.successors, step.terminated, step.ended)
        self.waiting.append(Rollout(*map(torch.from_numpy, parts)))

    def take(self) -> Rollout:
        """Return everything and forget it."""
        steps, self.waiting = self.waiting, []
        return Rollout(*(torch.stack(column) for column in zip(*steps, strict=True)))

    def state_dict(self) -> dict[str, Any]:
        """Return the steps that wait."""
        return {"waiting": [list(step) for step in self.waiting]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over the steps of another."""
        self.waiting = [Rollout(*step) for step in state["waiting"]]


def advantages(rollout: Rollout, values: Tensor, after: Tensor, discount: float, trace: float) -> Tensor:
    """Return how much better each step was than its state's value, `(step, copy)`.

    A_t = D_t + d l A_(t+1), D_t = r_t + d V(s_(t+1)) - V(s_t); the sum stops where an episode does, and V after a step
    that ended it in its own way is 0. With l = 1 it is the discounted sum of rewards less V, with l = 0 it is D.

    Source: Schulman et al. 2016, "High-dimensional continuous control using generalized advantage estimation".

    Args:
        rollout: the steps.
        values: `(step, copy)` V of what was acted on.
        after: `(step, copy)` V of the successors.
        discount: d.
        trace: l.
    """
    surprises = rollout.rewards + discount * after * ~rollout.terminated - values
    kept = discount * trace * (~rollout.ended).float()
    found, later = torch.empty_like(surprises), torch.zeros_like(surprises[0])
    for step in reversed(range(len(surprises))):
        later = surprises[step] + kept[step] * later
        found[step] = later
    return found
