"""What agents share that give numbers and learn from a replay memory what each action is worth: DDPG and SAC."""

import copy
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol, final

import torch
from numpy import ndarray
from torch import Tensor, nn

from neurobridge.ann.reinforcement.action_bounds import to_bounds
from neurobridge.ann.reinforcement.agent import Stateful
from neurobridge.ann.reinforcement.critics import Critics
from neurobridge.ann.reinforcement.flat import FlatWeights
from neurobridge.ann.reinforcement.networks import perceptron
from neurobridge.ann.reinforcement.replay import Batch
from neurobridge.ann.reinforcement.replaying import Replaying
from neurobridge.errors import InputError
from neurobridge.tasks.environments import Spaces
from neurobridge.tasks.environments.episodes import at_random


class OffPolicyConfig(Protocol):
    """The options that all of these agents have."""

    @property
    def widths(self) -> tuple[int, ...]:
        """Units of each hidden layer, of the policy and of the critics alike."""

    @property
    def discount(self) -> float:
        """What a reward is worth one step later."""

    @property
    def batch_size(self) -> int:
        """Rows in an update."""

    @property
    def capacity(self) -> int:
        """Rows of the replay memory."""

    @property
    def warm_up(self) -> int:
        """Environment steps with even actions, before the first update."""

    @property
    def update_every(self) -> int:
        """Environment steps between updates."""

    @property
    def target_share(self) -> float:
        """How far the targets move at each update."""


class OffPolicy(Replaying):
    """A policy whose outputs are actions, and critics of it that learn from a replay memory against slow copies.

    Args:
        spaces: with observations that are vectors and actions that are numbers.
        config: has the options of `OffPolicyConfig`.
        seed: of exploration and replay.
        critics: how many.
    """

    serves: ClassVar[frozenset[str]] = frozenset({"numbers"})

    def __init__(self, spaces: Spaces, config: OffPolicyConfig, seed: int, critics: int) -> None:
        super().__init__(spaces, config, seed)
        if len(spaces.observation_shape) != 1:
            raise InputError(
                f"{type(self).__name__}: observations of shape {spaces.observation_shape}; it takes vectors."
            )
        self.policy = bounded(spaces, config.widths)
        self.critics = Critics(spaces, config.widths, critics)
        self.slow_critics = copy.deepcopy(self.critics).requires_grad_(False)
        self.weights, self.slow_weights = FlatWeights(self.critics), FlatWeights(self.slow_critics)
        self.wild = at_random(spaces, self.random)

    @abstractmethod
    def explore(self, observations: Tensor) -> Tensor:
        """Return actions with the noise that learning needs, `(copy, action)`."""

    @final
    def act(self, observations: ndarray) -> ndarray:
        """Return even actions before the warm-up is over, then those of `explore`."""
        if self.steps < self.config.warm_up:
            return self.wild(observations)
        with torch.no_grad():
            return self.spaces.greedy(self.explore(torch.from_numpy(observations)).numpy())

    @final
    def learn_values(self, batch: Batch, after: Tensor, optimizer: torch.optim.Optimizer) -> float:
        """Bring every critic closer to r + d after, and return the mean of their squared errors.

        Args:
            batch: what the critics learn from.
            after: `(row,)` what the successors are worth.
            optimizer: of the critics.
        """
        values = self.critics(batch.observations, batch.actions)
        errors = (values - (batch.rewards + batch.discounts * after)).square().mean(-1)
        self.weights.clear()
        errors.sum().backward()
        optimizer.step()
        return float(errors.detach().mean())

    def parts(self) -> Mapping[str, Stateful]:
        """Return the networks and the memory."""
        return {
            "policy": self.policy,
            "critics": self.critics,
            "slow critics": self.slow_critics,
            "replay": self.replay,
        }


def bounded(spaces: Spaces, widths: Sequence[int]) -> nn.Sequential:
    """Return hidden layers, the last layer, tanh, and what takes its numbers to the environment's bounds."""
    body = nn.Sequential(perceptron((spaces.observation_shape[0], *widths)), nn.ReLU())
    return nn.Sequential(body, nn.Linear(widths[-1], len(spaces.low)), nn.Tanh(), to_bounds(spaces))
