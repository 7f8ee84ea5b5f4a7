"""Recurrent networks on sequences of numbers, or on texts that get one answer."""

from dataclasses import dataclass
from typing import final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from neurobridge.ann.models.recurrent_stack import Memory, RecurrentStack
from neurobridge.ann.models.shapes import Shapes


@dataclass(frozen=True, kw_only=True)
class RecurrentConfig:
    """Options of the recurrent networks.

    Args:
        hidden: units of each layer and direction.
        layers: recurrent layers.
        bidirectional: read from both ends.
        dropout: probability that a unit is silenced between layers and before the readout, in training.
        form: "fused" for PyTorch's kernels, "explicit" for the equations step by step; equal outputs.
        forget_bias: initial bias of an LSTM's forget gate.
        longest: steps that the longest memory should last, see `RecurrentStack`; 0 for PyTorch's initial biases.
        embedding: numbers that stand for a token, where inputs are tokens.
    """

    hidden: int = 64
    layers: int = 1
    bidirectional: bool = False
    dropout: float = 0.0
    form: str = "fused"
    forget_bias: float = 1.0
    longest: int = 0
    embedding: int = 32


@final
@dataclass(frozen=True, kw_only=True)
class BidirectionalConfig(RecurrentConfig):
    """Options with both directions by default; Schuster & Paliwal 1997."""

    hidden: int = 48
    bidirectional: bool = True


@final
@dataclass(frozen=True, kw_only=True)
class StackedConfig(RecurrentConfig):
    """Options with two layers by default; Graves, Mohamed & Hinton 2013."""

    layers: int = 2
    hidden: int = 48


class Recurrent(nn.Module):
    """A recurrent stack and a linear readout, of the last step or of every step as the task asks.

    Inputs `(batch, step, feature)`, or tokens `(batch, step)`; outputs `(batch, output_size)`, or
    `(batch, step, output_size)`. Read from both ends, one answer sees the last step of either direction.
    """

    Config: type[RecurrentConfig] = RecurrentConfig
    cell: str
    fits = frozenset({("sequence", "once"), ("sequence", "step"), ("tokens", "once")})

    def __init__(self, shapes: Shapes, config: RecurrentConfig | None = None) -> None:
        super().__init__()
        self.shapes, self.config = shapes, config or self.Config()
        self.embedding: nn.Module = nn.Identity()
        source = shapes.input_shape[-1]
        if shapes.vocabulary:
            self.embedding, source = nn.Embedding(shapes.vocabulary, self.config.embedding), self.config.embedding
        self.stack = RecurrentStack(
            self.cell,
            source,
            self.config.hidden,
            layers=self.config.layers,
            bidirectional=self.config.bidirectional,
            dropout=self.config.dropout,
            form=self.config.form,
            forget_bias=self.config.forget_bias,
            longest=self.config.longest,
        )
        self.readout = nn.Linear(self.stack.directions * self.config.hidden, shapes.output_size)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits."""
        return self._answer(self.stack(self.embedding(x)))

    def carry(self, x: Tensor, memory: Memory | None) -> tuple[Tensor, Memory]:
        """Return logits and the state after the last step, starting from `memory`, or from zeros for None."""
        outputs, memory = self.stack.carry(self.embedding(x), memory)
        return self._answer(outputs), memory

    def _answer(self, outputs: Tensor) -> Tensor:
        if not self.shapes.output_steps:
            outputs = self._last(outputs)
        return self.readout(F.dropout(outputs, self.config.dropout, self.training))

    def _last(self, outputs: Tensor) -> Tensor:
        if not self.config.bidirectional:
            return outputs[:, -1]
        width = self.config.hidden
        return torch.cat([outputs[:, -1, :width], outputs[:, 0, width:]], dim=-1)


@final
class RNN(Recurrent):
    """Elman's network: h' = tanh(W x + U h + b); Elman 1990."""

    cell = "rnn"


@final
class GRU(Recurrent):
    """Gated recurrent units; Cho et al. 2014.

    The equations are those of `gru.GRUCell`.
    """

    cell = "gru"


@final
class LSTM(Recurrent):
    """Long short-term memory; Hochreiter & Schmidhuber 1997.

    The equations are those of `lstm.LSTMCell`.
    """

    cell = "lstm"


@final
class BiLSTM(Recurrent):
    """LSTM read from both ends; Schuster & Paliwal 1997."""

    cell = "lstm"
    Config = BidirectionalConfig


@final
class StackedLSTM(Recurrent):
    """Two LSTM layers, one on top of the other; Graves, Mohamed & Hinton 2013."""

    cell = "lstm"
    Config = StackedConfig
