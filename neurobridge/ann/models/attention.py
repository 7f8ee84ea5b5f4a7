"""Multi-head attention."""

from typing import final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from neurobridge.errors import InputError


@final
class MultiHeadAttention(nn.Module):
    """Every place looks at all places, or at those up to itself.

        A = softmax(Q K^T / sqrt(d)),  y = W_o concat_heads(A V)

    Inputs and outputs `(batch, step, width)`.
    Source: Vaswani et al. 2017, section 3.2.

    Args:
        width: numbers at a place.
        heads: how many share the width.
        causal: look only at places up to the own.
    """

    def __init__(self, width: int, heads: int, *, causal: bool = False) -> None:
        super().__init__()
        if heads < 1 or width % heads:
            raise InputError(f"attention: width {width} does not share out over {heads} heads.")
        self.heads, self.causal = heads, causal
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Return what each place has gathered."""
        q, k, v = self._heads(x)
        gathered = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        return self.out(gathered.transpose(1, 2).flatten(2))

    def weights(self, x: Tensor) -> Tensor:
        """Return A, `(batch, head, step, looked at)`; each row sums to 1."""
        q, k, _ = self._heads(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if self.causal:
            later = torch.ones_like(scores[0, 0], dtype=torch.bool).triu(1)
            scores = scores.masked_fill(later, float("-inf"))
        return scores.softmax(-1)

    def _heads(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        def split(part: Tensor) -> Tensor:
            return part.unflatten(-1, (self.heads, -1)).transpose(1, 2)

        return split(self.query(x)), split(self.key(x)), split(self.value(x))
