"""Action values from what is seen now and what is remembered: one step at a time to act, whole sequences to learn."""

from collections.abc import Sequence
from typing import final

import numpy as np
import torch
from torch import Tensor, nn

from neurobridge.ann.reinforcement.scaled import Scaled
from neurobridge.errors import InputError


@final
class RecurrentValues(nn.Module):
    """Gated recurrent units between a layer of ReLUs and action values.

    A step maps `(batch, observation + memory)` to `(batch, action + memory)`: x = relu(W s + b), h' = GRU(x, h),
    Q = U h' + c, where h is the memory. That is all that acting needs, and what is converted.

    Args:
        shape: of one observation, a vector.
        actions: how many.
        width: units of the layer and of the memory.
        told: numbers of the last action, which stand behind an observation; 0 if it isn't told.
        scale: what the numbers of an observation are multiplied by; empty for none.

    Raises:
        InputError: observations aren't vectors, or have another length than `scale`.
    """

    def __init__(
        self, shape: tuple[int, ...], actions: int, width: int, told: int = 0, scale: Sequence[float] = ()
    ) -> None:
        super().__init__()
        if len(shape) != 1:
            raise InputError(f"observations of shape {shape}: a recurrent agent takes vectors.")
        if scale and len(scale) != shape[0]:
            raise InputError(f"scale has {len(scale)} numbers; an observation has {shape[0]}.")
        self.seen, self.actions = shape[0] + told, actions
        gain = np.append(scale, np.ones(told))
        self.units = Scaled(gain, np.zeros(len(gain))) if scale else nn.Identity()
        self.features = nn.Linear(self.seen, width)
        self.recurrent = nn.GRU(width, width, batch_first=True)
        self.values = nn.Linear(width, actions)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return action values and the next memory of one step."""
        features = torch.relu(self.features(self.units(inputs[:, : self.seen])))
        own = self.recurrent
        weights = (own.weight_ih_l0, own.weight_hh_l0, own.bias_ih_l0, own.bias_hh_l0)
        memory = torch.gru_cell(features, inputs[:, self.seen :], *weights)
        return torch.cat([self.values(memory), memory], dim=-1)

    def sequence(self, observations: Tensor, memory: Tensor) -> Tensor:
        """Return action values `(batch, step, action)` of sequences that start from a memory `(batch, width)`."""
        features = torch.relu(self.features(self.units(observations)))
        return self.values(self.recurrent(features, memory[None].contiguous())[0])
