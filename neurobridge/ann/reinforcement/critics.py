"""Networks that say what an action in a state is worth, several of them computed at once."""

from collections.abc import Sequence
from itertools import pairwise
from typing import final

import torch
from torch import Tensor, nn

from neurobridge.ann.reinforcement.action_bounds import from_bounds
from neurobridge.tasks.environments import Spaces


@final
class Critics(nn.Module):
    """Observations `(row, feature)` and actions `(row, action)` -> values `(critic, row)`.

    Perceptrons with ReLU and weights of their own; actions come in the environment's own numbers and are brought to
    [-1, 1]. First weights are drawn as in `torch.nn.Linear`.

    Args:
        spaces: with observations that are vectors and actions that are numbers.
        widths: units of each hidden layer.
        count: how many critics.
    """

    def __init__(self, spaces: Spaces, widths: Sequence[int], count: int) -> None:
        super().__init__()
        self.scale = from_bounds(spaces)
        sizes = (spaces.observation_shape[0] + len(spaces.low), *widths, 1)
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        for source, target in pairwise(sizes):
            bound = source**-0.5
            self.weights.append(torch.empty(count, source, target).uniform_(-bound, bound))
            self.biases.append(torch.empty(count, 1, target).uniform_(-bound, bound))

    def forward(self, observations: Tensor, actions: Tensor) -> Tensor:
        """Return values."""
        seen = torch.cat([observations, self.scale(actions)], dim=-1)
        values = seen.expand(len(self.biases[0]), *seen.shape)
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            values = torch.baddbmm(bias, torch.relu(values) if layer else values, weight)
        return values[..., 0]
