"""Several small networks of one form, computed at once."""

from collections.abc import Sequence
from itertools import pairwise
from typing import final

import torch
from torch import Tensor, nn


@final
class Ensemble(nn.Module):
    """Perceptrons with ReLU and weights of their own: `(row, member, feature)` -> `(row, member, output)`.

    First weights are drawn as in `torch.nn.Linear`.

    Args:
        members: how many.
        sizes: of all layers, input first.
    """

    def __init__(self, members: int, sizes: Sequence[int]) -> None:
        super().__init__()
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        for source, target in pairwise(sizes):
            bound = source**-0.5
            self.weights.append(torch.empty(members, source, target).uniform_(-bound, bound))
            self.biases.append(torch.empty(members, 1, target).uniform_(-bound, bound))

    def forward(self, seen: Tensor) -> Tensor:
        """Return every member's outputs."""
        values = seen.transpose(0, 1)
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            values = torch.baddbmm(bias, torch.relu(values) if layer else values, weight)
        return values.transpose(0, 1)
