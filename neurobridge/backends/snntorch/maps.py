"""Each linear map of the graph as a PyTorch module; weights are parameters."""

from functools import singledispatch

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from neurobridge.graph import maps
from neurobridge.graph.shapes import Shape, mapped_shape


@singledispatch
def build(linear: maps.LinearMap, shape: Shape, dtype: torch.dtype) -> nn.Module:
    """Return the module of a map that takes samples of `shape`, with any axes in front.

    Raises:
        TypeError: the kind of map has no module.
    """
    raise TypeError(f"no PyTorch module for the map {type(linear).__name__}")


def frozen(array: np.ndarray, dtype: torch.dtype) -> nn.Parameter:
    """Return an array as a parameter that does not ask for gradients until fine-tuning does."""
    return nn.Parameter(torch.as_tensor(np.array(array), dtype=dtype), requires_grad=False)


class _Structural(nn.Module):
    """A map without weights, given by a function of the tensor."""

    def __init__(self, linear: maps.LinearMap, shape: Shape) -> None:
        super().__init__()
        self.linear = linear
        self.rank = len(shape)
        self.target = mapped_shape(linear, shape)

    def extra_repr(self) -> str:
        return f"{type(self.linear).__name__}{self.target}"


@build.register
def _(linear: maps.Identity, shape: Shape, dtype: torch.dtype) -> nn.Module:
    return nn.Identity()


class Dense(nn.Module):
    """y = x W^T over the last axis."""

    def __init__(self, linear: maps.Dense, dtype: torch.dtype) -> None:
        super().__init__()
        self.weight = frozen(linear.weight, dtype)

    def forward(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        """Return the map of `x`, plus a bias per target; whole numbers are tokens, each a one-hot spike."""
        if not x.is_floating_point():
            looked_up = functional.embedding(x, self.weight.t())
            return looked_up if bias is None else looked_up + bias
        return functional.linear(x, self.weight, bias)


@build.register
def _(linear: maps.Dense, shape: Shape, dtype: torch.dtype) -> nn.Module:
    return Dense(linear, dtype)


class Along(nn.Module):
    """A matrix along one axis."""

    def __init__(self, linear: maps.Along, dtype: torch.dtype) -> None:
        super().__init__()
        self.weight = frozen(linear.weight, dtype)
        self.axis = linear.axis

    def forward(self, x: Tensor) -> Tensor:
        """Return the map of `x`."""
        return functional.linear(x.transpose(self.axis, -1), self.weight).transpose(self.axis, -1)


@build.register
def _(linear: maps.Along, shape: Shape, dtype: torch.dtype) -> nn.Module:
    return Along(linear, dtype)


class Scale(nn.Module):
    """y = factor * x."""

    def __init__(self, linear: maps.Scale, dtype: torch.dtype) -> None:
        super().__init__()
        self.factor = frozen(linear.factor, dtype)

    def forward(self, x: Tensor) -> Tensor:
        """Return the map of `x`."""
        return x * self.factor


@build.register
def _(linear: maps.Scale, shape: Shape, dtype: torch.dtype) -> nn.Module:
    return Scale(linear, dtype)


class Convolve(nn.Module):
    """Cross-correlation, or its adjoint, in one to three dimensions."""

    def __init__(self, linear: maps.Convolve, dtype: torch.dtype) -> None:
        super().__init__()
        self.weight = frozen(linear.weight, dtype)
        self.linear = linear
        self.rank = len(linear.stride)
        name = f"conv{'_transpose' if linear.transposed else ''}{self.rank}d"
        self.function = getattr(functional, name)
        self.options = {k: getattr(linear, k) for k in ("stride", "padding", "dilation", "groups")}
        if linear.transposed:
            self.options["output_padding"] = linear.output_padding

    def extra_repr(self) -> str:
        """Return the size of the kernel, for people."""
        return f"{tuple(self.weight.shape)}, {self.options}"

    def forward(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        """Return the map of `x`, plus a bias per channel."""
        return self.with_weight(x, self.weight, bias)

    def with_weight(self, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        """Return the map of `x` with another kernel of the same shape."""
        lead = x.shape[: -self.rank - 1]
        flat = x if len(lead) == 1 else x.reshape(-1, *x.shape[len(lead) :])
        y = self.function(flat, weight, bias, **self.options)
        return y if len(lead) == 1 else y.reshape(*lead, *y.shape[1:])


@build.register
def _(linear: maps.Convolve, shape: Shape, dtype: torch.dtype) -> nn.Module:
    return Convolve(linear, dtype)


class AveragePool(nn.Module):
    """Means of windows."""

    def __init__(self, linear: maps.AveragePool) -> None:
        super().__init__()
        self.rank = len(linear.kernel)
        self.function = getattr(functional, f"avg_pool{self.rank}d")
        self.options = {k: getattr(linear, k) for k in ("stride", "padding", "ceil_mode", "count_include_pad")}
        self.kernel = linear.kernel
        if linear.divisor is not None:
            self.options["divisor_override"] = linear.divisor

    def forward(self, x: Tensor) -> Tensor:
        """Return the map of `x`."""
        lead = x.shape[: -self.rank - 1]
        y = self.function(x.reshape(-1, *x.shape[-self.rank - 1 :]), self.kernel, **self.options)
        return y.reshape(*lead, *y.shape[1:])


@build.register
def _(linear: maps.AveragePool, shape: Shape, dtype: torch.dtype) -> nn.Module:
    return AveragePool(linear)


class Reshape(_Structural):
    """The same numbers in another shape."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the map of `x`."""
        return x.reshape(*x.shape[: x.ndim - self.rank], *self.target)


@build.register
def _(linear: maps.Reshape, shape: Shape, dtype: torch.dtype) -> nn.Module:
    return Reshape(linear, shape)


class Permute(_Structural):
    """Axes in another order."""

    linear: maps.Permute

    def forward(self, x: Tensor) -> Tensor:
        """Return the map of `x`."""
        lead = x.ndim - self.rank
        return x.permute(*range(lead), *(lead + axis for axis in self.linear.axes))


@build.register
def _(linear: maps.Permute, shape: Shape, dtype: torch.dtype) -> nn.Module:
    return Permute(linear, shape)


class Expand(_Structural):
    """Axes of length one repeated."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the map of `x`."""
        lead = x.shape[: x.ndim - self.rank]
        ones = (1,) * (len(self.target) - self.rank)
        return x.reshape(*lead, *ones, *x.shape[len(lead) :]).expand(*lead, *self.target)


@build.register
def _(linear: maps.Expand, shape: Shape, dtype: torch.dtype) -> nn.Module:
    return Expand(linear, shape)


class Take(nn.Module):
    """Entries of one axis in a given order."""

    def __init__(self, linear: maps.Take) -> None:
        super().__init__()
        self.axis, self.keep = linear.axis, linear.keep
        self.register_buffer("indices", torch.tensor(linear.indices))

    def forward(self, x: Tensor) -> Tensor:
        """Return the map of `x`."""
        indices = torch.where(self.indices < 0, self.indices + x.shape[self.axis], self.indices)
        taken = x.index_select(x.ndim + self.axis, indices)
        return taken if self.keep else taken.squeeze(self.axis)


@build.register
def _(linear: maps.Take, shape: Shape, dtype: torch.dtype) -> nn.Module:
    return Take(linear)


class Pad(nn.Module):
    """Zeros around the last axes."""

    def __init__(self, linear: maps.Pad) -> None:
        super().__init__()
        self.widths = [width for pair in reversed(linear.widths) for width in pair]

    def forward(self, x: Tensor) -> Tensor:
        """Return the map of `x`."""
        return functional.pad(x, self.widths)


@build.register
def _(linear: maps.Pad, shape: Shape, dtype: torch.dtype) -> nn.Module:
    return Pad(linear)
