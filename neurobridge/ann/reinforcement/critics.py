"""Networks that say what an action in a state is worth, several of them computed at once."""

from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor, nn

from neurobridge.ann.reinforcement.action_bounds import from_bounds
from neurobridge.ann.reinforcement.ensemble import Ensemble
from neurobridge.tasks.environments import Spaces


@final
class Critics(nn.Module):
    """Observations `(row, feature)` and actions `(row, action)` -> values `(critic, row)`.

    Actions come in the environment's own numbers and are brought to [-1, 1].

    Args:
        spaces: with observations that are vectors and actions that are numbers.
        widths: units of each hidden layer.
        count: how many critics.
    """

    def __init__(self, spaces: Spaces, widths: Sequence[int], count: int) -> None:
        super().__init__()
        self.scale = from_bounds(spaces)
        sizes = (spaces.observation_shape[0] + len(spaces.low), *widths, 1)
        self.count, self.members = count, Ensemble(count, sizes)

    def forward(self, observations: Tensor, actions: Tensor) -> Tensor:
        """Return values."""
        seen = torch.cat([observations, self.scale(actions)], dim=-1)
        return self.members(seen[:, None].expand(-1, self.count, -1))[..., 0].T
