"""Residual network for small images."""

from dataclasses import dataclass
from typing import final

import torch.nn.functional as F
from torch import Tensor, nn

from neurobridge.ann.models.initialisation import initialise
from neurobridge.ann.models.shapes import Shapes
from neurobridge.errors import InputError


@final
@dataclass(frozen=True, kw_only=True)
class ResidualCNNConfig:
    """Options of `ResidualCNN`.

    Args:
        depth: layers with weights: 2 + 2 x blocks x stages, since each block holds two convolutions.
        widths: channels of each stage; every stage after the first halves rows and columns.
        initialisation: one of `initialisation.INITIALISATIONS`.
    """

    depth: int = 10
    widths: tuple[int, ...] = (16, 32)
    initialisation: str = "he"


@final
class ResidualBlock(nn.Module):
    """y = relu(x' + BN(W2 relu(BN(W1 x)))), where x' is x, or BN(W3 x) where the shape changes."""

    def __init__(self, source: int, target: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(source, target, 3, stride=stride, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(target)
        self.second = nn.Conv2d(target, target, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(target)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or source != target:
            self.shortcut = nn.Sequential(
                nn.Conv2d(source, target, 1, stride=stride, bias=False), nn.BatchNorm2d(target)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Return `(batch, target, row / stride, column / stride)`."""
        y = F.relu(self.first_norm(self.first(x)))
        return F.relu(self.shortcut(x) + self.second_norm(self.second(y)))


@final
class ResidualCNN(nn.Module):
    """A convolution, stages of residual blocks, the average over all places, a linear readout.

    Inputs `(batch, channel, row, column)`, outputs `(batch, output_size)`.
    Source: He et al. 2016, section 4.2, with as many stages as `widths`.
    """

    Config = ResidualCNNConfig
    fits = frozenset({("image", "once")})

    def __init__(self, shapes: Shapes, config: ResidualCNNConfig | None = None) -> None:
        super().__init__()
        self.shapes, self.config = shapes, config or ResidualCNNConfig()
        widths = self.config.widths
        blocks, rest = divmod(self.config.depth - 2, 2 * len(widths))
        if blocks < 1 or rest:
            allowed = ", ".join(str(2 + 2 * n * len(widths)) for n in (1, 2, 3))
            raise InputError(
                f"model 'residual-cnn': depth {self.config.depth} does not share out over {len(widths)} stages; "
                f"use {allowed}, ..."
            )
        self.stem = nn.Conv2d(shapes.input_shape[0], widths[0], 3, padding=1, bias=False)
        self.stem_norm = nn.BatchNorm2d(widths[0])
        stack: list[nn.Module] = []
        source = widths[0]
        for stage, width in enumerate(widths):
            for block in range(blocks):
                stack.append(ResidualBlock(source, width, 2 if stage and not block else 1))
                source = width
        self.blocks = nn.Sequential(*stack)
        self.readout = nn.Linear(source, shapes.output_size)
        initialise(self, self.config.initialisation)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits `(batch, output_size)`."""
        x = F.relu(self.stem_norm(self.stem(x)))
        x = self.blocks(x)
        return self.readout(F.adaptive_avg_pool2d(x, 1).flatten(1))
