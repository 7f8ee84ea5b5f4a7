"""Deep deterministic policy gradient: follow what the critic says of the action up to better actions."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor

from neurobridge.ann.reinforcement.action_bounds import half_range
from neurobridge.ann.reinforcement.agent import Losses, Stateful
from neurobridge.ann.reinforcement.flat import FlatWeights
from neurobridge.ann.reinforcement.limits import check
from neurobridge.ann.reinforcement.off_policy import OffPolicy
from neurobridge.ann.reinforcement.replay import Batch
from neurobridge.tasks.environments import Spaces


@final
@dataclass(frozen=True, kw_only=True)
class DDPGConfig:
    """Options of `DDPG`; the defaults are those of Fujimoto et al. 2018, who tuned it anew, unless they name theirs."""

    widths: tuple[int, ...] = (400, 300)
    """Units of each hidden layer, of the policy and of the critic alike (Lillicrap et al. 2016)."""
    learning_rate: float = 1e-3
    """Of Adam, for policy and critic."""
    discount: float = 0.99
    """What a reward is worth one step later (Lillicrap et al. 2016)."""
    batch_size: int = 100
    """Rows in an update."""
    capacity: int = 1_000_000
    """Rows of the replay memory (Lillicrap et al. 2016)."""
    warm_up: int = 1_000
    """Environment steps with even actions, before the first update."""
    update_every: int = 1
    """Environment steps between updates."""
    target_share: float = 0.005
    """How far the targets move at each update."""
    noise: float = 0.1
    """Deviation of the normal noise on actions, as a share of half their range."""

    def __post_init__(self) -> None:
        check(
            "DDPG", self, counts=("batch_size", "capacity", "warm_up", "update_every"),
            shares=("discount", "target_share", "noise"), positive=("learning_rate",),
        )  # fmt: skip


@final
class DDPG(OffPolicy):
    """Deep deterministic policy gradient: follow the critic up to better actions.

    The policy m goes up the gradient of Q(s, m(s)); the critic learns r + d Q'(s', m'(s')), m' and Q' slow copies.

    Source: Lillicrap et al. 2016, "Continuous control with deep reinforcement learning", with normal noise as in
    Fujimoto et al. 2018.

    Args:
        spaces: with observations that are vectors and actions that are numbers.
        config: how it learns.
        seed: of exploration and replay.
    """

    Config: ClassVar[type] = DDPGConfig
    config: DDPGConfig

    def __init__(self, spaces: Spaces, config: DDPGConfig, seed: int) -> None:
        super().__init__(spaces, config, seed, critics=1)
        self.slow_policy = copy.deepcopy(self.policy).requires_grad_(False)
        self.actor_weights, self.slow_actor_weights = FlatWeights(self.policy), FlatWeights(self.slow_policy)
        self.actor_optimizer = torch.optim.Adam([self.actor_weights.values], lr=config.learning_rate, fused=True)
        self.optimizer = torch.optim.Adam([self.weights.values], lr=config.learning_rate, fused=True)

    def explore(self, observations: Tensor) -> Tensor:
        """Return the policy's actions with noise."""
        best = self.policy(observations)
        return best + self.config.noise * half_range(self.spaces) * torch.randn(best.shape, generator=self.generator)

    def update(self, batch: Batch) -> Losses:
        """Change critic and policy once, and let the targets follow."""
        with torch.no_grad():
            after = self.slow_critics(batch.successors, self.slow_policy(batch.successors))[0]
        value = self.learn_values(batch, after, self.optimizer)
        policy = -self.critics(batch.observations, self.policy(batch.observations)).mean()
        self.actor_weights.clear()
        policy.backward(inputs=list(self.policy.parameters()))
        self.actor_optimizer.step()
        self.slow_weights.follow(self.weights, self.config.target_share)
        self.slow_actor_weights.follow(self.actor_weights, self.config.target_share)
        self.updates += 1
        return {"value": value, "policy": float(policy.detach())}

    def parts(self) -> Mapping[str, Stateful]:
        """Return the networks, the optimizers and the memory."""
        return {
            **super().parts(),
            "slow policy": self.slow_policy,
            "actor optimizer": self.actor_optimizer,
            "optimizer": self.optimizer,
        }
