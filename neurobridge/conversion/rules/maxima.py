"""Maxima and minima over axes and of two tensors."""

from collections.abc import Sequence

from neurobridge.conversion.build import Builder
from neurobridge.conversion.rules.activations import negative
from neurobridge.conversion.rules.arithmetic import as_result, inner_axes
from neurobridge.conversion.rules.pooling import larger, largest_of
from neurobridge.conversion.rules.rule import Rules
from neurobridge.conversion.signals import Signal
from neurobridge.errors import UnsupportedOperationError
from neurobridge.graph import maps


def largest(build: Builder, x: Signal, axes: Sequence[int], mask: object = None) -> Signal:
    """Return the maximum over axes of one sample, which stay with length one."""
    shape = tuple(1 if axis - len(x.shape) in axes else n for axis, n in enumerate(x.shape))
    if not build.streaming:
        return build.winner(x, shape, axes=tuple(axes), mask=mask)
    for axis in axes:
        rivals = [build.routed(x, maps.Take(indices=(i,), axis=axis), channel=x.channel) for i in range(x.shape[axis])]
        x = largest_of(build, rivals)
    return x


def amax(build: Builder, x: Signal, axes: Sequence[int] | int | None = None, keep: bool = False) -> Signal:
    """Maximum over axes."""
    return as_result(build, largest(build, x, inner_axes(x, axes)))


def amin(build: Builder, x: Signal, axes: Sequence[int] | int | None = None, keep: bool = False) -> Signal:
    """Minimum over axes."""
    return negative(build, amax(build, negative(build, x), axes, keep))


def maximum(build: Builder, x: Signal, other: Signal | int | None = None, keep: bool = False):
    """Maximum over an axis with its indices, or of two tensors."""
    if isinstance(other, Signal):
        return larger(build, build.broadcast(x), build.broadcast(other))
    values = None if build.used == frozenset({1}) else amax(build, x, other, keep)
    return values, argmax(build, x, other, keep)


def minimum(build: Builder, x: Signal, other: Signal | int | None = None, keep: bool = False):
    """Minimum over an axis with its indices, or of two tensors."""
    if isinstance(other, Signal):
        a, b = (negative(build, build.broadcast(part)) for part in (x, other))
        return negative(build, larger(build, a, b))
    values = None if build.used == frozenset({1}) else amin(build, x, other, keep)
    return values, argmin(build, x, other, keep)


def argmax(build: Builder, x: Signal, axis: int | None = None, keep: bool = False) -> Signal:
    """Place of the largest: read off the membranes of the outputs."""
    if axis is None:
        raise UnsupportedOperationError("it looks for one place among all samples; give it the axis of the choices")
    if x.mask is not None:
        raise UnsupportedOperationError("it chooses among numbers masked with minus infinity; only a softmax may")
    return x.moved(kind="choice", chosen=(x.axis(axis), keep))


def argmin(build: Builder, x: Signal, axis: int | None = None, keep: bool = False) -> Signal:
    """Place of the smallest."""
    return argmax(build, negative(build, x), axis, keep)


RULES: Rules = {
    "argmax": argmax,
    "argmin": argmin,
    "amax": amax,
    "amin": amin,
    "max": maximum,
    "min": minimum,
    "maximum": maximum,
    "minimum": minimum,
}
