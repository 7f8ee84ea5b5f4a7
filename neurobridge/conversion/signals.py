"""What a rule receives for each tensor of the traced network: where it comes from, its shape, where its samples are."""

from dataclasses import dataclass, replace
from math import prod
from typing import Literal

from numpy import ndarray

from neurobridge.errors import UnsupportedOperationError

Kind = Literal["spikes", "current", "value", "choice"]


@dataclass(frozen=True, kw_only=True)
class Samples:
    """Where the sample axis of a tensor is.

    Attributes:
        axis: of the tensor.
        before: how much of that axis stands in front of the samples, when it is merged with others.
        alone: whether the axis holds samples only; if so it is absent from the shape of one sample.
    """

    axis: int
    before: int = 1
    alone: bool = True


@dataclass(frozen=True, kw_only=True)
class Signal:
    """A tensor of the traced network, as the output of a graph node.

    Attributes:
        node: name of that node.
        kind: coded "spikes" (also scaled or routed), a "current" linear in spikes, a "value" that is a product, or the
            "choice" of the largest, which is an answer and no number: only an output may be one.
        shape: of one sample; a merged axis has its length for one sample.
        samples: where the sample axis is.
        channel: the axis, counted from the end, along which ranges differ; None if it is not known any more.
        mask: False where the numbers stand for minus infinity; broadcasts against a sample.
        chosen: of a choice, the axis of one sample, counted from the end, and whether it stays with length one.
    """

    node: str
    kind: Kind
    shape: tuple[int, ...]
    samples: Samples
    channel: int | None = None
    mask: ndarray | None = None
    chosen: tuple[int, bool] | None = None

    @property
    def rank(self) -> int:
        """Axes of the whole tensor, the samples' included."""
        return len(self.shape) + self.samples.alone

    def axis(self, axis: int) -> int:
        """Return an axis of the tensor as an axis of one sample, counted from the end.

        Raises:
            UnsupportedOperationError: it is the axis of the samples.
        """
        axis %= self.rank
        if axis == self.samples.axis:
            raise UnsupportedOperationError(
                "it works along the axis of the samples, so that samples would not be independent"
            )
        inner = axis - 1 if self.samples.alone and axis > self.samples.axis else axis
        return inner - len(self.shape)

    def moved(self, **changes: object) -> "Signal":
        """Return the signal with some attributes changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


def reshaped(signal: Signal, dims: list[tuple[int, bool]]) -> tuple[tuple[int, ...], Samples]:
    """Return the shape of one sample and the sample axis after a row-major reshape.

    Args:
        signal: before the reshape.
        dims: (length for one sample, whether the samples are in it) of each axis after.

    Raises:
        UnsupportedOperationError: the reshape would mix samples.
    """
    samples = signal.samples
    lead = prod(signal.shape[: samples.axis]) * samples.before
    axis = next(i for i, (_, holds) in enumerate(dims) if holds)
    in_front = prod(length for length, _ in dims[:axis])
    length = dims[axis][0]
    if lead % in_front or length % (lead // in_front):
        raise UnsupportedOperationError("it reshapes across the axis of the samples")
    alone = length == 1
    shape = tuple(n for i, (n, _) in enumerate(dims) if not (alone and i == axis))
    return shape, Samples(axis=axis, before=lead // in_front, alone=alone)


def permuted(signal: Signal, order: list[int]) -> tuple[tuple[int, ...], Samples]:
    """Return the axes of one sample in their new order, and the sample axis after a permutation of the tensor."""
    samples = signal.samples
    order = [axis % signal.rank for axis in order]
    place = order.index(samples.axis)
    inner = [
        axis - (samples.alone and axis > samples.axis) for axis in order if not samples.alone or axis != samples.axis
    ]
    return tuple(inner), replace(samples, axis=place)
