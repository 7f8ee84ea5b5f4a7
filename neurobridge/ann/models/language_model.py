"""Recurrent language model."""

from dataclasses import dataclass
from typing import final

import torch.nn.functional as F
from torch import Tensor, nn

from neurobridge.ann.models.recurrent_stack import Memory, RecurrentStack
from neurobridge.ann.models.shapes import Shapes


@final
@dataclass(frozen=True, kw_only=True)
class LanguageModelConfig:
    """Options of `LanguageModel`.

    Args:
        cell: "rnn", "gru" or "lstm".
        embedding: numbers that stand for a token.
        hidden: units of each recurrent layer.
        layers: recurrent layers.
        dropout: probability that a number is silenced after the embedding, between layers and before the softmax.
        tied: the softmax uses the embedding's weights (Press & Wolf 2017).
        form: "fused" or "explicit", see `RecurrentStack`.
        longest: steps that the longest memory should last, see `RecurrentStack`.
    """

    cell: str = "lstm"
    embedding: int = 128
    hidden: int = 128
    layers: int = 1
    dropout: float = 0.5
    tied: bool = True
    form: str = "fused"
    longest: int = 0


@final
class LanguageModel(nn.Module):
    """Recurrent language model: logits for the token after each place.

        e_t = E[x_t];  h_t = stack(e_t, h_{t-1});  logits_t = E P h_t + b

    P is there only where `hidden` and `embedding` differ. Tokens `(batch, step)` -> `(batch, step, vocabulary)`.
    Source: Mikolov et al. 2010; dropout as in Zaremba, Sutskever & Vinyals 2014.
    """

    Config = LanguageModelConfig
    fits = frozenset({("tokens", "step"), ("tokens", "answer")})

    def __init__(self, shapes: Shapes, config: LanguageModelConfig | None = None) -> None:
        super().__init__()
        self.shapes, self.config = shapes, config or LanguageModelConfig()
        own = self.config
        self.embedding = nn.Embedding(shapes.vocabulary, own.embedding)
        nn.init.normal_(self.embedding.weight, std=own.embedding**-0.5)
        self.stack = RecurrentStack(
            own.cell,
            own.embedding,
            own.hidden,
            layers=own.layers,
            dropout=own.dropout,
            form=own.form,
            longest=own.longest,
        )
        self.project = (
            nn.Identity() if own.hidden == own.embedding else nn.Linear(own.hidden, own.embedding, bias=False)
        )
        self.readout = nn.Linear(own.embedding, shapes.output_size)
        if own.tied and shapes.output_size == shapes.vocabulary:
            self.readout.weight = self.embedding.weight

    def forward(self, tokens: Tensor) -> Tensor:
        """Return logits `(batch, step, output_size)` of the last `output_steps` places."""
        return self.carry(tokens, None)[0][:, -self.shapes.output_steps :]

    def carry(self, tokens: Tensor, memory: Memory | None) -> tuple[Tensor, Memory]:
        """Return logits and the state after the last step, starting from `memory`: truncated backpropagation."""
        x = F.dropout(self.embedding(tokens), self.config.dropout, self.training)
        x, memory = self.stack.carry(x, memory)
        return self.readout(self.project(F.dropout(x, self.config.dropout, self.training))), memory


def detached(memory: Memory) -> Memory:
    """Return a state that gradients don't flow through: where truncated backpropagation truncates."""
    return [tuple(part.detach() for part in parts) for parts in memory]
