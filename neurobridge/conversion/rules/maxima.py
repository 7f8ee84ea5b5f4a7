"""Maxima and minima over axes and of two tensors."""

from collections.abc import Sequence

from neurobridge.conversion.build import Builder
from neurobridge.conversion.rules.activations import negative
from neurobridge.conversion.rules.arithmetic import as_result, inner_axes
from neurobridge.conversion.rules.pooling import larger, largest_of, only_values
from neurobridge.conversion.rules.rule import Rules
from neurobridge.conversion.signals import Signal
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
    only_values(build)
    return amax(build, x, other, keep), None


def minimum(build: Builder, x: Signal, other: Signal | int | None = None, keep: bool = False):
    """Minimum over an axis with its indices, or of two tensors."""
    if isinstance(other, Signal):
        a, b = (negative(build, build.broadcast(part)) for part in (x, other))
        return negative(build, larger(build, a, b))
    only_values(build)
    return amin(build, x, other, keep), None


RULES: Rules = {"amax": amax, "amin": amin, "max": maximum, "min": minimum, "maximum": maximum, "minimum": minimum}
