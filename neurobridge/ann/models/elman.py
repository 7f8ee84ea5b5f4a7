"""Elman's recurrent layer, written out."""

from typing import final

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@final
class ElmanCell(nn.Module):
    """One step of a simple recurrent layer.

        h' = tanh(W_ih x + b_ih + W_hh h + b_hh)

    Weights have the names, shapes and order of `nn.RNNCell`. x is `(batch, source)`, the state h `(batch, target)`.
    Source: Elman 1990.
    """

    gates = 1

    def __init__(self, source: int, target: int) -> None:
        super().__init__()
        self.weight_ih = nn.Parameter(torch.empty(target, source))
        self.weight_hh = nn.Parameter(torch.empty(target, target))
        self.bias_ih = nn.Parameter(torch.empty(target))
        self.bias_hh = nn.Parameter(torch.empty(target))
        for weight in self.parameters():
            nn.init.uniform_(weight, -(target**-0.5), target**-0.5)

    def start(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return the state before the first step."""
        return (x.new_zeros(x.shape[0], self.weight_hh.shape[1]),)

    def drive(self, x: Tensor) -> Tensor:
        """Return what the inputs contribute, for one step or all steps at once."""
        return F.linear(x, self.weight_ih, self.bias_ih)

    def step(self, drive: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Return the next state; its first part is the output."""
        (h,) = state
        return (torch.tanh(drive + F.linear(h, self.weight_hh, self.bias_hh)),)
