"""Long short-term memory, written out."""

from typing import final

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@final
class LSTMCell(nn.Module):
    """One step of a layer with a protected memory.

        i  = sigmoid(W_ii x + b_ii + W_hi h + b_hi)     input
        f  = sigmoid(W_if x + b_if + W_hf h + b_hf)     forget
        g  = tanh(W_ig x + b_ig + W_hg h + b_hg)        candidate
        o  = sigmoid(W_io x + b_io + W_ho h + b_ho)     output
        c' = f * c + i * g
        h' = o * tanh(c')

    Weights have the names, shapes and order (i, f, g, o) of `nn.LSTMCell`. x is `(batch, source)`, the state is
    (h, c), each `(batch, target)`.
    Source: Hochreiter & Schmidhuber 1997; the forget gate: Gers, Schmidhuber & Cummins 2000.
    """

    gates = 4

    def __init__(self, source: int, target: int) -> None:
        super().__init__()
        self.weight_ih = nn.Parameter(torch.empty(4 * target, source))
        self.weight_hh = nn.Parameter(torch.empty(4 * target, target))
        self.bias_ih = nn.Parameter(torch.empty(4 * target))
        self.bias_hh = nn.Parameter(torch.empty(4 * target))
        for weight in self.parameters():
            nn.init.uniform_(weight, -(target**-0.5), target**-0.5)

    def start(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return the state before the first step."""
        zero = x.new_zeros(x.shape[0], self.weight_hh.shape[1])
        return zero, zero

    def drive(self, x: Tensor) -> Tensor:
        """Return what the inputs contribute, for one step or all steps at once."""
        return F.linear(x, self.weight_ih, self.bias_ih)

    def opened(self, drive: Tensor, state: tuple[Tensor, ...]) -> dict[str, Tensor]:
        """Return the three gates and the candidate, each `(batch, target)`."""
        i, f, g, o = (drive + F.linear(state[0], self.weight_hh, self.bias_hh)).chunk(4, dim=-1)
        return {
            "input": torch.sigmoid(i),
            "forget": torch.sigmoid(f),
            "candidate": torch.tanh(g),
            "output": torch.sigmoid(o),
        }

    def step(self, drive: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Return the next state (h, c); its first part is the output."""
        gates = self.opened(drive, state)
        c = gates["forget"] * state[1] + gates["input"] * gates["candidate"]
        return gates["output"] * torch.tanh(c), c
