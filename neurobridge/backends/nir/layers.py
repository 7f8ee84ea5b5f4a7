"""One linear map as one node of NIR, where NIR has such a node, and back."""

from functools import singledispatch
from math import prod
from typing import Any

import nir
import numpy as np
from numpy import ndarray

from neurobridge.errors import FileFormatError
from neurobridge.graph import maps

Shape = tuple[int, ...]
Layer = tuple[Any, bool] | str
"""A node and whether it took the bias, or why there is none."""


@singledispatch
def layer(linear: maps.LinearMap, source: Shape, target: Shape, bias: ndarray | None) -> Layer:
    """Return a map as a NIR node, with the bias if the node has one.

    Args:
        linear: the map.
        source: shape of what it takes.
        target: shape of what it gives.
        bias: added behind it.
    """
    return f"the map {type(linear).__name__}"


@layer.register
def _(linear: maps.Identity, source: Shape, target: Shape, bias: ndarray | None) -> Layer:
    """Return a node that adds a bias to what it gets: weights of one neuron to itself."""
    if len(source) == 1:
        return layer(maps.Dense(weight=np.eye(source[0])), source, target, bias)
    if len(source) in (2, 3):
        weight = np.eye(source[0]).reshape(source[0], source[0], *[1] * (len(source) - 1))
        ones = (1,) * (len(source) - 1)
        same = maps.Convolve(weight=weight, stride=ones, padding=(0,) * len(ones), dilation=ones)
        found = layer(same, source, target, bias)
        return found if not isinstance(found, str) and found[1] else "a bias that changes from place to place"
    return f"a bias on samples of shape {source}"


@layer.register
def _(linear: maps.Dense, source: Shape, target: Shape, bias: ndarray | None) -> Layer:
    if len(source) != 1:
        return f"a matrix along one axis of samples of shape {source}"
    if bias is None:
        return nir.Linear(weight=linear.weight), False
    return nir.Affine(weight=linear.weight, bias=np.array(np.broadcast_to(bias, target), dtype=float)), True


@layer.register
def _(linear: maps.Scale, source: Shape, target: Shape, bias: ndarray | None) -> Layer:
    return nir.Scale(scale=np.array(np.broadcast_to(linear.factor, target), dtype=float)), False


@layer.register
def _(linear: maps.Reshape, source: Shape, target: Shape, bias: ndarray | None) -> Layer:
    if len(target) != 1 or not source:
        return f"a change of shape from {source} to {target}"
    return nir.Flatten(input_type={"input": np.array(source)}, start_dim=0, end_dim=-1), False


@layer.register
def _(linear: maps.AveragePool, source: Shape, target: Shape, bias: ndarray | None) -> Layer:
    if len(linear.kernel) != 2 or len(source) != 3 or linear.ceil_mode:
        return "a pooling that is not two-dimensional or keeps windows beyond the border"
    sides = {"stride": np.array(linear.stride), "padding": np.array(linear.padding)}
    if linear.divisor == 1:
        return nir.SumPool2d(kernel_size=np.array(linear.kernel), **sides), False
    if linear.divisor is not None or (any(linear.padding) and not linear.count_include_pad):
        return "a pooling that divides by something else than its window"
    return nir.AvgPool2d(kernel_size=np.array(linear.kernel), **sides), False


@layer.register
def _(linear: maps.Convolve, source: Shape, target: Shape, bias: ndarray | None) -> Layer:
    rank = len(linear.stride)
    if linear.transposed or rank > 2 or len(source) > rank + 1:
        return "a transposed or three-dimensional convolution, or one of several pictures at once"
    weight = _without_groups(linear)
    if rank == 2 and weight.shape[2] != weight.shape[3]:
        return "a kernel that is not square, whose output the nir package gets wrong"
    whole = None if bias is None else np.broadcast_to(bias, target).reshape(target[0], -1)
    takes = whole is not None and bool(np.all(whole == whole[:, :1]))
    channels = whole[:, 0] if whole is not None and takes else np.zeros(target[0])
    sides = {name: getattr(linear, name) if rank == 2 else getattr(linear, name)[0] for name in _SIDES}
    kind, size = (nir.Conv2d, source[1:]) if rank == 2 else (nir.Conv1d, source[1])
    return kind(input_shape=size, weight=weight, groups=1, bias=np.array(channels, dtype=float), **sides), takes


_SIDES = ("stride", "padding", "dilation")


def _without_groups(linear: maps.Convolve) -> ndarray:
    """Return the kernel with zeros between groups: the nir package takes no channel count from groups."""
    if linear.groups == 1:
        return np.asarray(linear.weight)
    targets, per_group, *kernel = linear.weight.shape
    whole = np.zeros((targets, per_group * linear.groups, *kernel))
    size = targets // linear.groups
    for group in range(linear.groups):
        rows, columns = slice(group * size, (group + 1) * size), slice(group * per_group, (group + 1) * per_group)
        whole[rows, columns] = linear.weight[rows]
    return whole


def read_layer(name: str, node: Any, shape: Shape) -> tuple[maps.LinearMap, ndarray | None]:
    """Return the map and the bias of a NIR node that takes samples of `shape`.

    Raises:
        FileFormatError: a node that is no linear map, or has a padding that has no meaning here.
    """
    match node:
        case nir.Affine() | nir.Linear():
            if np.ndim(node.weight) != 2:
                raise FileFormatError(
                    f"NIR node {name!r} has weights of shape {np.shape(node.weight)}; it takes two axes"
                )
            return maps.Dense(weight=_numbers(node.weight)), _numbers(node.bias) if isinstance(
                node, nir.Affine
            ) else None
        case nir.Scale():
            return maps.Scale(factor=_numbers(node.scale)), None
        case nir.Flatten():
            return maps.Reshape(shape=_flattened(shape, int(node.start_dim), int(node.end_dim))), None
        case nir.SumPool2d() | nir.AvgPool2d():
            sides = {"kernel": node.kernel_size, "stride": node.stride, "padding": node.padding}
            divisor = 1 if isinstance(node, nir.SumPool2d) else None
            return maps.AveragePool(divisor=divisor, **{key: _several(x, 2) for key, x in sides.items()}), None
        case nir.Conv1d() | nir.Conv2d():
            return _convolution(name, node)
        case _:
            raise FileFormatError(f"NIR node {name!r} is a {type(node).__name__}, which neurobridge cannot read")


def _convolution(name: str, node: Any) -> tuple[maps.LinearMap, ndarray | None]:
    weight = _numbers(node.weight)
    rank = 2 if isinstance(node, nir.Conv2d) else 1
    stride, dilation = _several(node.stride, rank), _several(node.dilation, rank)
    if isinstance(node.padding, str | bytes):
        padding = _named_padding(name, node.padding, weight.shape[2:], stride, dilation)
    else:
        padding = _several(node.padding, rank)
    linear = maps.Convolve(weight=weight, stride=stride, padding=padding, dilation=dilation, groups=int(node.groups))
    return linear, _numbers(node.bias).reshape(-1, *[1] * rank)


def _named_padding(name: str, padding: Any, kernel: Shape, stride: Shape, dilation: Shape) -> Shape:
    reach = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    if padding in ("valid", b"valid"):
        return (0,) * len(kernel)
    if padding not in ("same", b"same") or any(s != 1 for s in stride) or any(r % 2 for r in reach):
        raise FileFormatError(
            f"NIR node {name!r} has the padding {padding!r}; write numbers, or 'same' with stride one and an odd kernel"
        )
    return tuple(r // 2 for r in reach)


def _flattened(shape: Shape, start: int, end: int) -> Shape:
    axes = range(len(shape))
    start, end = axes[start], axes[end]
    return (*shape[:start], prod(shape[start : end + 1]), *shape[end + 1 :])


def _numbers(x: Any) -> ndarray:
    return np.asarray(x, dtype=float)


def _several(x: Any, rank: int) -> tuple[int, ...]:
    return tuple(int(n) for n in np.broadcast_to(np.asarray(x), (rank,)))
