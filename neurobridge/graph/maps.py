"""The linear maps that synapses apply: each is an equation, some weights, and nothing else.

A map acts on the axes of one sample; any axes in front of those (time, batch) pass through unchanged.
"""

from dataclasses import dataclass

from jaxtyping import Float
from numpy import ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearMap:
    """A linear map of one sample: no bias, no state."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Identity(LinearMap):
    """y = x."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Dense(LinearMap):
    """y[..., i] = sum_j weight[i, j] x[..., j]."""

    weight: Float[ndarray, "target source"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Along(LinearMap):
    """A matrix along one axis: y[..., i, ...] = sum_j weight[i, j] x[..., j, ...] (sums, means, interpolation).

    Attributes:
        axis: counted from the end, so that it is negative.
    """

    weight: Float[ndarray, "target source"]
    axis: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Convolve(LinearMap):
    """Cross-correlation over the last one to three axes, PyTorch's convention; `transposed` is its adjoint.

    The channels are the axis in front of those; axes of a sample in front of the channels pass through unchanged.
    """

    weight: Float[ndarray, "a b *kernel"]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int = 1
    transposed: bool = False
    output_padding: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class AveragePool(LinearMap):
    """Means of windows over the last axes, PyTorch's convention."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    ceil_mode: bool = False
    count_include_pad: bool = True
    divisor: int | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Scale(LinearMap):
    """y = factor * x, the factor broadcast against one sample."""

    factor: Float[ndarray, "..."]


@dataclass(frozen=True, kw_only=True, eq=False)
class Reshape(LinearMap):
    """The same numbers in another shape, row-major."""

    shape: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Permute(LinearMap):
    """y.shape[i] = x.shape[axes[i]]."""

    axes: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Expand(LinearMap):
    """Axes of length one repeated to fill `shape`."""

    shape: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Take(LinearMap):
    """Entries of one axis in a given order: slicing, selecting, flipping, rolling, repeating.

    Attributes:
        indices: a negative index counts from the end, whatever the length.
        axis: counted from the end, so that it is negative.
        keep: whether the axis stays (False only with one index).
    """

    indices: tuple[int, ...]
    axis: int
    keep: bool = True


@dataclass(frozen=True, kw_only=True, eq=False)
class Pad(LinearMap):
    """Zeros around the last axes.

    Attributes:
        widths: (before, after) of the last axes, outermost first.
    """

    widths: tuple[tuple[int, int], ...]
