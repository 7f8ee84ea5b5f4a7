"""Multi-agent DDPG: each acts by what it sees itself, and is taught by a critic that sees everyone."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import ClassVar, final

import torch
import torch.nn.functional as F
from numpy import ndarray
from torch import Tensor, nn

from neurobridge.ann.reinforcement.agent import Losses, Stateful
from neurobridge.ann.reinforcement.ensemble import Ensemble
from neurobridge.ann.reinforcement.flat import FlatWeights
from neurobridge.ann.reinforcement.limits import check
from neurobridge.ann.reinforcement.replay import Batch
from neurobridge.ann.reinforcement.replaying import Replaying
from neurobridge.errors import InputError
from neurobridge.tasks.environments import Spaces


@final
@dataclass(frozen=True, kw_only=True)
class MADDPGConfig:
    """Options of `MADDPG`; the defaults are those of Lowe et al. 2017 unless they name theirs."""

    widths: tuple[int, ...] = (64, 64)
    """Units of each hidden layer, of policies and critics alike."""
    central: bool = True
    """Critics see what everyone sees and does; if not, each sees its own agent only, which is independent DDPG."""
    learning_rate: float = 1e-2
    """Of Adam, for policies and critics."""
    discount: float = 0.95
    """What a reward is worth one step later."""
    batch_size: int = 1024
    """Rows in an update."""
    capacity: int = 1_000_000
    """Rows of the replay memory."""
    warm_up: int = 25_600
    """Environment steps before the first update (the authors' code: 1,024 episodes of 25 steps)."""
    update_every: int = 100
    """Environment steps between updates."""
    target_share: float = 0.01
    """How far the targets move at each update."""
    logit_weight: float = 1e-3
    """What the mean square of logits counts in a policy's loss (the authors' code)."""
    clip: float = 0.5
    """Largest norm of the gradient (the authors' code)."""

    def __post_init__(self) -> None:
        check(
            "MADDPG", self, counts=("batch_size", "capacity", "warm_up", "update_every"),
            shares=("discount", "target_share"), positive=("learning_rate", "clip"),
        )  # fmt: skip


@final
class MADDPG(Replaying):
    """Multi-agent DDPG: each acts by what it sees itself, taught by a critic that sees everyone.

    Agent i's policy goes up Q_i(everything seen, everyone's actions) by its own action, the others' as they were.

    Q_i learns r_i + d Q'_i(everything seen next, everyone's next actions by slow policies). Choices are drawn with
    Gumbel noise; a policy learns through the softmax of its noisy logits (Jang et al. 2017).

    Source: Lowe et al. 2017, "Multi-agent actor-critic for mixed cooperative-competitive environments".

    Args:
        spaces: with a choice of actions for several agents.
        config: how they learn.
        seed: of exploration and replay.
    """

    Config: ClassVar[type] = MADDPGConfig
    serves: ClassVar[frozenset[str]] = frozenset({"choice of several"})
    config: MADDPGConfig

    def __init__(self, spaces: Spaces, config: MADDPGConfig, seed: int) -> None:
        super().__init__(spaces, config, seed)
        if len(spaces.observation_shape) != 1:
            raise InputError(f"MADDPG: agents see shape {spaces.observation_shape}; it takes vectors.")
        seen = spaces.observation_shape[0]
        taught = prod(spaces.batch_shape) + spaces.agents * spaces.actions if config.central else seen + spaces.actions
        self.policy = Ensemble(spaces.agents, (seen, *config.widths, spaces.actions))
        self.critics = Ensemble(spaces.agents, (taught, *config.widths, 1))
        self.slow_policy, self.slow_critics = (
            copy.deepcopy(part).requires_grad_(False) for part in (self.policy, self.critics)
        )
        self.flat = [FlatWeights(part) for part in (self.policy, self.critics)]
        self.slow = [FlatWeights(part) for part in (self.slow_policy, self.slow_critics)]
        self.optimizers = [torch.optim.Adam([own.values], lr=config.learning_rate, fused=True) for own in self.flat]

    def act(self, observations: ndarray) -> ndarray:
        """Return choices drawn from every agent's policy."""
        with torch.no_grad():
            return self.noisy(self.policy(torch.from_numpy(observations))).argmax(-1).numpy()

    def noisy(self, logits: Tensor) -> Tensor:
        """Return logits with Gumbel noise, whose largest is drawn with the chance that the logits give it."""
        return logits - torch.empty_like(logits).exponential_(generator=self.generator).log()

    def update(self, batch: Batch) -> Losses:
        """Change all critics and policies once, and let the targets follow."""
        done = F.one_hot(batch.actions, self.spaces.actions).float()
        with torch.no_grad():
            next_done = F.one_hot(self.noisy(self.slow_policy(batch.successors)).argmax(-1), self.spaces.actions)
            after = self.values(self.slow_critics, batch.successors, next_done.float())
            goals = batch.rewards + batch.discounts[:, None] * after
        value = (self.values(self.critics, batch.observations, done) - goals).square().mean(0)
        self._descend(1, value.sum())
        logits = self.policy(batch.observations)
        own = self.values(self.critics, batch.observations, done, self.noisy(logits).softmax(-1))
        policy = -own.mean(0) + self.config.logit_weight * logits.square().mean((0, 2))
        self._descend(0, policy.sum())
        for slow, fast in zip(self.slow, self.flat, strict=True):
            slow.follow(fast, self.config.target_share)
        self.updates += 1
        return {"value": float(value.detach().mean()), "policy": float(policy.detach().mean())}

    def values(self, critics: nn.Module, seen: Tensor, done: Tensor, own: Tensor | None = None) -> Tensor:
        """Return what each agent's critic says, `(row, agent)`.

        Args:
            critics: one an agent.
            seen: `(row, agent, feature)`.
            done: `(row, agent, action)`, 1 at the choice.
            own: what stands for an agent's own choice before its critic, in place of `done`.
        """
        if not self.config.central:
            return critics(torch.cat([seen, done if own is None else own], dim=-1))[..., 0]
        agents = self.spaces.agents
        everyone = done[:, None].expand(-1, agents, -1, -1)
        if own is not None:
            me = torch.eye(agents)[None, :, :, None]
            everyone = everyone * (1 - me) + own[:, None] * me
        together = torch.cat([seen.flatten(1)[:, None].expand(-1, agents, -1), everyone.flatten(2)], dim=-1)
        return critics(together)[..., 0]

    def parts(self) -> Mapping[str, Stateful]:
        """Return the networks, the optimizers and the memory."""
        return {
            "policy": self.policy,
            "critics": self.critics,
            "slow policy": self.slow_policy,
            "slow critics": self.slow_critics,
            "policy optimizer": self.optimizers[0],
            "critic optimizer": self.optimizers[1],
            "replay": self.replay,
        }

    def _descend(self, place: int, loss: Tensor) -> None:
        own = self.flat[place]
        own.clear()
        loss.backward(inputs=list((self.policy, self.critics)[place].parameters()))
        own.clip(self.config.clip)
        self.optimizers[place].step()
