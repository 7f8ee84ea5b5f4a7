"""Deep recurrent Q-networks: for environments that show too little at a time."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
import torch
import torch.nn.functional as F
from numpy import ndarray
from torch import Tensor

from neurobridge.ann.reinforcement import limits
from neurobridge.ann.reinforcement.agent import Agent, Losses, Stateful
from neurobridge.ann.reinforcement.cadence import due, falling, left
from neurobridge.ann.reinforcement.flat import FlatWeights
from neurobridge.ann.reinforcement.recurrent_value import RecurrentValues
from neurobridge.ann.reinforcement.remembered import Remembered
from neurobridge.ann.reinforcement.sequences import Pieces, SequenceReplay
from neurobridge.tasks.environments import Spaces, Transition


@final
@dataclass(frozen=True, kw_only=True)
class DRQNConfig:
    """Options of `DRQN`."""

    width: int = 64
    """Units of the layer before the memory, and numbers remembered."""
    length: int = 16
    """Steps of the pieces of episodes that it learns from."""
    steps: int = 1
    """Rewards in a row before the successor's value, fewer where a piece ends; 5 in Kapturowski et al. 2019."""
    scale: tuple[float, ...] = ()
    """What the numbers of an observation are multiplied by; empty for none. Speeds are small differences of positions,
    which are found sooner if they are large."""
    reward_scale: float = 1.0
    """What every reward is multiplied by."""
    first_value: float = 0.0
    """What every action is worth before anything is learnt, in scaled rewards; see `DQNConfig`."""
    learning_rate: float = 1e-3
    """Of Adam."""
    falling_steps: int = 0
    """Environment steps in which the learning rate falls linearly to 0; 0 keeps it."""
    discount: float = 0.99
    """What a reward is worth one step later (Hausknecht & Stone 2015)."""
    batch_size: int = 32
    """Pieces in an update (Hausknecht & Stone 2015)."""
    capacity: int = 4_000
    """Pieces of the replay memory."""
    warm_up: int = 1_000
    """Environment steps before the first update."""
    update_every: int = 4
    """Environment steps between updates (Mnih et al. 2015)."""
    target_share: float = 0.01
    """How far the target moves towards the network at each update (Lillicrap et al. 2016)."""
    exploration: float = 1.0
    """Share of random actions at first."""
    least_exploration: float = 0.05
    """The same at the end of `exploration_steps` and after."""
    exploration_steps: int = 10_000
    """Environment steps in which it falls linearly."""
    clip: float = 10.0
    """Largest norm of the gradient (Hausknecht & Stone 2015)."""

    def __post_init__(self) -> None:
        counts = ("width", "length", "steps", "batch_size", "capacity", "warm_up", "update_every")
        shares = ("discount", "exploration", "least_exploration", "target_share")
        limits.check("DRQN", self, counts=counts, shares=shares)


@final
class DRQN(Agent):
    """Double Q-learning of a network that remembers, on pieces of episodes.

    Minimises Huber(y_t - Q(s_t, h_t, a_t)) over the steps of a piece, y_t = r_t + d Q'(s_t+1, h'_t+1, b) with
    b = argmax Q(s_t+1, h_t+1, b); h runs through the piece from the memory that was stored with its first step.
    Each s holds the action that was done before it: what it has done to speeds is not seen until the next step, which
    is too late to balance a pole, and random actions would teach wrong values.

    Source: Hausknecht & Stone 2015, with gated recurrent units for their LSTM, the double estimate of van Hasselt et
    al. 2016 and the actions of Zhu et al. 2017.

    Args:
        spaces: with a choice of actions and observations that are vectors.
        config: how it learns.
        seed: of exploration and replay.
    """

    Config = DRQNConfig
    serves: ClassVar[frozenset[str]] = frozenset({"choice"})
    config: DRQNConfig

    def __init__(self, spaces: Spaces, config: DRQNConfig, seed: int) -> None:
        super().__init__(spaces, config, seed)
        self.memory, self.told = config.width, True
        self.network = RecurrentValues(
            spaces.observation_shape, spaces.actions, config.width, told=spaces.actions, scale=config.scale
        )
        with torch.no_grad():
            self.network.values.bias.add_(config.first_value)
        self.policy = self.network
        self.target = copy.deepcopy(self.network).requires_grad_(False)
        self.weights, self.slow_weights = FlatWeights(self.network), FlatWeights(self.target)
        self.optimizer = torch.optim.Adam([self.weights.values], lr=config.learning_rate, fused=True)
        self.replay = SequenceReplay(
            spaces, config.capacity, config.length, spaces.actions + config.width, config.discount
        )
        self.present = Remembered(spaces.actions + config.width)

    def act(self, observations: ndarray) -> ndarray:
        """Return the most valuable actions, or random ones with the present share of exploration; remember."""
        memory = self.present.begin(len(observations))
        with torch.no_grad():
            outputs = self.policy(torch.from_numpy(np.concatenate([observations, memory], axis=1))).numpy()
        actions = self.random.integers(self.spaces.actions, size=len(observations))
        greedy = self.random.random(len(observations)) >= self.exploration
        actions = np.where(greedy, outputs[:, : self.spaces.actions].argmax(-1), actions)
        self.present.after = np.concatenate([self.spaces.shown(actions), outputs[:, self.spaces.actions :]], axis=1)
        return actions

    @property
    def exploration(self) -> float:
        """The present share of random actions."""
        config = self.config
        return falling(config.exploration, config.least_exploration, config.exploration_steps, self.steps)

    def observe(self, transition: Transition) -> Losses | None:
        """Keep the step with the memory before it; update when it is time."""
        self.replay.add(transition, self.present.memory)
        self.present.go_on(transition.ended)
        if not due(self.steps, len(transition.rewards), self.config.update_every, self.config.warm_up):
            return None
        return {"value": self.update(self.replay.sample(self.config.batch_size, self.random))}

    def update(self, pieces: Pieces) -> float:
        """Change the weights once by some pieces and return the loss."""
        values = self.values(self.network, pieces)
        with torch.no_grad():
            slow = self.values(self.target, pieces)
            best = values.detach()[:, 1:].argmax(-1, keepdim=True)
            targets = self.targets(pieces, slow[:, 1:].gather(2, best)[..., 0])
        chosen = values[:, :-1].gather(2, pieces.actions[..., None])[..., 0]
        losses = F.smooth_l1_loss(chosen, targets, reduction="none")
        loss = (losses * pieces.counted).sum() / pieces.counted.sum()
        self.weights.clear()
        loss.backward()
        self.optimizer.param_groups[0]["lr"] = self.config.learning_rate * left(self.config.falling_steps, self.steps)
        self.weights.clip(self.config.clip)
        self.optimizer.step()
        self.slow_weights.follow(self.weights, self.config.target_share)
        self.updates += 1
        return float(loss.detach())

    def targets(self, pieces: Pieces, after: Tensor) -> Tensor:
        """Return what the values of done actions should be, `(piece, step)`: of several rewards, within a piece.

        Args:
            pieces: of episodes.
            after: `(piece, step)` what each step's successor is worth.
        """
        rewards = self.config.reward_scale * pieces.rewards
        targets = single = rewards + pieces.discounts * after
        goes_on = F.pad(pieces.counted[:, 1:], (0, 1)) > 0
        for _ in range(self.config.steps - 1):
            later = rewards + pieces.discounts * F.pad(targets[:, 1:], (0, 1))
            targets = torch.where(goes_on, later, single)
        return targets

    def values(self, network: RecurrentValues, pieces: Pieces) -> Tensor:
        """Return the action values of every step of some pieces, `(piece, step + 1, action)`.

        Each observation has the action behind it that was done before; a piece's memory begins with the first.
        """
        size = self.spaces.actions
        done = F.one_hot(pieces.actions, size).to(pieces.observations.dtype)
        told = torch.cat([pieces.memory[:, None, :size], done], dim=1)
        return network.sequence(torch.cat([pieces.observations, told], dim=-1), pieces.memory[:, size:])

    def parts(self) -> Mapping[str, Stateful]:
        """Return the networks, the optimizer and the memories."""
        return {
            "network": self.network,
            "target": self.target,
            "optimizer": self.optimizer,
            "replay": self.replay,
            "present": self.present,
        }
