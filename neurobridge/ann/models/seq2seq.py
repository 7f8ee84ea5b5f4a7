"""Sequence to sequence with attention: an encoder reads, a decoder answers and looks back."""

from dataclasses import dataclass
from typing import final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from neurobridge.ann.models.shapes import Shapes
from neurobridge.errors import InputError, lookup


@final
class BahdanauAttention(nn.Module):
    """score(s, h) = v^T tanh(W s + U h): additive attention; Bahdanau, Cho & Bengio 2015."""

    def __init__(self, width: int, seen: int) -> None:
        super().__init__()
        self.query = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(seen, width, bias=False)
        self.score = nn.Linear(width, 1, bias=False)

    def forward(self, states: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Return what each decoder state has gathered `(batch, step, seen)`, and the weights `(batch, step, place)`."""
        mixed = torch.tanh(self.query(states).unsqueeze(2) + self.key(memory).unsqueeze(1))
        weights = self.score(mixed).squeeze(-1).softmax(-1)
        return weights @ memory, weights


@final
class LuongAttention(nn.Module):
    """score(s, h) = s^T W h: multiplicative attention, "general"; Luong, Pham & Manning 2015."""

    def __init__(self, width: int, seen: int) -> None:
        super().__init__()
        self.key = nn.Linear(seen, width, bias=False)

    def forward(self, states: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Return what each decoder state has gathered `(batch, step, seen)`, and the weights `(batch, step, place)`."""
        weights = (states @ self.key(memory).transpose(1, 2)).softmax(-1)
        return weights @ memory, weights


ATTENTIONS = {"bahdanau": BahdanauAttention, "luong": LuongAttention}


@final
@dataclass(frozen=True, kw_only=True)
class Seq2SeqConfig:
    """Options of `Seq2Seq`.

    Args:
        attention: "bahdanau" or "luong".
        embedding: numbers that stand for a token.
        hidden: units of the decoder; the encoder has half as many in either direction.
        dropout: probability that a number is silenced after the embedding and before the softmax.
    """

    attention: str = "luong"
    embedding: int = 32
    hidden: int = 128
    dropout: float = 0.0


@final
class Seq2Seq(nn.Module):
    """An encoder reads, a decoder answers and looks back: attention over the source.

    h = bidirectional GRU of the source;  s_t = GRU(answer_{t-1}, s_{t-1});  logits_t = W [s_t; attention(s_t, h)].

    The decoder looks back after its step, as in Luong et al. 2015, with either score; so all steps of a known answer
    are one product. Tokens `(batch, source + answer)`, the answer shifted by one place; outputs
    `(batch, answer, output_size)`.
    """

    Config = Seq2SeqConfig
    fits = frozenset({("tokens", "answer")})

    def __init__(self, shapes: Shapes, config: Seq2SeqConfig | None = None) -> None:
        super().__init__()
        self.shapes, self.config = shapes, config or Seq2SeqConfig()
        embedding, hidden = self.config.embedding, self.config.hidden
        if hidden % 2:
            raise InputError(
                f"model 'seq2seq': hidden is {hidden}; the encoder's two directions share it, so it is even."
            )
        self.source = shapes.input_shape[0] - shapes.output_steps
        self.embedding = nn.Embedding(shapes.vocabulary, embedding)
        self.encoder = nn.GRU(embedding, hidden // 2, batch_first=True, bidirectional=True)
        self.decoder = nn.GRU(embedding, hidden, batch_first=True)
        self.attention = lookup("attention", self.config.attention, ATTENTIONS)(hidden, hidden)
        self.combine = nn.Linear(2 * hidden, hidden)
        self.readout = nn.Linear(hidden, shapes.output_size)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return logits of the answer's tokens."""
        states, gathered, _ = self._decode(tokens)
        mixed = torch.tanh(self.combine(torch.cat([states, gathered], dim=-1)))
        return self.readout(F.dropout(mixed, self.config.dropout, self.training))

    def weights(self, tokens: Tensor) -> Tensor:
        """Return where each answer looks, `(batch, answer, source)`; each row sums to 1."""
        return self._decode(tokens)[2]

    def _decode(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = F.dropout(self.embedding(tokens), self.config.dropout, self.training)
        memory, last = self.encoder(x[:, : self.source])
        start = torch.cat([last[0], last[1]], dim=-1).unsqueeze(0)
        states, _ = self.decoder(x[:, self.source :], start)
        gathered, weights = self.attention(states, memory)
        return states, gathered, weights
