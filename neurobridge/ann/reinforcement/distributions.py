"""How a policy's outputs are the chances of what it tries: choices by their logits, numbers around their means."""

from abc import abstractmethod
from math import log, pi
from typing import final

import torch
from numpy import ndarray
from torch import Tensor, nn

from neurobridge.ann.reinforcement.action_bounds import half_range
from neurobridge.tasks.environments import Spaces


class Distribution(nn.Module):
    """A distribution of actions for each row of outputs; its best action is `Spaces.greedy` of the outputs."""

    @abstractmethod
    def draw(self, outputs: Tensor, generator: torch.Generator) -> Tensor:
        """Return what to try, `(row, ...)`, without a gradient."""

    @abstractmethod
    def log_density(self, outputs: Tensor, drawn: Tensor) -> Tensor:
        """Return the logarithm of the chance, or the density, of what was drawn, `(row,)`."""

    @abstractmethod
    def entropy(self, outputs: Tensor) -> Tensor:
        """Return the entropy, `(row,)`, in nats."""

    @abstractmethod
    def actions(self, drawn: Tensor) -> ndarray:
        """Return what the environment is told."""


@final
class Choice(Distribution):
    """P(a) = exp z_a / sum_b exp z_b, outputs z `(row, action)`."""

    @torch.no_grad()
    def draw(self, outputs: Tensor, generator: torch.Generator) -> Tensor:
        """Return places of actions."""
        return torch.multinomial(outputs.softmax(-1), 1, generator=generator)[:, 0]

    def log_density(self, outputs: Tensor, drawn: Tensor) -> Tensor:
        """Return log P."""
        return outputs.log_softmax(-1).gather(-1, drawn[..., None])[..., 0]

    def entropy(self, outputs: Tensor) -> Tensor:
        """Return - sum_a P(a) log P(a)."""
        logs = outputs.log_softmax(-1)
        return -(logs.exp() * logs).sum(-1)

    def actions(self, drawn: Tensor) -> ndarray:
        """Return the places."""
        return drawn.numpy()


@final
class Numbers(Distribution):
    """Independent normal numbers around the outputs; their spread is learnt and the same in every state.

    What is drawn may lie outside the bounds; the environment is told the nearest number within, and the density is
    that of what was drawn.

    Source: Schulman et al. 2017, section 6.1; the spread starts at half the range, as where bounds are -1 and 1.

    Args:
        spaces: with actions that are numbers.
    """

    def __init__(self, spaces: Spaces) -> None:
        super().__init__()
        self.spaces = spaces
        self.log_spread = nn.Parameter(half_range(spaces).log())

    @torch.no_grad()
    def draw(self, outputs: Tensor, generator: torch.Generator) -> Tensor:
        """Return numbers in the environment's own units."""
        return outputs + self.log_spread.exp() * torch.randn(outputs.shape, generator=generator)

    def log_density(self, outputs: Tensor, drawn: Tensor) -> Tensor:
        """Return - sum ((x - mean) / spread)^2 / 2 + log spread + log(2 pi) / 2."""
        away = (drawn - outputs) / self.log_spread.exp()
        return -(away**2 / 2 + self.log_spread + log(2 * pi) / 2).sum(-1)

    def entropy(self, outputs: Tensor) -> Tensor:
        """Return sum log spread + log(2 pi e) / 2, the same for every row."""
        return (self.log_spread + (1 + log(2 * pi)) / 2).sum().expand(outputs.shape[:-1])

    def actions(self, drawn: Tensor) -> ndarray:
        """Return the nearest numbers within the bounds."""
        return self.spaces.greedy(drawn.numpy())


def distribution(spaces: Spaces) -> Distribution:
    """Return the distribution for the actions of an environment with one agent."""
    return Choice() if spaces.actions else Numbers(spaces)
