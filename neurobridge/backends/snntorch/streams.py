"""What travels along an edge of a windowed network while it is stepped: planes of spikes, and a constant."""

from collections.abc import Callable
from dataclasses import dataclass

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
