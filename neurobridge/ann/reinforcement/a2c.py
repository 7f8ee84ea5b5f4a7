"""Advantage actor-critic: one small step of policy and critic after every few steps of all environments."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor

from neurobridge.ann.reinforcement.actor_critic import ActorCritic
from neurobridge.ann.reinforcement.limits import check


@final
@dataclass(frozen=True, kw_only=True)
class A2CConfig:
    """Options of `A2C`; the defaults are those of Stable-Baselines3 (Raffin et al. 2021)."""

    widths: tuple[int, ...] = (64, 64)
    """Units of each hidden layer."""
    activation: str = "tanh"
    """Between layers."""
    length: int = 5
    """Steps of every environment that are learnt from at once (Mnih et al. 2016)."""
    learning_rate: float = 7e-4
    """Of RMSprop, with averages over 0.99 and an epsilon of 1e-5 (Mnih et al. 2016 for the averages)."""
    discount: float = 0.99
    """What a reward is worth one step later (Mnih et al. 2016)."""
    trace: float = 1.0
    """How far advantages look beyond the next value; 1 to the end of the steps (Mnih et al. 2016)."""
    value_weight: float = 0.5
    """What the critic's squared error counts."""
    entropy_weight: float = 0.0
    """What the policy's entropy counts; 0.01 in Mnih et al. 2016."""
    clip: float = 0.5
    """Largest norm of the gradient."""

    def __post_init__(self) -> None:
        check("A2C", self, counts=("length",), shares=("discount", "trace"), positive=("learning_rate", "clip"))


@final
class A2C(ActorCritic):
    """Advantage actor-critic: one small step after every few steps of all environments.

    Goes up the gradient of log P(a) A + w H(P) and down that of (V - A - V_old)^2, once for each rollout.

    The synchronous form of A3C: all environments wait for each other, so that runs repeat exactly.

    Source: Mnih et al. 2016, "Asynchronous methods for deep reinforcement learning".

    Args:
        spaces: of one agent, choices or numbers.
        config: how it learns.
        seed: of what is drawn.
    """

    Config: ClassVar[type] = A2CConfig
    config: A2CConfig

    def make_optimizer(self, weights: Tensor) -> torch.optim.Optimizer:
        """Return RMSprop."""
        return torch.optim.RMSprop([weights], lr=self.config.learning_rate, alpha=0.99, eps=1e-5)
