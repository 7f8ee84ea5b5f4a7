"""REINFORCE with a baseline: after whole episodes, what went better than expected becomes more likely."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, ClassVar, final

import torch
from torch import Tensor

from neurobridge.ann.reinforcement.actor_critic import ActorCritic, standard
from neurobridge.ann.reinforcement.agent import Losses, Stateful
from neurobridge.ann.reinforcement.limits import check
from neurobridge.ann.reinforcement.rollout import Rollout, Steps
from neurobridge.tasks.environments import Spaces, Transition


@final
@dataclass(frozen=True, kw_only=True)
class ReinforceConfig:
    """Options of `REINFORCE`."""

    widths: tuple[int, ...] = (128,)
    """Units of each hidden layer (PyTorch's example for CartPole)."""
    activation: str = "relu"
    """Between layers (PyTorch's example)."""
    episodes: int = 1
    """Whole episodes in an update (Williams 1992)."""
    learning_rate: float = 1e-2
    """Of Adam (PyTorch's example)."""
    standardise: bool = True
    """Give the advantages of an update mean 0 and deviation 1 (PyTorch's example, for returns)."""
    discount: float = 0.99
    """What a reward is worth one step later (PyTorch's example)."""
    value_weight: float = 0.5
    """What the baseline's squared error counts; its weights are its own."""
    entropy_weight: float = 0.0
    """What the policy's entropy counts."""
    clip: float = inf
    """Largest norm of the gradient; none in Williams 1992."""
    trace: ClassVar[float] = 1.0

    def __post_init__(self) -> None:
        check("REINFORCE", self, counts=("episodes",), shares=("discount",), positive=("learning_rate", "clip"))


@final
class REINFORCE(ActorCritic):
    """Policy gradient after whole episodes, with a learnt baseline.

    Goes up the gradient of log P(a_t) (G_t - V(s_t)), G_t the discounted return, once for some whole episodes.

    V, the baseline, learns to be G_t. Where a time limit cuts an episode, V of the last state stands for the rest.

    Source: Williams 1992; with a learnt baseline Sutton & Barto 2018, section 13.4, without their factor d^t.

    Args:
        spaces: of one agent, choices or numbers.
        config: how it learns.
        seed: of what is drawn.
    """

    Config: ClassVar[type] = ReinforceConfig
    config: ReinforceConfig

    def __init__(self, spaces: Spaces, config: ReinforceConfig, seed: int) -> None:
        super().__init__(spaces, config, seed)
        self.episodes = Episodes()

    def make_optimizer(self, weights: Tensor) -> torch.optim.Optimizer:
        """Return Adam."""
        return torch.optim.Adam([weights], lr=self.config.learning_rate, fused=True)

    def observe(self, transition: Transition) -> Losses | None:
        """Keep the step; learn when enough episodes are over."""
        self.episodes.add(transition, self.tried)
        if len(self.episodes.over) < self.config.episodes:
            return None
        # one after the other they are one rollout, in which nothing crosses the end of an episode
        rows = self.judge(Rollout(*(torch.cat(column) for column in zip(*self.episodes.over, strict=True))))
        self.episodes.over.clear()
        return self.follow_gradient(
            rows._replace(advantages=standard(rows.advantages)) if self.config.standardise else rows
        )

    def parts(self) -> Mapping[str, Stateful]:
        """Return the networks, the optimizer and the episodes."""
        return {"all": self.all, "optimizer": self.optimizer, "episodes": self.episodes}


@final
class Episodes:
    """Collects the steps of each environment until its episode is over."""

    def __init__(self) -> None:
        self.open: list[Steps] = []
        self.over: list[Rollout] = []

    def add(self, transition: Transition, tried: Tensor) -> None:
        """Keep one step of every environment with what the policy drew."""
        self.open = self.open or [Steps() for _ in transition.rewards]
        for copy, steps in enumerate(self.open):
            own = slice(copy, copy + 1)
            steps.add(Transition(*(part[own] for part in transition)), tried[own])
            if transition.ended[copy]:
                self.over.append(steps.take())

    def state_dict(self) -> dict[str, Any]:
        """Return the steps of all episodes."""
        return {"open": [steps.state_dict() for steps in self.open], "over": [list(episode) for episode in self.over]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over the episodes of another."""
        self.open = [Steps() for _ in state["open"]]
        for steps, stored in zip(self.open, state["open"], strict=True):
            steps.load_state_dict(stored)
        self.over = [Rollout(*episode) for episode in state["over"]]
