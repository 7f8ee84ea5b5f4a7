"""Functions of PyTorch whose export hides what they compute, or takes one number of samples: written out in plain ones.

torch.cdist decides by its sizes how it computes, and an embedding bag is one table look-up after another: while a
network is exported, both are the sums that their documentation says.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import torch
import torch.nn.functional as F
from torch import Tensor

_bag = F.embedding_bag


def distances(a: Tensor, b: Tensor, p: float = 2.0, compute_mode: str = "") -> Tensor:
    """Return (sum_k |a_ik - b_jk|^p)^(1/p) for all rows i of `a` and j of `b`."""
    return torch.linalg.vector_norm(a.unsqueeze(-2) - b.unsqueeze(-3), p, -1)


def bags(
    tokens: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """Return the sum, mean or maximum of the rows of a table that each sample's tokens look up, without the padding."""
    if tokens.ndim != 2 or max_norm is not None or (mode == "max" and padding_idx is not None):
        return _bag(
            tokens, weight, offsets, max_norm, norm_type, scale_grad_by_freq, mode, sparse, per_sample_weights,
            include_last_offset, padding_idx,
        )  # fmt: skip
    if padding_idx is not None:
        kept = torch.arange(len(weight)) != padding_idx % len(weight)
        weight = weight * kept.to(weight.dtype).unsqueeze(1)
    rows = F.embedding(tokens, weight)
    if per_sample_weights is not None:
        rows = rows * per_sample_weights.unsqueeze(-1)
    if mode == "max":
        return rows.amax(1)
    if mode == "sum" or padding_idx is None:
        return rows.sum(1) if mode == "sum" else rows.mean(1)
    count = (tokens != padding_idx % len(weight)).to(rows.dtype).sum(1, keepdim=True)
    return rows.sum(1) / count.clamp(min=1)


@contextmanager
def written_out() -> Iterator[None]:
    """Let networks that are exported inside compute both in plain functions."""
    with (
        mock.patch.object(torch, "cdist", distances),
        mock.patch.object(torch.functional, "cdist", distances),
        mock.patch.object(F, "embedding_bag", bags),
    ):
        yield
