"""What travels along an edge of a windowed network while it is stepped: planes of spikes, and a constant."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Stream:
    """One tensor for each step of a window, each with its weight, and what does not depend on the step.

    Attributes:
        planes: spikes, or currents made from them, first step first.
        weights: what each step is worth, in quanta.
        constant: biases, offsets and held values; None is zero.
    """

    planes: tuple[Tensor, ...] = ()
    weights: tuple[int, ...] = ()
    constant: Tensor | None = None

    def value(self) -> Tensor:
        """Return the number carried by the whole window, integrated step by step."""
        total = self.constant
        for weight, plane in zip(self.weights, self.planes, strict=True):
            total = weight * plane if total is None else total + weight * plane
        if total is None:
            raise ValueError("an empty stream has no value")
        return total

    def plane(self, weight: int) -> Tensor | None:
        """Return what arrives at the step worth `weight`; None is nothing."""
        return self.planes[self.weights.index(weight)] if weight in self.weights else None

    def length(self) -> int:
        """Return how many sequence steps stand on the axis behind the samples."""
        return (self.planes[0] if self.constant is None else self.constant).shape[1]

    def at(self, step: int) -> "Stream":
        """Return one step of a sequence."""
        return self.mapped(lambda x: x[:, step])

    def mapped(self, linear: Callable[[Tensor], Tensor]) -> "Stream":
        """Return the stream with a linear map applied to each step."""
        constant = None if self.constant is None else linear(self.constant)
        return Stream(planes=tuple(map(linear, self.planes)), weights=self.weights, constant=constant)


def _weights(streams: list[Stream]) -> tuple[int, ...]:
    """Return every weight of a step, largest first: windows of unlike length meet where their weights agree."""
    return tuple(sorted({weight for stream in streams for weight in stream.weights}, reverse=True))


def added(streams: list[Stream]) -> Stream:
    """Return the sum of streams, step by step of equal weight."""
    weights = _weights(streams)
    planes: list[Tensor] = []
    for weight in weights:
        here = [plane for stream in streams if (plane := stream.plane(weight)) is not None]
        planes.append(sum(here[1:], start=here[0]))
    constants = [stream.constant for stream in streams if stream.constant is not None]
    constant = sum(constants[1:], start=constants[0]) if constants else None
    return Stream(planes=tuple(planes), weights=weights, constant=constant)


def stacked(streams: list[Stream]) -> Stream:
    """Return a sequence from its steps, along the axis behind the samples."""
    weights = _weights(streams)
    planes = [_stack([stream.plane(weight) for stream in streams]) for weight in weights]
    constants = [stream.constant for stream in streams]
    constant = None if all(x is None for x in constants) else _stack(constants)
    return Stream(planes=tuple(planes), weights=weights, constant=constant)


def _stack(tensors: list[Tensor | None]) -> Tensor:
    """Return tensors along a new axis behind the samples; None is zero."""
    known = next(x for x in tensors if x is not None)
    return torch.stack([torch.zeros_like(known) if x is None else x for x in tensors], dim=1)
