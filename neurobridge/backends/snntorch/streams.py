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


def added(streams: list[Stream]) -> Stream:
    """Return the sum of streams; windows of unlike length are aligned at their last steps, where weights agree."""
    longest = max(streams, key=lambda stream: len(stream.planes))
    planes: list[Tensor] = []
    for back in range(len(longest.planes), 0, -1):
        here = [stream.planes[-back] for stream in streams if len(stream.planes) >= back]
        planes.append(sum(here[1:], start=here[0]))
    constants = [stream.constant for stream in streams if stream.constant is not None]
    constant = sum(constants[1:], start=constants[0]) if constants else None
    return Stream(planes=tuple(planes), weights=longest.weights, constant=constant)


def stacked(streams: list[Stream]) -> Stream:
    """Return a sequence from its steps, along the axis behind the samples."""
    constants = [stream.constant for stream in streams]
    known = next((x for x in constants if x is not None), None)
    filled = None if known is None else torch.stack([torch.zeros_like(known) if x is None else x for x in constants], 1)
    longest = max(streams, key=lambda stream: len(stream.planes))
    planes = []
    for back in range(len(longest.planes), 0, -1):
        like = longest.planes[-back]
        here = [s.planes[-back] if len(s.planes) >= back else torch.zeros_like(like) for s in streams]
        planes.append(torch.stack(here, dim=1))
    return Stream(planes=tuple(planes), weights=longest.weights, constant=filled)
