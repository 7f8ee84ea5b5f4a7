"""What a network must know of its task: the shapes of inputs and outputs."""

from dataclasses import dataclass
from typing import Protocol, final


class HasShapes(Protocol):
    """Anything with a task's shapes: a task, or `Shapes`."""

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one input."""

    @property
    def output_size(self) -> int:
        """Length of the outputs' last axis."""

    @property
    def output_steps(self) -> int:
        """Answers a sample; 0 for one."""

    @property
    def vocabulary(self) -> int:
        """Number of tokens; 0 for inputs that are numbers."""


@final
@dataclass(frozen=True, kw_only=True)
class Shapes:
    """The shapes of a task's inputs and outputs.

    Args:
        input_shape: `(channel, row, column)` for images, `(step, feature)` for sequences, `(step,)` for tokens,
            `(feature,)` for vectors, `(step, channel, row, column)` for videos.
        output_size: classes, targets or tokens.
        output_steps: answers a sample; 0 for one.
        vocabulary: number of tokens; 0 for inputs that are numbers.
    """

    input_shape: tuple[int, ...]
    output_size: int
    output_steps: int = 0
    vocabulary: int = 0

    @classmethod
    def of(cls, task: HasShapes) -> "Shapes":
        """Return the shapes of a task."""
        return cls(
            input_shape=tuple(task.input_shape),
            output_size=task.output_size,
            output_steps=task.output_steps,
            vocabulary=task.vocabulary,
        )

    @property
    def kind(self) -> str:
        """What inputs are: "tokens", "vector", "sequence", "image" or "video"."""
        if self.vocabulary:
            return "tokens"
        return {1: "vector", 2: "sequence", 3: "image", 4: "video"}.get(len(self.input_shape), "array")

    @property
    def answers(self) -> str:
        """When the network answers: "once" a sample, at every "step", or at the last steps only: an "answer"."""
        if not self.output_steps:
            return "once"
        return "step" if self.output_steps == self.input_shape[0] else "answer"
