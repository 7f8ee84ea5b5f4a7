"""Sums, differences, products by constants and by signals, means over axes, concatenation."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from torch import Tensor

from neurobridge.conversion.build import Builder
from neurobridge.conversion.rules.activations import rounded
from neurobridge.conversion.rules.rule import Rules
from neurobridge.conversion.signals import Signal
from neurobridge.errors import UnsupportedOperationError
from neurobridge.graph import maps

MINUS_INFINITY = -1e4
"""What is added to mask a number out of a softmax is this or less, in every published network."""

Operand = Signal | Tensor | float


def add(build: Builder, a: Operand, b: Operand, alpha: float = 1) -> Signal:
    """A + alpha b."""
    if not isinstance(a, Signal):
        return _affine(build, b, alpha, build.sample_array(a))
    if not isinstance(b, Signal):
        shift = np.asarray(alpha * build.sample_array(b))
        keep = shift > MINUS_INFINITY
        moved = _affine(build, a, 1, np.where(keep, shift, 0.0))
        return moved if keep.all() else moved.moved(mask=keep)
    a, b = build.broadcast(a), build.broadcast(b)
    channel = a.channel if a.channel == b.channel else None
    return build.synapses([a, b], [maps.Identity(), _scale(alpha)], channel=channel)


def subtract(build: Builder, a: Operand, b: Operand, alpha: float = 1) -> Signal:
    """A - alpha b."""
    return add(build, a, b, -alpha)


def reverse_subtract(build: Builder, a: Operand, b: Operand, alpha: float = 1) -> Signal:
    """B - alpha a."""
    return add(build, b, a, -alpha)


def negate(build: Builder, x: Signal) -> Signal:
    """-x."""
    return _affine(build, x, -1, None)


def _scale(factor: float) -> maps.LinearMap:
    return maps.Identity() if factor == 1 else maps.Scale(factor=np.array(float(factor)))


def _affine(build: Builder, x: Signal, factor: float | np.ndarray, shift: np.ndarray | None) -> Signal:
    """Return factor * x + shift, broadcast to the result."""
    x = build.broadcast(x)
    return build.synapses([x], [maps.Scale(factor=np.asarray(factor, dtype=float))], shift, channel=x.channel)


def multiply(build: Builder, a: Operand, b: Operand) -> Signal:
    """A b: a scale if one is constant, else a gate."""
    if not isinstance(a, Signal):
        a, b = b, a
    if not isinstance(b, Signal):
        return _affine(build, a, build.sample_array(b), None)
    return build.gate(build.broadcast(a), build.broadcast(b))


def divide(build: Builder, a: Operand, b: Operand, rounding_mode: str | None = None) -> Signal:
    """A / b, by a population of 1 / b where b is a signal."""
    if rounding_mode not in (None, "floor"):
        raise UnsupportedOperationError(f"it rounds its quotient by {rounding_mode!r}; floor is supported")
    if isinstance(b, Signal):
        inverse = build.broadcast(build.neurons(b, "reciprocal", offset=True))
        ratio = multiply(build, a if not isinstance(a, Signal) else build.broadcast(a), inverse)
    else:
        ratio = _affine(build, a, np.asarray(1 / build.sample_array(b)), None)
    return ratio if rounding_mode is None else rounded("floor")(build, ratio)


def floor_divide(build: Builder, a: Operand, b: Operand) -> Signal:
    """The largest whole number not above a / b."""
    return divide(build, a, b, "floor")


def inner_axes(x: Signal, axes: Sequence[int] | int | None) -> list[int]:
    """Return axes of a tensor as axes of one sample.

    Raises:
        UnsupportedOperationError: the axis of the samples is among them, or none is named.
    """
    if axes is None or (isinstance(axes, Sequence) and not axes):
        raise UnsupportedOperationError("it reduces over the samples too; name the axes, as in mean(dim=1)")
    return sorted({x.axis(axis) for axis in ([axes] if isinstance(axes, int) else axes)})


def averaged(build: Builder, x: Signal, axes: Sequence[int], mean: bool = True) -> Signal:
    """Return means or sums over axes of one sample, which stay with length one."""
    for axis in axes:
        n = x.shape[axis]
        row = np.full((1, n), 1 / n if mean else 1.0)
        x = build.synapses(
            [x], [maps.Along(weight=row, axis=axis)], channel=x.channel, suffix="mean" if mean else "sum"
        )
    return x


def centred(build: Builder, x: Signal, axes: Sequence[int]) -> Signal:
    """Return numbers less their mean over axes of one sample."""
    mean = build.routed(averaged(build, x, axes), maps.Expand(shape=x.shape))
    less = build.synapses([x, mean], [maps.Identity(), maps.Scale(factor=np.array(-1.0))], suffix="centred")
    return less.moved(channel=None)


def as_result(build: Builder, x: Signal) -> Signal:
    """Return the numbers of `x` in the shape of the current operation's result."""
    axis = next(i for i, (_, holds) in enumerate(build.dims) if holds)
    samples = replace(x.samples, axis=axis)
    if x.shape == build.shape:
        return x.moved(samples=samples)
    return build.routed(x, maps.Reshape(shape=build.shape), samples=samples)


def mean(
    build: Builder, x: Signal, axes: Sequence[int] | None = None, keep: bool = False, dtype: object = None
) -> Signal:
    """Means over axes."""
    return as_result(build, averaged(build, x, inner_axes(x, axes)))


def total(
    build: Builder, x: Signal, axes: Sequence[int] | None = None, keep: bool = False, dtype: object = None
) -> Signal:
    """Sums over axes."""
    return as_result(build, averaged(build, x, inner_axes(x, axes), mean=False))


def cumulative_sum(build: Builder, x: Signal, axis: int, dtype: object = None) -> Signal:
    """Sums of all entries up to each, along an axis."""
    inner = x.axis(axis)
    ones = np.tril(np.ones((x.shape[inner], x.shape[inner])))
    return build.synapses([x], [maps.Along(weight=ones, axis=inner)], channel=x.channel)


def stack(build: Builder, parts: Sequence[Operand], axis: int = 0) -> Signal:
    """Parts along a new axis."""
    return concatenate(build, [as_entry(build, part, axis) for part in parts], axis)


def as_entry(build: Builder, part: Signal | Tensor, axis: int) -> Signal | Tensor:
    """Return one entry of an axis of the current operation's result, that axis with length one."""
    if not isinstance(part, Signal):
        return part.unsqueeze(axis)
    dims = build.dims
    build.dims = [(1, False) if i == axis % len(dims) else dim for i, dim in enumerate(dims)]
    entry = as_result(build, part)
    build.dims = dims
    return entry


def concatenate(build: Builder, parts: Sequence[Operand], axis: int = 0) -> Signal:
    """Parts one after another along an axis: each takes its place among zeros."""
    first = next(part for part in parts if isinstance(part, Signal))
    inner = first.axis(axis)
    at, linears, sources = 0, [], []
    size = build.shape[inner]
    bias = np.zeros(build.shape)
    for part in parts:
        constant = None if isinstance(part, Signal) else build.sample_array(part)
        n = part.shape[inner] if isinstance(part, Signal) else constant.shape[inner]
        widths = [(0, 0)] * -inner
        widths[0] = (at, size - at - n)
        if isinstance(part, Signal):
            linears.append(maps.Pad(widths=tuple(widths)))
            sources.append(part)
        else:
            place = [slice(None)] * bias.ndim
            place[inner] = slice(at, at + n)
            bias[tuple(place)] = constant
        at += n
    channels = {part.channel for part in sources}
    channel = channels.pop() if len(channels) == 1 else None
    return build.synapses(sources, linears, bias if np.any(bias) else None, channel=channel)


RULES: Rules = {
    "add": add,
    "sub": subtract,
    "subtract": subtract,
    "rsub": reverse_subtract,
    "neg": negate,
    "mul": multiply,
    "multiply": multiply,
    "div": divide,
    "divide": divide,
    "true_divide": divide,
    "floor_divide": floor_divide,
    "mean": mean,
    "sum": total,
    "cumsum": cumulative_sum,
    "stack": stack,
    "cat": concatenate,
    "concat": concatenate,
}
