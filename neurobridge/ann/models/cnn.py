"""Convolutional network for small images."""

from dataclasses import dataclass
from itertools import pairwise
from typing import final

import torch.nn.functional as F
from torch import Tensor, nn

from neurobridge.ann.models.initialisation import initialise
from neurobridge.ann.models.pooling import POOLINGS
from neurobridge.ann.models.shapes import Shapes
from neurobridge.errors import InputError, lookup


@final
@dataclass(frozen=True, kw_only=True)
class CNNConfig:
    """Options of `CNN`.

    Args:
        widths: channels of each block.
        pooling: "average" or "max", after each block.
        kernel: rows and columns of the convolutions, odd.
        batch_norm: normalise after each convolution.
        dropout: probability that a feature is silenced before the readout, in training.
        initialisation: one of `initialisation.INITIALISATIONS`.
    """

    widths: tuple[int, ...] = (16, 32)
    pooling: str = "average"
    kernel: int = 3
    batch_norm: bool = True
    dropout: float = 0.0
    initialisation: str = "he"


@final
class CNN(nn.Module):
    """Blocks of convolution, batch normalisation, ReLU and 2 x 2 pooling, then a linear readout.

    Inputs `(batch, channel, row, column)`, outputs `(batch, output_size)`.
    Source: LeCun et al. 1998; Ioffe & Szegedy 2015 for the normalisation.
    """

    Config = CNNConfig
    fits = frozenset({("image", "once")})

    def __init__(self, shapes: Shapes, config: CNNConfig | None = None) -> None:
        super().__init__()
        self.shapes, self.config = shapes, config or CNNConfig()
        channels, rows, columns = shapes.input_shape
        depth, kernel = len(self.config.widths), self.config.kernel
        if min(rows, columns) >> depth < 1:
            raise InputError(
                f"model 'cnn': {depth} poolings leave nothing of {rows} x {columns} images; use fewer widths."
            )
        sizes = (channels, *self.config.widths)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(a, b, kernel, padding=kernel // 2, bias=not self.config.batch_norm) for a, b in pairwise(sizes)
        )
        self.norms = nn.ModuleList(
            nn.BatchNorm2d(width) if self.config.batch_norm else nn.Identity() for width in self.config.widths
        )
        self.pool = lookup("pooling", self.config.pooling, POOLINGS)(2)
        self.readout = nn.Linear(sizes[-1] * (rows >> depth) * (columns >> depth), shapes.output_size)
        initialise(self, self.config.initialisation)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits `(batch, output_size)`."""
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            x = self.pool(F.relu(norm(convolution(x))))
        x = F.dropout(x.flatten(1), self.config.dropout, self.training)
        return self.readout(x)
