"""Proximal policy optimization: several passes over what was just done, none of which moves the policy far."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor

from neurobridge.ann.reinforcement.actor_critic import ActorCritic, Judged, mean_losses, standard
from neurobridge.ann.reinforcement.agent import Losses
from neurobridge.ann.reinforcement.cadence import left
from neurobridge.ann.reinforcement.limits import check
from neurobridge.ann.reinforcement.rollout import Rollout
from neurobridge.tasks.environments import Spaces


@final
@dataclass(frozen=True, kw_only=True)
class PPOConfig:
    """Options of `PPO`; the defaults are those that Huang et al. 2022 found to matter, for classic control."""

    widths: tuple[int, ...] = (64, 64)
    """Units of each hidden layer (Schulman et al. 2017)."""
    activation: str = "tanh"
    """Between layers (Schulman et al. 2017)."""
    memory: int = 0
    """Gated recurrent units of the policy, after one layer as wide, in place of `widths`; 0 for a policy without."""
    length: int = 128
    """Steps of every environment that are learnt from at once (Schulman et al. 2017, Atari)."""
    epochs: int = 4
    """Passes over them (Huang et al. 2022)."""
    batches: int = 4
    """Updates in a pass (Huang et al. 2022); with memory each has whole sequences of some environments."""
    learning_rate: float = 2.5e-4
    """Of Adam, whose epsilon is 1e-5 (Huang et al. 2022)."""
    clip_ratio: float = 0.2
    """How far the chance of an action may move before it gains no more (Schulman et al. 2017)."""
    falling_steps: int = 0
    """Environment steps in which the learning rate falls linearly to 0; 0 keeps it."""
    clip_falls: bool = False
    """Let `clip_ratio` fall with the learning rate."""
    discount: float = 0.99
    """What a reward is worth one step later (Schulman et al. 2017)."""
    trace: float = 0.95
    """How far advantages look beyond the next value (Schulman et al. 2017)."""
    value_weight: float = 0.5
    """What the critic's squared error counts (Huang et al. 2022)."""
    entropy_weight: float = 0.01
    """What the policy's entropy counts (Schulman et al. 2017, Atari)."""
    clip: float = 0.5
    """Largest norm of the gradient (Huang et al. 2022)."""

    def __post_init__(self) -> None:
        check(
            "PPO", self, counts=("length", "epochs", "batches"), shares=("discount", "trace"),
            positive=("learning_rate", "clip_ratio", "clip"),
        )  # fmt: skip


@final
class PPO(ActorCritic):
    """Proximal policy optimization: several passes over what was just done, none of which moves far.

    Maximises the mean of min(q A, clip(q, 1 - c, 1 + c) A), q = P(a) / P_old(a), and the policy's entropy.

    The critic minimises (V - A - V_old)^2. Advantages A are generalized and have mean 0 and deviation 1 in each batch.
    A policy with memory learns through time from what it remembered where the rollout begins; the critic takes the
    memory as it was.

    Source: Schulman et al. 2017, "Proximal policy optimization algorithms".

    Args:
        spaces: of one agent, choices or numbers.
        config: how it learns.
        seed: of what is drawn.
    """

    Config: ClassVar[type] = PPOConfig
    config: PPOConfig

    def __init__(self, spaces: Spaces, config: PPOConfig, seed: int) -> None:
        super().__init__(spaces, config, seed, config.memory)

    def make_optimizer(self, weights: Tensor) -> torch.optim.Optimizer:
        """Return Adam."""
        return torch.optim.Adam([weights], lr=self.config.learning_rate, eps=1e-5, fused=True)

    def learn(self, rollout: Rollout) -> Losses:
        """Make `epochs` passes over a rollout, in a new order each."""
        rows, copies = self.judge(rollout), rollout.rewards.shape[1]
        numbers = torch.arange(len(rows.goals)).view(-1, copies)
        self.optimizer.param_groups[0]["lr"] = self.config.learning_rate * self.left
        losses = []
        for _ in range(self.config.epochs):
            order = torch.randperm(copies if self.memory else len(rows.goals), generator=self.generator)
            for places in order.chunk(self.config.batches):
                own = numbers[:, places].flatten() if self.memory else places
                batch = Judged(*(column[own] for column in rows))
                outputs = self.again(rollout, places) if self.memory else self.policy(batch.observations)
                losses.append(self.update(outputs, batch))
        return mean_losses(losses)

    def again(self, rollout: Rollout, copies: Tensor) -> Tensor:
        """Return the outputs that a policy with memory now gives in some environments, `(step * copy, output)`."""
        seen, size, found = self.spaces.observation_shape[0], self.spaces.output_size, []
        memory = rollout.observations[0, copies, seen:]
        for observations, ended in zip(rollout.observations[:, copies, :seen], rollout.ended[:, copies], strict=True):
            outputs = self.policy(torch.cat([observations, memory], dim=-1))
            found.append(outputs[:, :size])
            memory = outputs[:, size:] * ~ended[:, None]
        return torch.cat(found)

    @property
    def left(self) -> float:
        """What is left of the learning rate."""
        return left(self.config.falling_steps, self.steps)

    def update(self, outputs: Tensor, rows: Judged) -> Losses:
        """Change the weights once by a batch and return the losses.

        Args:
            outputs: `(row, output)` of the present policy, with a gradient.
            rows: the batch.
        """
        ratios = (self.distribution.log_density(outputs, rows.tried) - rows.log_densities).exp()
        clip = self.config.clip_ratio * (self.left if self.config.clip_falls else 1.0)
        return self.descend(-clipped(ratios, standard(rows.advantages), clip).mean(), outputs, rows)


def clipped(ratios: Tensor, advantages: Tensor, clip: float) -> Tensor:
    """Return min(q A, clip(q, 1 - c, 1 + c) A) of each row: no gain from ratios beyond the clip."""
    return torch.minimum(ratios * advantages, ratios.clamp(1 - clip, 1 + clip) * advantages)
