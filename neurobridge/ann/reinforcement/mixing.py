"""How the values of several agents become the value of what they do together."""

from typing import final

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@final
class Sum(nn.Module):
    """Q_tot = Q_1 + Q_2 + ... (Sunehag et al. 2018)."""

    def forward(self, values: Tensor, state: Tensor) -> Tensor:
        """Return `(batch,)` from values `(batch, agent)`, whatever the state."""
        return values.sum(-1)


@final
class Monotonic(nn.Module):
    """Q_tot = |W_2| elu(|W_1| Q + b_1) + b_2, where all of W and b are functions of the state.

    No weight on the way from an agent's value is negative, so that the best joint action is the best one of each.

    Source: Rashid et al. 2018, section 4.

    Args:
        agents: how many.
        state: length of the state.
        width: units of the mixing network.
    """

    def __init__(self, agents: int, state: int, width: int) -> None:
        super().__init__()
        self.agents, self.width = agents, width
        self.first, self.first_bias = nn.Linear(state, agents * width), nn.Linear(state, width)
        self.second = nn.Linear(state, width)
        self.second_bias = nn.Sequential(nn.Linear(state, width), nn.ReLU(), nn.Linear(width, 1))

    def forward(self, values: Tensor, state: Tensor) -> Tensor:
        """Return `(batch,)` from values `(batch, agent)` and states `(batch, state)`."""
        first = self.first(state).abs().view(-1, self.agents, self.width)
        hidden = F.elu(torch.bmm(values[:, None], first)[:, 0] + self.first_bias(state))
        return (hidden * self.second(state).abs()).sum(-1) + self.second_bias(state)[:, 0]
