"""What agents share that draw their actions from a policy and learn from what they have just done: PPO, A2C, A3C."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
import torch
import torch.nn.functional as F
from numpy import ndarray
from torch import Tensor, nn

from neurobridge.ann.reinforcement.action_bounds import to_bounds
from neurobridge.ann.reinforcement.agent import Agent, Losses, Stateful
from neurobridge.ann.reinforcement.distributions import distribution
from neurobridge.ann.reinforcement.flat import FlatWeights
from neurobridge.ann.reinforcement.networks import eye, orthogonal, perceptron
from neurobridge.ann.reinforcement.recurrent_value import RecurrentValues
from neurobridge.ann.reinforcement.remembered import Remembered
from neurobridge.ann.reinforcement.rollout import Rollout, Steps, advantages
from neurobridge.tasks.environments import Spaces, Transition


class ActorCriticConfig(Protocol):
    """The options that all of these agents have."""

    @property
    def widths(self) -> tuple[int, ...]:
        """Units of each hidden layer, of the policy and of the critic alike."""

    @property
    def activation(self) -> str:
        """Between layers."""

    @property
    def discount(self) -> float:
        """What a reward is worth one step later."""

    @property
    def trace(self) -> float:
        """How far advantages look beyond the next value."""

    @property
    def value_weight(self) -> float:
        """What the critic's squared error counts."""

    @property
    def entropy_weight(self) -> float:
        """What the policy's entropy counts."""

    @property
    def clip(self) -> float:
        """Largest norm of the gradient."""


class Judged(NamedTuple):
    """Steps with what they were worth; the first axis is the row.

    Args:
        observations: `(row, *observation)`.
        tried: `(row, ...)`.
        log_densities: `(row,)` of what was tried, when it was tried.
        advantages: `(row,)`.
        goals: `(row,)` what the critic should have said.
    """

    observations: Tensor
    tried: Tensor
    log_densities: Tensor
    advantages: Tensor
    goals: Tensor


class ActorCritic(Agent):
    """A policy whose outputs are chances of actions, and a critic that says what a state is worth.

    Both learn from the last steps of every environment, which are then forgotten.

    Args:
        spaces: of one agent, choices or numbers.
        config: has the options of `ActorCriticConfig`, and `length`, how many steps are learnt from at once.
        seed: of what is drawn.
        memory: numbers that the policy carries from step to step; 0 for none. The critic sees them beside observations.
    """

    serves: ClassVar[frozenset[str]] = frozenset({"choice", "numbers"})

    def __init__(self, spaces: Spaces, config: ActorCriticConfig, seed: int, memory: int = 0) -> None:
        super().__init__(spaces, config, seed)
        shape, self.memory, self.present = spaces.observation_shape, memory, Remembered(memory)
        if memory:
            self.policy = orthogonal(RecurrentValues(shape, spaces.output_size, memory), 2**0.5, 0.01)
            shape = (shape[0] + memory,)
        else:
            self.policy = policy_network(spaces, config.widths, config.activation)
        self.critic = critic_network(shape, config.widths, config.activation)
        self.distribution = distribution(spaces)
        self.all = nn.ModuleList([self.policy, self.critic, self.distribution])
        self.weights = FlatWeights(self.all)
        self.optimizer = self.make_optimizer(self.weights.values)
        self.collected = Steps()

    @abstractmethod
    def make_optimizer(self, weights: Tensor) -> torch.optim.Optimizer:
        """Return what changes the weights, all in one piece."""

    def learn(self, rollout: Rollout) -> Losses:
        """Change the weights by what was just done, and return the losses; once, by the plain policy gradient."""
        return self.follow_gradient(self.judge(rollout))

    def act(self, observations: ndarray) -> ndarray:
        """Return actions drawn from the policy."""
        size = self.spaces.output_size
        if self.memory:
            observations = np.concatenate([observations, self.present.begin(len(observations))], axis=1)
        with torch.no_grad():
            outputs = self.policy(torch.from_numpy(observations))
            self.tried = self.distribution.draw(outputs[:, :size], self.generator)
        self.present.after = outputs[:, size:].numpy()
        return self.distribution.actions(self.tried)

    def observe(self, transition: Transition) -> Losses | None:
        """Keep the step, with what was remembered before and after it; learn when there are enough."""
        if self.memory:
            present = self.present
            transition = transition._replace(
                observations=np.concatenate([transition.observations, present.memory], axis=1),
                successors=np.concatenate([transition.successors, present.after], axis=1),
            )
            present.go_on(transition.ended)
        self.collected.add(transition, self.tried)
        return self.learn(self.collected.take()) if len(self.collected) == self.config.length else None

    def parts(self) -> Mapping[str, Stateful]:
        """Return the networks, the optimizer, the steps that wait and the memory."""
        return {
            "all": self.all,
            "optimizer": self.optimizer,
            "collected": self.collected,
            "present": self.present,
        }

    @torch.no_grad()
    def judge(self, rollout: Rollout) -> Judged:
        """Return the steps of a rollout as rows, judged by the networks that acted."""
        seen, tried = rollout.observations.flatten(0, 1), rollout.tried.flatten(0, 1)
        values, after = self.critic(seen), self.critic(rollout.successors.flatten(0, 1))
        shape = rollout.rewards.shape
        better = advantages(rollout, values.view(shape), after.view(shape), self.config.discount, self.config.trace)
        outputs = self.policy(seen)[:, : self.spaces.output_size]
        log_densities = self.distribution.log_density(outputs, tried)
        return Judged(seen, tried, log_densities, better.flatten(), better.flatten() + values)

    def follow_gradient(self, rows: Judged) -> Losses:
        """Change all weights once by log P(a) A, the plain policy gradient, and return the losses."""
        outputs = self.policy(rows.observations)
        policy = -(self.distribution.log_density(outputs, rows.tried) * rows.advantages).mean()
        return self.descend(policy, outputs, rows)

    def descend(self, policy: Tensor, outputs: Tensor, rows: Judged) -> Losses:
        """Change all weights once and return the losses.

        Args:
            policy: the loss of the policy.
            outputs: of the policy, whose entropy counts.
            rows: what the critic learns from.
        """
        losses = {
            "policy": policy,
            "value": F.mse_loss(self.critic(rows.observations), rows.goals),
            "entropy": self.distribution.entropy(outputs).mean(),
        }
        weights = {"policy": 1.0, "value": self.config.value_weight, "entropy": -self.config.entropy_weight}
        self.weights.clear()
        sum((weights[name] * losses[name] for name in losses), torch.zeros(())).backward()
        self.weights.clip(self.config.clip)
        self.optimizer.step()
        self.updates += 1
        return {name: float(loss.detach()) for name, loss in losses.items()}


def policy_network(spaces: Spaces, widths: Sequence[int], activation: str) -> nn.Sequential:
    """Return observations `(row, *observation)` -> logits, or means in the environment's own numbers.

    Weights are orthogonal, the last ones small, so that all actions are alike at first (Engstrom et al. 2020).
    """
    front, size = eye(spaces.observation_shape)
    network = nn.Sequential(front, perceptron((size, *widths, spaces.output_size), activation))
    orthogonal(network, 2**0.5, 0.01)
    return network if spaces.actions else network.append(to_bounds(spaces))


def critic_network(shape: tuple[int, ...], widths: Sequence[int], activation: str) -> nn.Module:
    """Return observations `(row, *shape)` -> what they are worth, `(row,)`."""
    front, size = eye(shape)
    return orthogonal(nn.Sequential(front, perceptron((size, *widths, 1), activation), nn.Flatten(0)), 2**0.5, 1.0)


def mean_losses(rows: Sequence[Mapping[str, Any]]) -> Losses:
    """Return the mean of each loss over updates."""
    return {name: sum(float(row[name]) for row in rows) / len(rows) for name in rows[0]}


def standard(values: Tensor) -> Tensor:
    """Return values with mean 0 and deviation 1; a single one as it is."""
    return (values - values.mean()) / (values.std() + 1e-8) if len(values) > 1 else values
