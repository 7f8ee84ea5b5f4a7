"""Agents that learn together what they are worth together, and act each by a value of its own: QMIX and VDN."""

import copy
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import ClassVar, final

import torch
import torch.nn.functional as F
from numpy import ndarray
from torch import Tensor, nn

from neurobridge.ann.reinforcement import limits
from neurobridge.ann.reinforcement.agent import Losses, Stateful
from neurobridge.ann.reinforcement.cadence import falling
from neurobridge.ann.reinforcement.flat import FlatWeights
from neurobridge.ann.reinforcement.mixing import Monotonic, Sum
from neurobridge.ann.reinforcement.networks import perceptron
from neurobridge.ann.reinforcement.replay import Batch
from neurobridge.ann.reinforcement.replaying import Replaying
from neurobridge.errors import InputError
from neurobridge.tasks.environments import Spaces


@final
@dataclass(frozen=True, kw_only=True)
class MixingConfig:
    """Options of `QMIX` and `VDN`."""

    widths: tuple[int, ...] = (64,)
    """Units of each hidden layer of the agents' one network (Rashid et al. 2018)."""
    mixing: int = 8
    """Units of the mixing network of QMIX (Rashid et al. 2018, two-step game)."""
    learning_rate: float = 1e-3
    """Of Adam."""
    discount: float = 0.99
    """What a reward is worth one step later (Rashid et al. 2018)."""
    batch_size: int = 64
    """Rows in an update."""
    capacity: int = 5_000
    """Rows of the replay memory."""
    warm_up: int = 500
    """Environment steps before the first update."""
    update_every: int = 1
    """Environment steps between updates."""
    target_share: float = 0.01
    """How far the target moves towards the network at each update (Lillicrap et al. 2016)."""
    exploration: float = 1.0
    """Share of random actions at first."""
    least_exploration: float = 1.0
    """The same at the end; 1 as for the two-step game, whose learnt values are those of an even draw."""
    exploration_steps: int = 5_000
    """Environment steps in which it falls linearly."""
    clip: float = 10.0
    """Largest norm of the gradient (Rashid et al. 2018)."""

    def __post_init__(self) -> None:
        counts = ("mixing", "batch_size", "capacity", "warm_up", "update_every")
        shares = ("discount", "exploration", "least_exploration", "target_share")
        limits.check("QMIX", self, counts=counts, shares=shares)


@final
class Together(nn.Module):
    """The agents' one network and the mixer, whose weights are learnt as one.

    Args:
        network: `(batch, agent, observation)` -> `(batch, agent, action)`.
        mixer: values `(batch, agent)` and states to values `(batch,)`.
    """

    def __init__(self, network: nn.Module, mixer: nn.Module) -> None:
        super().__init__()
        self.network, self.mixer = network, mixer

    def forward(self, values: Tensor, observations: Tensor) -> Tensor:
        """Return the joint value `(batch,)` of chosen values `(batch, agent)`; all that is seen is the state."""
        return self.mixer(values, observations.flatten(1))


class Mixing(Replaying):
    """Minimises (y - Q_tot)^2 with y = r + d Q_tot' at every agent's own best action of the target network.

    All agents share one network and the reward, the mean of theirs; an agent tells itself apart by what it sees.
    """

    Config = MixingConfig
    serves: ClassVar[frozenset[str]] = frozenset({"choice of several"})
    config: MixingConfig

    def __init__(self, spaces: Spaces, config: MixingConfig, seed: int) -> None:
        super().__init__(spaces, config, seed)
        if len(spaces.observation_shape) != 1:
            raise InputError(f"QMIX: agents see shape {spaces.observation_shape}; it takes vectors.")
        self.policy = perceptron((spaces.observation_shape[0], *config.widths, spaces.actions))
        self.all = Together(self.policy, self.mixer(prod(spaces.batch_shape)))
        self.target = copy.deepcopy(self.all).requires_grad_(False)
        self.weights, self.slow_weights = FlatWeights(self.all), FlatWeights(self.target)
        self.optimizer = torch.optim.Adam([self.weights.values], lr=config.learning_rate, fused=True)

    @abstractmethod
    def mixer(self, state: int) -> nn.Module:
        """Return what makes one value of all, for states of a length."""

    @final
    def act(self, observations: ndarray) -> ndarray:
        """Return each agent's most valuable action, or a random one with the present share of exploration."""
        shape = (len(observations), self.spaces.agents)
        actions = self.random.integers(self.spaces.actions, size=shape)
        greedy = self.random.random(shape) >= self.exploration
        if greedy.any():
            with torch.no_grad():
                best = self.policy(torch.from_numpy(observations)).argmax(-1).numpy()
            actions[greedy] = best[greedy]
        return actions

    @property
    def exploration(self) -> float:
        """The present share of random actions."""
        config = self.config
        return falling(config.exploration, config.least_exploration, config.exploration_steps, self.steps)

    @final
    def update(self, batch: Batch) -> Losses:
        """Change the weights once by a batch and return the loss."""
        chosen = self.policy(batch.observations).gather(2, batch.actions[..., None])[..., 0]
        loss = F.mse_loss(self.all(chosen, batch.observations), self.targets(batch))
        self.weights.clear()
        loss.backward()
        self.weights.clip(self.config.clip)
        self.optimizer.step()
        self.slow_weights.follow(self.weights, self.config.target_share)
        self.updates += 1
        return {"joint value": float(loss.detach())}

    @final
    @torch.no_grad()
    def targets(self, batch: Batch) -> Tensor:
        """Return what the joint values of a batch should be, `(row,)`."""
        best = self.target.network(batch.successors).amax(-1)
        return batch.rewards.mean(-1) + batch.discounts * self.target(best, batch.successors)

    @final
    def parts(self) -> Mapping[str, Stateful]:
        """Return the networks, the optimizer and the memory."""
        return {"all": self.all, "target": self.target, "optimizer": self.optimizer, "replay": self.replay}


@final
class QMIX(Mixing):
    """Several agents whose joint value rises with each one's own, by a network that the state sets.

    Source: Rashid et al. 2018.

    Args:
        spaces: with a choice of actions for several agents.
        config: how they learn.
        seed: of exploration and replay.
    """

    def mixer(self, state: int) -> nn.Module:
        """Return the monotonic mixing network."""
        return Monotonic(self.spaces.agents, state, self.config.mixing)


@final
class VDN(Mixing):
    """Several agents whose joint value is the sum of their own.

    Source: Sunehag et al. 2018.

    Args:
        spaces: with a choice of actions for several agents.
        config: how they learn.
        seed: of exploration and replay.
    """

    def mixer(self, state: int) -> nn.Module:
        """Return the sum."""
        return Sum()
