"""The shape of what a linear map returns for one sample."""

from functools import singledispatch
from math import prod

from neurobridge.graph import maps
from neurobridge.graph.apply import pooled_shape

Shape = tuple[int, ...]


@singledispatch
def mapped_shape(linear: maps.LinearMap, shape: Shape) -> Shape:
    """Return the shape of the map of a sample of `shape`.

    Raises:
        ValueError: the map does not take a sample of that shape.
    """
    raise ValueError(f"no shape rule for the map {type(linear).__name__}")


def _require(holds: bool, linear: maps.LinearMap, shape: Shape) -> None:
    if not holds:
        raise ValueError(f"{type(linear).__name__} cannot take a sample of shape {shape}")


@mapped_shape.register
def _(linear: maps.Identity, shape: Shape) -> Shape:
    return shape


@mapped_shape.register
def _(linear: maps.Scale, shape: Shape) -> Shape:
    size = linear.factor.shape
    fits = len(size) <= len(shape) and all(a in (1, b) for a, b in zip(size[::-1], shape[::-1], strict=False))
    _require(fits, linear, shape)
    return shape


@mapped_shape.register
def _(linear: maps.Dense, shape: Shape) -> Shape:
    _require(bool(shape) and shape[-1] == linear.weight.shape[1], linear, shape)
    return (*shape[:-1], linear.weight.shape[0])


@mapped_shape.register
def _(linear: maps.Along, shape: Shape) -> Shape:
    fits = -len(shape) <= linear.axis < 0 and shape[linear.axis] == linear.weight.shape[1]
    _require(fits, linear, shape)
    at = len(shape) + linear.axis
    return (*shape[:at], linear.weight.shape[0], *shape[at + 1 :])


@mapped_shape.register
def _(linear: maps.Reshape, shape: Shape) -> Shape:
    _require(prod(shape) == prod(linear.shape), linear, shape)
    return linear.shape


@mapped_shape.register
def _(linear: maps.Permute, shape: Shape) -> Shape:
    _require(sorted(linear.axes) == list(range(len(shape))), linear, shape)
    return tuple(shape[axis] for axis in linear.axes)


@mapped_shape.register
def _(linear: maps.Expand, shape: Shape) -> Shape:
    fits = len(shape) <= len(linear.shape) and all(
        a in (1, b) for a, b in zip(shape[::-1], linear.shape[::-1], strict=False)
    )
    _require(fits, linear, shape)
    return linear.shape


@mapped_shape.register
def _(linear: maps.Take, shape: Shape) -> Shape:
    fits = -len(shape) <= linear.axis < 0 and bool(linear.indices) and (linear.keep or len(linear.indices) == 1)
    _require(fits and all(-shape[linear.axis] <= i < shape[linear.axis] for i in linear.indices), linear, shape)
    at = len(shape) + linear.axis
    return (*shape[:at], *((len(linear.indices),) if linear.keep else ()), *shape[at + 1 :])


@mapped_shape.register
def _(linear: maps.Pad, shape: Shape) -> Shape:
    _require(len(linear.widths) <= len(shape) and all(min(pair) >= 0 for pair in linear.widths), linear, shape)
    lead = len(shape) - len(linear.widths)
    grown = (n + a + b for n, (a, b) in zip(shape[lead:], linear.widths, strict=True))
    return (*shape[:lead], *grown)


@mapped_shape.register
def _(linear: maps.AveragePool, shape: Shape) -> Shape:
    rank = len(linear.kernel)
    whole = len(linear.stride) == len(linear.padding) == rank and 1 <= rank <= min(3, len(shape))
    divides = linear.divisor is None or (linear.divisor >= 1 and rank > 1)  # PyTorch has none in one dimension
    _require(whole and divides and min(linear.kernel + linear.stride) >= 1, linear, shape)
    _require(all(0 <= p <= k // 2 for p, k in zip(linear.padding, linear.kernel, strict=True)), linear, shape)
    ones = (1,) * rank
    spatial = pooled_shape(shape[-rank:], linear.kernel, linear.stride, linear.padding, ones, linear.ceil_mode)
    return _positive((*shape[:-rank], *spatial), linear, shape)


@mapped_shape.register
def _(linear: maps.Convolve, shape: Shape) -> Shape:
    rank, weight, groups = len(linear.stride), linear.weight.shape, linear.groups
    _require(_is_convolution(linear), linear, shape)
    sources = weight[0] if linear.transposed else weight[1] * groups
    targets = weight[1] * groups if linear.transposed else weight[0]
    _require(len(shape) > rank and shape[-rank - 1] == sources, linear, shape)
    rows = zip(shape[-rank:], weight[2:], linear.stride, linear.padding, linear.dilation, strict=True)
    if linear.transposed:
        extra = linear.output_padding
        out = ((n - 1) * s - 2 * p + d * (k - 1) + 1 + o for (n, k, s, p, d), o in zip(rows, extra, strict=True))
    else:
        out = ((n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in rows)
    return _positive((*shape[: -rank - 1], targets, *out), linear, shape)


def _is_convolution(linear: maps.Convolve) -> bool:
    """Return whether the numbers of a convolution are such as PyTorch takes."""
    rank, weight, extra = len(linear.stride), linear.weight.shape, linear.output_padding
    lengths = {rank, len(linear.padding), len(linear.dilation), len(weight) - 2, len(extra) if extra else rank}
    if lengths != {rank} or not 1 <= rank <= 3 or (linear.transposed and not extra):
        return False
    gaps = (max(s, d) for s, d in zip(linear.stride, linear.dilation, strict=True))
    return (
        min(linear.stride + linear.dilation + weight) >= 1
        and min(linear.padding) >= 0
        and linear.groups >= 1
        and weight[0] % linear.groups == 0
        and all(0 <= o < gap for o, gap in zip(extra, gaps, strict=False))
    )


def _positive(found: Shape, linear: maps.LinearMap, shape: Shape) -> Shape:
    _require(min(found) >= 1, linear, shape)
    return found
