"""Action values from what is seen now and what is remembered: one step at a time to act, whole sequences to learn."""

from typing import final

import torch
from torch import Tensor, nn

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
    """

    def __init__(self, shape: tuple[int, ...], actions: int, width: int) -> None:
        super().__init__()
        if len(shape) != 1:
            raise InputError(f"observations of shape {shape}: a recurrent agent takes vectors.")
        self.seen, self.actions = shape[0], actions
        self.features = nn.Linear(shape[0], width)
        self.recurrent = nn.GRU(width, width, batch_first=True)
        self.values = nn.Linear(width, actions)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return action values and the next memory of one step."""
        features = torch.relu(self.features(inputs[:, : self.seen]))
        own = self.recurrent
        weights = (own.weight_ih_l0, own.weight_hh_l0, own.bias_ih_l0, own.bias_hh_l0)
        memory = torch.gru_cell(features, inputs[:, self.seen :], *weights)
        return torch.cat([self.values(memory), memory], dim=-1)

    def sequence(self, observations: Tensor, memory: Tensor) -> Tensor:
        """Return action values `(batch, step, action)` of sequences that start from a memory `(batch, width)`."""
        features = torch.relu(self.features(observations))
        return self.values(self.recurrent(features, memory[None].contiguous())[0])
