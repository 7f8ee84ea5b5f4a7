"""Lengths and spreads over axes: norms, variance, standard deviation."""

import math
from collections.abc import Sequence

import numpy as np

from neurobridge.conversion.build import Builder
from neurobridge.conversion.rules.activations import absolute, square
from neurobridge.conversion.rules.arithmetic import as_result, averaged, centred, inner_axes
from neurobridge.conversion.rules.maxima import largest
from neurobridge.conversion.rules.rule import Rules
from neurobridge.conversion.signals import Signal
from neurobridge.errors import UnsupportedOperationError
from neurobridge.graph import maps

Axes = Sequence[int] | int | None


def vector_norm(
    build: Builder, x: Signal, order: float = 2, axes: Axes = None, keep: bool = False, dtype: object = None
) -> Signal:
    """(sum |x|^p)^(1/p) over axes, for p = 1, 2 and infinity."""
    inner = inner_axes(x, axes)
    if order == 1:
        return as_result(build, averaged(build, absolute(build, x), inner, mean=False))
    if order == math.inf:
        return as_result(build, largest(build, absolute(build, x), inner))
    if order != 2:
        raise UnsupportedOperationError(f"it is a norm of order {order}; 1, 2 and infinity are supported")
    return as_result(build, build.neurons(averaged(build, square(build, x), inner, mean=False), "sqrt"))


def norm(build: Builder, x: Signal, order: float | None = 2, axes: Axes = None, keep: bool = False) -> Signal:
    """The older name of a vector norm."""
    return vector_norm(build, x, 2 if order is None else order, axes, keep)


def variance(
    build: Builder,
    x: Signal,
    axes: Axes = None,
    unbiased: bool = True,
    keep: bool = False,
    *,
    correction: float | None = None,
    keepdim: bool = False,
) -> Signal:
    """The sum of (x - mean)^2 over axes, divided by n - correction."""
    return as_result(build, _variance(build, x, inner_axes(x, axes), unbiased if correction is None else correction))


def deviation(build: Builder, x: Signal, axes: Axes = None, *arguments: bool, **options: object) -> Signal:
    """The square root of the variance."""
    return build.neurons(variance(build, x, axes, *arguments, **options), "sqrt")  # type: ignore[arg-type]


def _variance(build: Builder, x: Signal, axes: Sequence[int], correction: float) -> Signal:
    count = math.prod(x.shape[axis] for axis in axes)
    total = averaged(build, square(build, centred(build, x, axes)), axes, mean=False)
    return build.synapses([total], [maps.Scale(factor=np.array(1 / (count - correction)))], suffix="variance")


RULES: Rules = {"linalg_vector_norm": vector_norm, "norm": norm, "var": variance, "std": deviation}
