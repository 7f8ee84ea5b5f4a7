"""What each linear map computes, in numpy: the meaning that every backend must agree with."""

from collections.abc import Iterable
from functools import singledispatch
from itertools import product
from typing import Any

import numpy as np
from numpy import ndarray

from neurobridge.graph import maps


@singledispatch
def apply(linear: maps.LinearMap, x: ndarray, rank: int) -> ndarray:
    """Return the map of `x`, axes in front of those of one sample kept.

    Args:
        linear: any map.
        x: numbers whose last axes are those of one sample.
        rank: how many axes one sample has.

    Raises:
        TypeError: the kind of map has no rule here.
    """
    raise TypeError(f"no numpy rule for the map {type(linear).__name__}")


def _last(index: Iterable[Any]) -> Any:
    """Return an index into the last axes; those in front stay whole."""
    return (..., *index)


@apply.register
def _(linear: maps.Identity, x: ndarray, rank: int) -> ndarray:
    return x


@apply.register
def _(linear: maps.Dense, x: ndarray, rank: int) -> ndarray:
    return x @ linear.weight.T


@apply.register
def _(linear: maps.Along, x: ndarray, rank: int) -> ndarray:
    return np.moveaxis(np.moveaxis(x, linear.axis, -1) @ linear.weight.T, -1, linear.axis)


@apply.register
def _(linear: maps.Scale, x: ndarray, rank: int) -> ndarray:
    return np.asarray(x * linear.factor)


@apply.register
def _(linear: maps.Reshape, x: ndarray, rank: int) -> ndarray:
    return x.reshape((*x.shape[: x.ndim - rank], *linear.shape))


@apply.register
def _(linear: maps.Permute, x: ndarray, rank: int) -> ndarray:
    lead = x.ndim - rank
    return x.transpose(*range(lead), *(lead + axis for axis in linear.axes))


@apply.register
def _(linear: maps.Expand, x: ndarray, rank: int) -> ndarray:
    lead = x.shape[: x.ndim - rank]
    ones = (1,) * (len(linear.shape) - rank)
    return np.broadcast_to(x.reshape(*lead, *ones, *x.shape[len(lead) :]), (*lead, *linear.shape))


@apply.register
def _(linear: maps.Take, x: ndarray, rank: int) -> ndarray:
    taken = np.take(x, linear.indices, axis=linear.axis)
    return taken if linear.keep else taken.squeeze(linear.axis)


@apply.register
def _(linear: maps.Pad, x: ndarray, rank: int) -> ndarray:
    lead = x.ndim - len(linear.widths)
    return np.pad(x, [(0, 0)] * lead + list(linear.widths))


@apply.register
def _(linear: maps.AveragePool, x: ndarray, rank: int) -> ndarray:
    axes = len(linear.kernel)
    lead, spatial = x.shape[: x.ndim - axes], x.shape[x.ndim - axes :]
    out = pooled_shape(spatial, linear.kernel, linear.stride, linear.padding, (1,) * axes, linear.ceil_mode)
    y = np.zeros((*lead, *out), dtype=x.dtype)
    for cell in product(*map(range, out)):
        window, inside, padded = [], 1, 1
        for at, k, s, p, n in zip(cell, linear.kernel, linear.stride, linear.padding, spatial, strict=True):
            start, stop = at * s - p, min(at * s - p + k, n + p)
            padded *= stop - start
            start, stop = max(start, 0), min(stop, n)
            inside *= stop - start
            window.append(slice(start, stop))
        divisor = linear.divisor or (padded if linear.count_include_pad else inside)
        y[_last(cell)] = x[_last(window)].sum(axis=tuple(range(-axes, 0))) / divisor
    return y


def pooled_shape(
    spatial: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[int, ...],
    dilation: tuple[int, ...],
    ceil_mode: bool,
) -> tuple[int, ...]:
    """Return the spatial shape after pooling, PyTorch's rule: a window must start inside the input or left padding."""
    shape = []
    for n, k, s, p, d in zip(spatial, kernel, stride, padding, dilation, strict=True):
        room = n + 2 * p - d * (k - 1) - 1
        size = (room + (s - 1 if ceil_mode else 0)) // s + 1
        if ceil_mode and (size - 1) * s >= n + p:
            size -= 1
        shape.append(size)
    return tuple(shape)


@apply.register
def _(linear: maps.Convolve, x: ndarray, rank: int) -> ndarray:
    lead = x.shape[: -len(linear.stride) - 1]
    flat = x.reshape(-1, *x.shape[len(lead) :])
    y = _transposed(linear, flat) if linear.transposed else _correlate(linear, flat)
    return y.reshape(*lead, *y.shape[1:])


def _correlate(linear: maps.Convolve, x: ndarray) -> ndarray:
    weight, groups = linear.weight, linear.groups
    targets, kernel = weight.shape[0], weight.shape[2:]
    x = np.pad(x, [(0, 0), (0, 0), *((p, p) for p in linear.padding)])
    out = [
        (n - d * (k - 1) - 1) // s + 1
        for n, k, s, d in zip(x.shape[2:], kernel, linear.stride, linear.dilation, strict=True)
    ]
    y = np.zeros((len(x), groups, targets // groups, *out), dtype=np.result_type(x, weight))
    x = x.reshape(len(x), groups, -1, *x.shape[2:])
    weight = weight.reshape(groups, targets // groups, *weight.shape[1:])
    for tap in product(*map(range, kernel)):
        window = tuple(
            slice(t * d, t * d + (n - 1) * s + 1, s)
            for t, d, s, n in zip(tap, linear.dilation, linear.stride, out, strict=True)
        )
        y += np.einsum("bgc...,goc->bgo...", x[_last(window)], weight[_last(tap)])
    return y.reshape(len(x), targets, *out)


def _transposed(linear: maps.Convolve, x: ndarray) -> ndarray:
    weight, groups = linear.weight, linear.groups
    kernel, targets = weight.shape[2:], weight.shape[1] * groups
    sizes = tuple(
        (n - 1) * s + d * (k - 1) + 1 + o
        for n, k, s, d, o in zip(
            x.shape[2:], kernel, linear.stride, linear.dilation, linear.output_padding, strict=True
        )
    )
    y = np.zeros((len(x), groups, targets // groups, *sizes), dtype=np.result_type(x, weight))
    x = x.reshape(len(x), groups, -1, *x.shape[2:])
    weight = weight.reshape(groups, -1, *weight.shape[1:])
    for tap in product(*map(range, kernel)):
        window = tuple(
            slice(t * d, t * d + (n - 1) * s + 1, s)
            for t, d, s, n in zip(tap, linear.dilation, linear.stride, x.shape[3:], strict=True)
        )
        y[_last(window)] += np.einsum("bgc...,gco->bgo...", x, weight[_last(tap)])
    crop = tuple(slice(p, size - p) for p, size in zip(linear.padding, sizes, strict=True))
    return y.reshape(len(x), targets, *sizes)[_last(crop)]
