"""Soft actor-critic: get much reward and stay as random as that allows."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log, pi
from typing import ClassVar, final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from neurobridge.ann.reinforcement.agent import Losses, Stateful
from neurobridge.ann.reinforcement.flat import FlatWeights
from neurobridge.ann.reinforcement.limits import check
from neurobridge.ann.reinforcement.off_policy import OffPolicy
from neurobridge.ann.reinforcement.replay import Batch
from neurobridge.tasks.environments import Spaces

SPREADS = (-20.0, 2.0)
"""Bounds of the logarithm of a spread (Haarnoja et al. 2018a, the authors' code)."""


@final
@dataclass(frozen=True, kw_only=True)
class SACConfig:
    """Options of `SAC`; the defaults are those of Haarnoja et al. 2018b, table 1, unless they name theirs."""

    widths: tuple[int, ...] = (256, 256)
    """Units of each hidden layer, of the policy and of the critics alike."""
    learning_rate: float = 3e-4
    """Of Adam, for everything."""
    discount: float = 0.99
    """What a reward is worth one step later."""
    batch_size: int = 256
    """Rows in an update."""
    capacity: int = 1_000_000
    """Rows of the replay memory."""
    warm_up: int = 1_000
    """Environment steps with even actions, before the first update (the authors' code)."""
    update_every: int = 1
    """Environment steps between updates."""
    target_share: float = 0.005
    """How far the slow critics move towards the critics at each update."""
    temperature: float = 1.0
    """What entropy counts beside reward, at first; it is learnt so that the entropy is minus the number of actions."""

    def __post_init__(self) -> None:
        check(
            "SAC", self, counts=("batch_size", "capacity", "warm_up", "update_every"),
            shares=("discount", "target_share"), positive=("learning_rate", "temperature"),
        )  # fmt: skip


@final
class SAC(OffPolicy):
    """Soft actor-critic: get much reward and stay as random as that allows.

    Draws u = tanh(m(s) + v(s) n), n normal, and maximises the mean of min_k Q_k(s, u) - t log p(u).

    Two critics learn r + d (min_k Q'_k(s', u') - t log p(u')) with u' drawn in s'; t falls while the entropy is above
    minus the number of actions. What is judged and converted is tanh(m(s)) in the environment's own numbers; densities
    are those in [-1, 1].

    Source: Haarnoja et al. 2018b, "Soft actor-critic algorithms and applications".

    Args:
        spaces: with observations that are vectors and actions that are numbers.
        config: how it learns.
        seed: of exploration and replay.
    """

    Config: ClassVar[type] = SACConfig
    config: SACConfig

    def __init__(self, spaces: Spaces, config: SACConfig, seed: int) -> None:
        super().__init__(spaces, config, seed, critics=2)
        self.body, self.mean, self.scale = self.policy[0], self.policy[1], self.policy[3]
        self.spread = nn.Linear(config.widths[-1], len(spaces.low))
        self.actor = nn.ModuleList([self.policy, self.spread])
        self.actor_weights = FlatWeights(self.actor)
        self.log_temperature = torch.tensor(log(config.temperature), requires_grad=True)
        parts = (self.actor_weights.values, self.weights.values, self.log_temperature)
        optimizers = [torch.optim.Adam([part], lr=config.learning_rate, fused=True) for part in parts]
        self.actor_optimizer, self.optimizer, self.temperature_optimizer = optimizers

    def draw(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        """Return actions in the environment's own numbers and their log densities in [-1, 1], with gradients."""
        features = self.body(observations)
        means, spreads = self.mean(features), self.spread(features).clamp(*SPREADS)
        before = means + spreads.exp() * torch.randn(means.shape, generator=self.generator)
        return self.scale(torch.tanh(before)), squashed_log_density(before, means, spreads)

    def explore(self, observations: Tensor) -> Tensor:
        """Return what is drawn."""
        return self.draw(observations)[0]

    def update(self, batch: Batch) -> Losses:
        """Change critics, policy and temperature once, and let the slow critics follow."""
        temperature = self.log_temperature.detach().exp()
        with torch.no_grad():
            actions, logs = self.draw(batch.successors)
            after = self.slow_critics(batch.successors, actions).amin(0) - temperature * logs
        value = self.learn_values(batch, after, self.optimizer)
        actions, logs = self.draw(batch.observations)
        policy = (temperature * logs - self.critics(batch.observations, actions).amin(0)).mean()
        self.actor_weights.clear()
        policy.backward(inputs=list(self.actor.parameters()))
        self.actor_optimizer.step()
        entropy = -float(logs.detach().mean())
        self._keep_entropy(entropy)
        self.slow_weights.follow(self.weights, self.config.target_share)
        self.updates += 1
        return {"value": value, "policy": float(policy.detach()), "entropy": entropy, "temperature": float(temperature)}

    def parts(self) -> Mapping[str, Stateful]:
        """Return the networks, the optimizers, the temperature and the memory."""
        return {
            **super().parts(),
            "spread": self.spread,
            "temperature": Number(self.log_temperature),
            "actor optimizer": self.actor_optimizer,
            "optimizer": self.optimizer,
            "temperature optimizer": self.temperature_optimizer,
        }

    def _keep_entropy(self, entropy: float) -> None:
        """Change the temperature once, down if the policy is more random than asked."""
        self.log_temperature.grad = torch.tensor(entropy + len(self.spaces.low))
        self.temperature_optimizer.step()


@final
class Number:
    """One tensor as a part that is stored.

    Args:
        tensor: it stays the same object.
    """

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor

    def state_dict(self) -> dict[str, Tensor]:
        """Return its value."""
        return {"value": self.tensor.detach()}

    @torch.no_grad()
    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Take over a value."""
        self.tensor.copy_(state["value"])


def squashed_log_density(before: Tensor, means: Tensor, log_spreads: Tensor) -> Tensor:
    """Return log p of tanh(x), `(row,)`, for independent normal x `(row, action)`.

    log p = sum log N(x) - log(1 - tanh(x)^2), where the last is 2 (log 2 - x - softplus(-2 x)), exact also where tanh
    rounds to 1 (Haarnoja et al. 2018a, appendix C).
    """
    normal = -(((before - means) / log_spreads.exp()) ** 2) / 2 - log_spreads - log(2 * pi) / 2
    return (normal - 2 * (log(2) - before - F.softplus(-2 * before))).sum(-1)
