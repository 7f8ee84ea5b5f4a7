"""Running products along an axis, and the product of all its entries: pairs of signals multiplied by gates."""

import numpy as np

from neurobridge.conversion.build import Builder
from neurobridge.conversion.rules.arithmetic import as_result, inner_axes
from neurobridge.conversion.rules.rule import Rules
from neurobridge.conversion.signals import Signal
from neurobridge.errors import UnsupportedOperationError
from neurobridge.graph import maps

LONGEST = 64
"""Entries of an axis; each of the log2 so many products in a row is coded anew, and adds an error of its own."""


def cumulative_product(build: Builder, x: Signal, axis: int, dtype: object = None) -> Signal:
    """Products of all entries up to each: y_i <- y_i y_(i - 2^k) for k = 0, 1 ... (Hillis and Steele 1986)."""
    inner = x.axis(axis)
    length, reach = _length(x, inner), 1
    while reach < length:
        x = build.identity(x)
        x = build.gate(x, _moved(build, x, inner, np.eye(length, k=-reach))).moved(channel=None)
        reach *= 2
    return x


def product(build: Builder, x: Signal, axis: int | None = None, keep: bool = False, dtype: object = None) -> Signal:
    """The product of all entries of an axis: the first half of them times the second, until one is left."""
    (inner,) = inner_axes(x, axis)
    while (length := _length(x, inner)) > 1:
        half = (length + 1) // 2
        x = build.identity(x)
        first, second = (_moved(build, x, inner, np.eye(half, length, k=k)) for k in (0, half))
        x = build.gate(build.identity(first), second).moved(channel=None)
    return as_result(build, x)


def _length(x: Signal, inner: int) -> int:
    if x.shape[inner] > LONGEST:
        raise UnsupportedOperationError(
            f"it multiplies {x.shape[inner]} numbers with each other; at most {LONGEST} are coded exactly enough. "
            "Sum their logarithms, if they are positive"
        )
    return x.shape[inner]


def _moved(build: Builder, x: Signal, inner: int, places: np.ndarray) -> Signal:
    """Return entries of an axis at other places, and one where none comes to."""
    ones = (places.sum(axis=1) == 0).astype(float).reshape(-1, *[1] * (-inner - 1))
    return build.synapses([x], [maps.Along(weight=places, axis=inner)], ones if ones.any() else None, suffix="moved")


RULES: Rules = {"cumprod": cumulative_product, "prod": product}
