"""Multilayer perceptron."""

from dataclasses import dataclass
from itertools import pairwise
from typing import final

import torch.nn.functional as F
from torch import Tensor, nn

from neurobridge.ann.models.initialisation import initialise
from neurobridge.ann.models.shapes import Shapes


@final
@dataclass(frozen=True, kw_only=True)
class MLPConfig:
    """Options of `MLP`.

    Args:
        widths: units of each hidden layer.
        batch_norm: normalise each hidden layer before its nonlinearity.
        dropout: probability that a hidden unit is silenced in training.
        initialisation: one of `initialisation.INITIALISATIONS`.
    """

    widths: tuple[int, ...] = (128, 128)
    batch_norm: bool = False
    dropout: float = 0.0
    initialisation: str = "he"


@final
class MLP(nn.Module):
    """Multilayer perceptron: h <- relu(W h + b) layer by layer; logits = W h + b.

    Inputs `(batch, *input_shape)` are flattened; outputs are `(batch, output_size)`.
    Source: Rumelhart, Hinton & Williams 1986; He et al. 2015 for the initial weights.
    """

    Config = MLPConfig
    fits = frozenset({("vector", "once"), ("image", "once"), ("sequence", "once")})

    def __init__(self, shapes: Shapes, config: MLPConfig | None = None) -> None:
        super().__init__()
        self.shapes, self.config = shapes, config or MLPConfig()
        size = 1
        for length in shapes.input_shape:
            size *= length
        sizes = (size, *self.config.widths)
        self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))
        self.norms = nn.ModuleList(
            nn.BatchNorm1d(width) if self.config.batch_norm else nn.Identity() for width in self.config.widths
        )
        self.readout = nn.Linear(sizes[-1], shapes.output_size)
        initialise(self, self.config.initialisation)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits `(batch, output_size)`."""
        x = x.flatten(1)
        for linear, norm in zip(self.hidden, self.norms, strict=True):
            x = F.relu(norm(linear(x)))
            x = F.dropout(x, self.config.dropout, self.training)
        return self.readout(x)
