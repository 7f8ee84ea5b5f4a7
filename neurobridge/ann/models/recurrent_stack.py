"""Stacks of recurrent layers, run forwards, or in both directions: fused kernels, or the equations written out."""

from typing import final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from neurobridge.ann.models.elman import ElmanCell
from neurobridge.ann.models.gru import GRUCell
from neurobridge.ann.models.lstm import LSTMCell
from neurobridge.errors import InputError, lookup

# name -> (equations, fused kernel)
CELLS = {"rnn": (ElmanCell, nn.RNN), "gru": (GRUCell, nn.GRU), "lstm": (LSTMCell, nn.LSTM)}
FORMS = ("fused", "explicit")

Memory = list[tuple[Tensor, ...]]
"""The state of every layer and direction, each part `(batch, width)`."""


@final
class RecurrentStack(nn.Module):
    """Inputs `(batch, step, source)` -> outputs `(batch, step, directions x width)`.

    The explicit form takes the fused form's weights, see `explicit_weights`, and gives equal outputs.

    Args:
        cell: one of `CELLS`.
        source: features of the input.
        width: units of each layer and direction.
        layers: how many, one on top of the other.
        bidirectional: a second stack reads from the end, and each layer sees both.
        dropout: probability that an output is silenced between layers, in training.
        form: "fused" runs PyTorch's kernels, "explicit" the equations step by step.
        forget_bias: initial bias of an LSTM's forget gate (Jozefowicz et al. 2015 advise 1).
        longest: steps that the longest memory of an LSTM or a GRU should last; its gates' biases then start as
            Tallec & Ollivier 2018 advise: log u with u uniform in [1, longest - 1]. 0 leaves them alone.
    """

    def __init__(
        self,
        cell: str,
        source: int,
        width: int,
        *,
        layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        form: str = "fused",
        forget_bias: float = 1.0,
        longest: int = 0,
    ) -> None:
        super().__init__()
        explicit, fused = lookup("cell", cell, CELLS)
        if form not in FORMS:
            raise InputError(f"form is {form!r}; it must be one of {', '.join(FORMS)}.")
        if layers < 1 or width < 1:
            raise InputError(f"a recurrent stack needs layers >= 1 and width >= 1; got {layers} and {width}.")
        self.cell, self.source = cell, source
        self.width, self.layers, self.directions = width, layers, 2 if bidirectional else 1
        self.dropout, self.form = dropout, form
        if form == "fused":
            self.fused = fused(
                source,
                width,
                layers,
                batch_first=True,
                bidirectional=bidirectional,
                dropout=dropout if layers > 1 else 0.0,
            )
            biases = [weight for name, weight in self.fused.named_parameters() if name.startswith("bias_ih")]
        else:
            sizes = [source] + [self.directions * width] * (layers - 1)
            self.cells = nn.ModuleList(explicit(size, width) for size in sizes for _ in range(self.directions))
            biases = [one.bias_ih for one in self.cells]  # type: ignore[misc]
        for bias in biases:
            _remember(bias.data, cell, width, forget_bias, longest)

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs of the last layer at every step, from a state of zeros."""
        if self.form == "fused":
            return self.fused(x)[0]
        return self.carry(x, None)[0]

    def carry(self, x: Tensor, memory: Memory | None) -> tuple[Tensor, Memory]:
        """Return outputs and the state after the last step, starting from `memory`, or from zeros for None."""
        if self.form == "fused":
            outputs, state = self.fused(x, self._packed(memory))
            parts = state if isinstance(state, tuple) else (state,)
            return outputs, list(zip(*(part.unbind(0) for part in parts), strict=True))
        after: Memory = []
        for layer in range(self.layers):
            outputs = []
            for direction in range(self.directions):
                cell = self.cells[layer * self.directions + direction]
                state = cell.start(x) if memory is None else memory[layer * self.directions + direction]
                made, state = _run(cell, x, state, backwards=direction == 1)
                outputs.append(made)
                after.append(state)
            x = torch.cat(outputs, dim=-1) if self.directions == 2 else outputs[0]
            if layer + 1 < self.layers:
                x = F.dropout(x, self.dropout, self.training)
        return x, after

    def _packed(self, memory: Memory | None) -> Tensor | tuple[Tensor, ...] | None:
        if memory is None:
            return None
        parts = tuple(torch.stack(part) for part in zip(*memory, strict=True))
        return parts if len(parts) > 1 else parts[0]


def _remember(bias: Tensor, cell: str, width: int, forget_bias: float, longest: int) -> None:
    memory = torch.log(torch.empty(width).uniform_(1, max(2, longest) - 1)) if longest else None
    if cell == "lstm":
        bias[width : 2 * width] += forget_bias if memory is None else memory
        bias[:width] -= 0 if memory is None else memory
    elif cell == "gru" and memory is not None:
        bias[width : 2 * width] += memory  # the update gate keeps the state


def _run(cell: nn.Module, x: Tensor, state: tuple[Tensor, ...], backwards: bool) -> tuple[Tensor, tuple[Tensor, ...]]:
    drives = cell.drive(x).unbind(1)  # what inputs contribute needs no loop
    outputs = []
    for drive in reversed(drives) if backwards else drives:
        state = cell.step(drive, state)
        outputs.append(state[0])
    return torch.stack(outputs[::-1] if backwards else outputs, dim=1), state


def explicit_weights(fused: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights of a fused stack under the names of an explicit one.

    Args:
        fused: the state of a `RecurrentStack` of form "fused".
    """
    names = {"weight_ih": [], "weight_hh": [], "bias_ih": [], "bias_hh": []}  # type: dict[str, list[str]]
    for name in fused:
        names[name.removeprefix("fused.").split("_l")[0]].append(name)
    return {
        f"cells.{index}.{kind}": fused[name] for kind, ordered in names.items() for index, name in enumerate(ordered)
    }
