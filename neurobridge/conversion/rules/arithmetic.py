"""Sums, differences, products by constants and by signals, means over axes, concatenation."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from neurobridge.conversion.build import Builder
from neurobridge.conversion.signals import Signal
from neurobridge.errors import UnsupportedOperationError
from neurobridge.graph import maps

Operand = Signal | Tensor | float


def add(build: Builder, a: Operand, b: Operand, alpha: float = 1) -> Signal:
    """A + alpha b."""
    if not isinstance(a, Signal):
        return _affine(build, b, alpha, build.sample_array(a))
    if not isinstance(b, Signal):
        return _affine(build, a, 1, alpha * build.sample_array(b))
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


def divide(build: Builder, a: Operand, b: Operand) -> Signal:
    """A / b, by a population of 1 / b where b is a signal."""
    if not isinstance(b, Signal):
        return _affine(build, a, 1 / build.sample_array(b), None)
    inverse = build.broadcast(build.neurons(b, "reciprocal"))
    return multiply(build, a if not isinstance(a, Signal) else build.broadcast(a), inverse)


def reduce_axes(build: Builder, x: Signal, axes: Sequence[int] | int | None, keep: bool, mean: bool) -> Signal:
    """Sums or means over axes."""
    if axes is None or (isinstance(axes, Sequence) and not axes):
        raise UnsupportedOperationError("it reduces over the samples too; name the axes, as in mean(dim=1)")
    wanted = sorted({x.axis(axis) for axis in ([axes] if isinstance(axes, int) else axes)})
    for axis in wanted:
        n = x.shape[axis]
        row = np.full((1, n), 1 / n if mean else 1.0)
        x = build.synapses([x], [maps.Along(weight=row, axis=axis)], channel=x.channel)
    if keep:
        return x
    return build.routed(x, maps.Reshape(shape=build.shape), samples=_result_samples(build, x))


def _result_samples(build: Builder, x: Signal):
    axis = next(i for i, (_, holds) in enumerate(build.dims) if holds)
    return x.moved(samples=x.samples).samples.__class__(axis=axis, before=x.samples.before, alone=x.samples.alone)


def mean(
    build: Builder, x: Signal, axes: Sequence[int] | None = None, keep: bool = False, dtype: object = None
) -> Signal:
    """Means over axes."""
    return reduce_axes(build, x, axes, keep, mean=True)


def total(
    build: Builder, x: Signal, axes: Sequence[int] | None = None, keep: bool = False, dtype: object = None
) -> Signal:
    """Sums over axes."""
    return reduce_axes(build, x, axes, keep, mean=False)


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


RULES = {
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
    "mean": mean,
    "sum": total,
    "cat": concatenate,
    "concat": concatenate,
}
