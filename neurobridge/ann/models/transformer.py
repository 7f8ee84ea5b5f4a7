"""Transformers: an encoder that answers once or at every step, and a decoder-only language model."""

from dataclasses import dataclass
from typing import final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from neurobridge.ann.models.attention import MultiHeadAttention
from neurobridge.ann.models.shapes import Shapes
from neurobridge.errors import lookup

ACTIVATIONS = {"gelu": F.gelu, "relu": F.relu}


@dataclass(frozen=True, kw_only=True)
class TransformerConfig:
    """Options of the Transformers.

    Args:
        width: numbers at a place.
        heads: attention heads, a divisor of `width`.
        layers: blocks.
        hidden: units of each block's two-layer network.
        activation: "gelu" or "relu".
        dropout: probability that a number is silenced after the embedding and after each part of a block.
    """

    width: int = 64
    heads: int = 4
    layers: int = 2
    hidden: int = 128
    activation: str = "gelu"
    dropout: float = 0.1


@final
@dataclass(frozen=True, kw_only=True)
class TransformerLanguageModelConfig(TransformerConfig):
    """Options of `TransformerLanguageModel`.

    Args:
        width: numbers at a place.
        hidden: units of each block's two-layer network.
        dropout: as in `TransformerConfig`.
        tied: the softmax uses the embedding's weights.
    """

    width: int = 128
    hidden: int = 256
    dropout: float = 0.3
    tied: bool = True


@final
class TransformerBlock(nn.Module):
    """x <- x + attention(norm(x));  x <- x + W2 f(W1 norm(x)).

    Normalisation goes first (Xiong et al. 2020), so no warm-up is needed.
    """

    def __init__(self, config: TransformerConfig, *, causal: bool) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(config.width)
        self.attention = MultiHeadAttention(config.width, config.heads, causal=causal)
        self.hidden_norm = nn.LayerNorm(config.width)
        self.widen = nn.Linear(config.width, config.hidden)
        self.narrow = nn.Linear(config.hidden, config.width)
        self.activation = lookup("activation", config.activation, ACTIVATIONS)
        self.dropout = config.dropout

    def forward(self, x: Tensor) -> Tensor:
        """Return `(batch, step, width)`."""
        x = x + F.dropout(self.attention(self.attention_norm(x)), self.dropout, self.training)
        y = self.narrow(self.activation(self.widen(self.hidden_norm(x))))
        return x + F.dropout(y, self.dropout, self.training)


@final
class TransformerEncoder(nn.Module):
    """Transformer encoder: one answer from the mean over places, or one at every place.

    Embedding and learned positions, blocks, a norm, a linear readout. Inputs `(batch, step, feature)` or tokens
    `(batch, step)`; outputs `(batch, output_size)`, or `(batch, step, output_size)`, where every place sees all others.
    Source: Vaswani et al. 2017, the encoder of figure 1.
    """

    Config = TransformerConfig
    fits = frozenset({("sequence", "once"), ("sequence", "step"), ("tokens", "once")})

    def __init__(self, shapes: Shapes, config: TransformerConfig | None = None) -> None:
        super().__init__()
        self.shapes, self.config = shapes, config or TransformerConfig()
        width = self.config.width
        self.embedding: nn.Module = (
            nn.Embedding(shapes.vocabulary, width) if shapes.vocabulary else nn.Linear(shapes.input_shape[1], width)
        )
        self.positions = nn.Parameter(0.02 * torch.randn(shapes.input_shape[0], width))
        self.blocks = nn.ModuleList(TransformerBlock(self.config, causal=False) for _ in range(self.config.layers))
        self.norm = nn.LayerNorm(width)
        self.readout = nn.Linear(width, shapes.output_size)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits."""
        x = self.embedding(x) + self.positions
        x = F.dropout(x, self.config.dropout, self.training)
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        return self.readout(x if self.shapes.output_steps else x.mean(dim=1))


@final
class TransformerLanguageModel(nn.Module):
    """Transformer language model: logits for the token after each place.

    Embedding and learned positions, causal blocks, a norm, softmax. Tokens `(batch, step)` become
    `(batch, step, output_size)`, for up to `input_shape[0]` steps.
    Source: Radford et al. 2019.
    """

    Config = TransformerLanguageModelConfig
    fits = frozenset({("tokens", "step"), ("tokens", "answer")})

    def __init__(self, shapes: Shapes, config: TransformerLanguageModelConfig | None = None) -> None:
        super().__init__()
        self.shapes, self.config = shapes, config or TransformerLanguageModelConfig()
        width = self.config.width
        self.embedding = nn.Embedding(shapes.vocabulary, width)
        nn.init.normal_(self.embedding.weight, std=width**-0.5)
        self.positions = nn.Parameter(0.02 * torch.randn(shapes.input_shape[0], width))
        self.blocks = nn.ModuleList(TransformerBlock(self.config, causal=True) for _ in range(self.config.layers))
        self.norm = nn.LayerNorm(width)
        self.readout = nn.Linear(width, shapes.output_size)
        if self.config.tied and shapes.output_size == shapes.vocabulary:
            self.readout.weight = self.embedding.weight

    def forward(self, tokens: Tensor) -> Tensor:
        """Return logits `(batch, step, output_size)` of the last `output_steps` places."""
        x = self.embedding(tokens) + self.positions[: tokens.shape[1]]
        x = F.dropout(x, self.config.dropout, self.training)
        for block in self.blocks:
            x = block(x)
        return self.readout(self.norm(x[:, -self.shapes.output_steps :]))
