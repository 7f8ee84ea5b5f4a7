"""Softmax and attention, all in spikes: a race for the row maximum, exponential neurons, their sum, one over it."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy import ndarray
from torch import Tensor

from neurobridge.conversion.build import Builder
from neurobridge.conversion.rules.activations import reciprocal
from neurobridge.conversion.rules.arithmetic import as_result, averaged, inner_axes
from neurobridge.conversion.rules.comparisons import where
from neurobridge.conversion.rules.linear import array
from neurobridge.conversion.rules.maxima import largest
from neurobridge.conversion.rules.rule import Rules
from neurobridge.conversion.signals import Signal
from neurobridge.errors import UnsupportedOperationError
from neurobridge.graph import maps

FAR_BELOW = 100.0
"""What masked numbers are lowered by where minus infinity cannot be: exp(-100) is no number of any code."""


def exponentials(build: Builder, x: Signal, axis: int) -> tuple[Signal, Signal, Signal, Signal]:
    """Return m, x - m, exp(x - m) and its sum over an axis of one sample, m the coded maximum over that axis.

    Without the maximum no number of steps is enough. It need not be exact: a softmax does not change with it, and the
    exponential neurons' range is calibrated with the rest.
    """
    mask, x = x.mask, x.moved(mask=None)
    top = largest(build, x, [axis], mask=None if mask is None else np.broadcast_to(mask, x.shape))
    wide = build.routed(top, maps.Expand(shape=x.shape))
    minus = maps.Scale(factor=np.array(-1.0))
    if mask is None:
        below = build.synapses([x, wide], [maps.Identity(), minus], suffix="below")
    else:
        keep = np.broadcast_to(mask, x.shape).astype(float)
        linears: list[maps.LinearMap] = [maps.Scale(factor=keep), maps.Scale(factor=-keep)]
        below = build.synapses([x, wide], linears, -FAR_BELOW * (1 - keep), suffix="below")
    powers = build.neurons(below, "exp")
    return top, below, powers, averaged(build, powers, [axis], mean=False)


def softmax(build: Builder, x: Signal, axis: int, dtype: object = None) -> Signal:
    """exp(x) / sum exp(x) over an axis: the spikes of one over the sum release the exponentials."""
    inner = x.axis(axis)
    *_, powers, total = exponentials(build, x, inner)
    inverse = build.routed(reciprocal(build, total), maps.Expand(shape=x.shape))
    return build.gate(powers, inverse)


def log_softmax(build: Builder, x: Signal, axis: int, dtype: object = None) -> Signal:
    """X - log sum exp(x) over an axis."""
    _, below, _, total = exponentials(build, x, x.axis(axis))
    spread = build.routed(build.neurons(total, "log", offset=True), maps.Expand(shape=x.shape))
    return build.synapses([below, spread], [maps.Identity(), maps.Scale(factor=np.array(-1.0))])


def log_sum_exp(build: Builder, x: Signal, axes: Sequence[int] | int, keep: bool = False) -> Signal:
    """The log of sum exp(x) over axes: m + log sum exp(x - m)."""
    for axis in inner_axes(x, axes):
        top, _, _, total = exponentials(build, x, axis)
        logarithm = build.neurons(total, "log", offset=True)
        x = build.synapses([top, logarithm], [maps.Identity(), maps.Identity()], suffix="log-sum")
    return as_result(build, x)


def attention(
    build: Builder,
    query: Signal,
    key: Signal,
    value: Signal,
    mask: Signal | Tensor | None = None,
    dropout: float = 0.0,
    causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Signal:
    """softmax(q k^T / sqrt d) v: spikes of q release k, those of the exponentials v, then one over the sum."""
    if dropout:
        raise UnsupportedOperationError("it drops at random even in evaluation; pass dropout_p=0 outside training")
    if enable_gqa:
        raise UnsupportedOperationError("it shares keys between groups of heads; repeat the keys first")
    factor = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    lead = "abcdefgh"[: len(query.shape) - 2]
    rows, columns = query.shape[-2], key.shape[-2]
    scores = build.gate(query, key, f"{lead}id,{lead}jd->{lead}ij", (*query.shape[:-1], columns))
    scores = build.synapses([scores], [maps.Scale(factor=np.array(factor))], suffix="scores").moved(channel=None)
    scores = _masked(build, scores, mask, np.tri(rows, columns, dtype=bool) if causal else None)
    *_, powers, total = exponentials(build, scores, -1)
    shape = (*query.shape[:-1], value.shape[-1])
    mixed = build.gate(powers, value, f"{lead}ij,{lead}jd->{lead}id", shape)
    inverse = build.routed(reciprocal(build, total), maps.Expand(shape=shape))
    return build.gate(inverse, mixed).moved(channel=None)


def _masked(build: Builder, scores: Signal, mask: Signal | Tensor | None, allowed: ndarray | None) -> Signal:
    """Return the scores, forbidden places marked by a constant or lowered by a signal (0 or minus infinity there)."""
    if isinstance(mask, Tensor):
        table = _without_samples(mask.cpu().numpy(), scores)
        shift = None if table.dtype == bool else np.where(np.isfinite(table) & (table > -1e4), table, 0.0)
        kept = table if table.dtype == bool else table > -1e4
        allowed = kept if allowed is None else allowed & kept
        if shift is not None and np.any(shift):
            scores = build.synapses([scores], [maps.Identity()], np.asarray(shift, dtype=float), suffix="shifted")
    elif isinstance(mask, Signal):
        wide = build.routed(mask, maps.Expand(shape=scores.shape)) if mask.shape != scores.shape else mask
        scores = build.synapses([scores, wide], [maps.Identity(), maps.Identity()], suffix="masked").moved(channel=None)
    return scores if allowed is None else scores.moved(mask=allowed)


def _without_samples(table: ndarray, like: Signal) -> ndarray:
    """Return a constant without the axis of the samples, on which it must not depend."""
    back = like.samples.axis - like.rank
    if like.samples.alone and table.ndim >= -back:
        return table.squeeze(back)
    return table


def masked_fill(build: Builder, x: Signal | Tensor, mask: Signal | Tensor, value: float | Tensor) -> Signal:
    """X, and `value` where the mask is true: minus infinity is kept as a mark for the softmax."""
    number = float(value)
    if isinstance(mask, Signal):
        if number > -1e4:
            return where(build, mask, number, x)
        wide = build.broadcast(mask)
        if not isinstance(x, Signal):
            lowered = [maps.Scale(factor=np.array(-FAR_BELOW))]
            return build.synapses([wide], lowered, build.sample_array(x), suffix="masked")
        return build.synapses([x, wide], [maps.Identity(), maps.Scale(factor=np.array(-FAR_BELOW))], suffix="masked")
    table = build.sample_array(mask) > 0.5
    if number <= -1e4:
        keep = ~table if x.mask is None else ~table & x.mask
        return x.moved(mask=np.broadcast_to(keep, x.shape))
    keep = np.where(table, 0.0, 1.0)
    shift = np.where(table, number, 0.0)
    return build.synapses([x], [maps.Scale(factor=keep)], shift, channel=x.channel)  # type: ignore[list-item]


def embedding(build: Builder, weight: Tensor, tokens: Signal | Sequence[int], *options: object) -> Signal:
    """A row of a table for each token: the synapses of its one-hot spike."""
    if not isinstance(tokens, Signal):
        raise UnsupportedOperationError("its table depends on the input; only constant tables are supported")
    spikes, route = build.tokens(tokens, len(weight))
    x = build.synapses([spikes], [maps.Dense(weight=array(weight).T)], channel=-1)
    for linear in route:
        x = build.routed(x, _with_one_more_axis(linear, x.shape[-1]), channel=-1)
    return x.moved(samples=tokens.samples)


def _with_one_more_axis(linear: maps.LinearMap, size: int) -> maps.LinearMap:
    """Return a map that moves rows of `size` numbers as the given one moves single numbers."""
    match linear:
        case maps.Permute():
            return maps.Permute(axes=(*linear.axes, len(linear.axes)))
        case maps.Reshape() | maps.Expand():
            return replace(linear, shape=(*linear.shape, size))
        case maps.Take():
            return replace(linear, axis=linear.axis - 1)
        case _:
            raise UnsupportedOperationError("its tokens were padded or scaled; pad them outside the network")


RULES: Rules = {
    "softmax": softmax,
    "_softmax": softmax,
    "_safe_softmax": softmax,
    "log_softmax": log_softmax,
    "_log_softmax": log_softmax,
    "logsumexp": log_sum_exp,
    "scaled_dot_product_attention": attention,
    "masked_fill": masked_fill,
    "embedding": embedding,
}
