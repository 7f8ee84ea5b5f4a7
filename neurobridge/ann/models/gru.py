"""Gated recurrent unit, written out."""

from typing import final

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@final
class GRUCell(nn.Module):
    """One step of a gated recurrent layer.

        r  = sigmoid(W_ir x + b_ir + W_hr h + b_hr)         reset
        z  = sigmoid(W_iz x + b_iz + W_hz h + b_hz)         update
        n  = tanh(W_in x + b_in + r * (W_hn h + b_hn))      candidate
        h' = (1 - z) * n + z * h

    Weights have the names, shapes and order (r, z, n) of `nn.GRUCell`; the reset gate acts after the product with
    W_hn, as in cuDNN. x is `(batch, source)`, the state h `(batch, target)`.
    Source: Cho et al. 2014.
    """

    gates = 3

    def __init__(self, source: int, target: int) -> None:
        super().__init__()
        self.weight_ih = nn.Parameter(torch.empty(3 * target, source))
        self.weight_hh = nn.Parameter(torch.empty(3 * target, target))
        self.bias_ih = nn.Parameter(torch.empty(3 * target))
        self.bias_hh = nn.Parameter(torch.empty(3 * target))
        for weight in self.parameters():
            nn.init.uniform_(weight, -(target**-0.5), target**-0.5)

    def start(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return the state before the first step."""
        return (x.new_zeros(x.shape[0], self.weight_hh.shape[1]),)

    def drive(self, x: Tensor) -> Tensor:
        """Return what the inputs contribute, for one step or all steps at once."""
        return F.linear(x, self.weight_ih, self.bias_ih)

    def opened(self, drive: Tensor, state: tuple[Tensor, ...]) -> dict[str, Tensor]:
        """Return the gates and the candidate, each `(batch, target)`."""
        (h,) = state
        reset, update, candidate = drive.chunk(3, dim=-1)
        own_reset, own_update, own_candidate = F.linear(h, self.weight_hh, self.bias_hh).chunk(3, dim=-1)
        r = torch.sigmoid(reset + own_reset)
        return {
            "reset": r,
            "update": torch.sigmoid(update + own_update),
            "candidate": torch.tanh(candidate + r * own_candidate),
        }

    def step(self, drive: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Return the next state; its first part is the output."""
        (h,) = state
        gates = self.opened(drive, state)
        return ((1 - gates["update"]) * gates["candidate"] + gates["update"] * h,)
