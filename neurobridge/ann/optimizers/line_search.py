"""What all line searches share: the trial points x - a g, their cost, and the way back."""

from abc import abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from math import inf, isfinite
from typing import Any

import torch
from torch import Tensor

from neurobridge.ann.optimizers.closures import FrozenRandomness, evaluates_without_backward
from neurobridge.ann.optimizers.gradients import DenseReal, require_dense, squared_norm
from neurobridge.ann.optimizers.scratch import Scratch
from neurobridge.errors import InputError, TrainingError


class Outcome(IntEnum):
    """How a line search ended."""

    ACCEPTED = 0
    """A step satisfied the condition."""
    STATIONARY = 1
    """The gradient is zero; nothing moved."""
    PRECISION = 2
    """The promised decrease is below the rounding error of the loss; nothing moved."""
    EXHAUSTED = 3
    """No trial satisfied the condition; nothing moved, or for Goldstein the best decrease was taken."""


@dataclass(frozen=True, kw_only=True)
class Slope:
    """The loss along -g, to second order: f(x - a g) = value - a squared_gradient + a^2 curvature / 2."""

    value: float
    squared_gradient: float
    """g.g"""
    curvature: float = 0.0
    """g.Hg, zero where the search does not use it."""


@dataclass(frozen=True, kw_only=True)
class Search:
    """The step a line search found."""

    length: float
    outcome: Outcome


class LineSearch(DenseReal):
    """Abstract: steepest descent whose step length satisfies a condition, found by trial.

    All groups are one vector with one step length; `lr` is the first trial, so learning-rate schedules
    work. A trial whose loss is not finite has failed. Every trial of a step sees the same random numbers.
    After a step `report` tells its length, outcome and costs.

    Args:
        parameters: tensors or parameter groups.
        options: of the rule; every group must have the same.

    Raises:
        InputError: groups differ in an option.
    """

    needs_closure = True

    def __init__(self, parameters: Iterable[Any], options: dict[str, Any]) -> None:
        super().__init__(parameters, options)
        self._memory = Scratch()
        for group in self.param_groups[1:]:
            for option in options:
                if group[option] != self.param_groups[0][option]:
                    raise InputError(
                        f"{type(self).__name__} moves all parameters by one step length, so the option {option!r} must "
                        f"be the same in every group, not {self.param_groups[0][option]!r} and {group[option]!r}."
                    )

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._memory = Scratch()

    @property
    def report(self) -> dict[str, Any]:
        """Return length, outcome and trials of the last step, and the evaluations and gradients so far."""
        record = self.state[self._parameters()[0]]
        return dict(record) | {"outcome": Outcome(record["outcome"])} if record else {}

    @torch.no_grad()
    def step(self, closure: Callable[..., Tensor] | None = None) -> Tensor:  # type: ignore[override]
        """Make one update and return the loss before it.

        Raises:
            InputError: there is no closure.
            TrainingError: the loss is not finite before the step.
        """
        if closure is None:
            raise InputError(f"{type(self).__name__} tries several steps: call step(closure).")
        randomness = FrozenRandomness(self._parameters()[0].device)
        loss, gradients, slope = self._measure(closure)
        if not (isfinite(slope.value) and isfinite(slope.squared_gradient)):
            raise TrainingError(
                f"{type(self).__name__}: the loss is {slope.value} and its squared gradient "
                f"{slope.squared_gradient} before the step; start elsewhere or look for a division by zero in the loss."
            )
        trials = Trials(closure, self._parameters(), gradients, randomness, self._memory)
        search = Search(length=0.0, outcome=Outcome.STATIONARY)
        if slope.squared_gradient > 0:
            search = self._search(trials, slope)
        trials.move_to(search.length)
        self._record(search, trials.count)
        return loss

    @abstractmethod
    def _search(self, trials: "Trials", slope: Slope) -> Search:
        """Return the step length to take, 0 to stay."""

    def _measure(self, closure: Callable[..., Tensor]) -> tuple[Tensor, list[Tensor | None], Slope]:
        """Return loss, gradients and slope at the present point."""
        with torch.enable_grad():
            loss = closure()
        require_dense(type(self).__name__, (entry.grad for entry in self._parameters()))
        # a trial by a closure that always differentiates overwrites the gradients of this point
        keep = evaluates_without_backward(closure)
        gradients = [_kept(parameter.grad, keep) for parameter in self._parameters()]
        found = [gradient for gradient in gradients if gradient is not None]
        return (
            loss,
            gradients,
            Slope(value=float(loss.detach()), squared_gradient=squared_norm(found) if found else 0.0),
        )

    def _parameters(self) -> list[Tensor]:
        return [parameter for group in self.param_groups for parameter in group["params"]]

    def _record(self, search: Search, trials: int) -> None:
        record = self.state[self._parameters()[0]]
        record["length"], record["outcome"], record["trials"] = search.length, int(search.outcome), trials
        record["evaluations"] = record.get("evaluations", 0) + trials
        record["gradients"] = record.get("gradients", 0) + 1

    def _first_trial(self) -> float:
        """Return where backtracking starts: lr, or `growth` times the last step if that is shorter."""
        options = self.param_groups[0]
        last = self.state[self._parameters()[0]].get("length", 0.0)
        return options["lr"] if options["growth"] is None or last == 0 else min(options["lr"], options["growth"] * last)

    def _below_precision(self, slope: Slope, decrease: float) -> bool:
        return decrease < torch.finfo(self._parameters()[0].dtype).eps * abs(slope.value)


class Trials:
    """Evaluates the loss at x - a g and counts how often.

    Args:
        closure: evaluates the loss, without gradients if it can.
        parameters: what is moved; holds x now.
        gradients: g, None where a parameter has none.
        randomness: replayed before each evaluation.
        memory: where x is kept.
    """

    def __init__(
        self,
        closure: Callable[..., Tensor],
        parameters: list[Tensor],
        gradients: list[Tensor | None],
        randomness: FrozenRandomness,
        memory: Scratch,
    ) -> None:
        pairs = [(entry, slope) for entry, slope in zip(parameters, gradients, strict=True) if slope is not None]
        self._parameters = [entry for entry, _ in pairs]
        self._gradients = [slope for _, slope in pairs]
        self._memory, self._moved = memory, False
        self._closure, self._randomness = closure, randomness
        self._value_only = evaluates_without_backward(closure)
        self._length = 0.0
        self.count = 0

    def decrease(self, length: float, value: float) -> float:
        """Return value - f(x - length g), minus infinity where that is not finite."""
        self.move_to(length)
        self._randomness.replay()
        self.count += 1
        if self._value_only:
            found = float(self._closure(backward=False))
        else:
            with torch.enable_grad():
                found = float(self._closure().detach())
        return value - found if isfinite(found) else -inf

    def move_to(self, length: float) -> None:
        """Set the parameters to x - length g."""
        if length == self._length:
            return
        self._length = length
        starts = self._memory.like(self._parameters)
        for parameter, start, gradient in zip(self._parameters, starts, self._gradients, strict=True):
            if self._moved:
                torch.add(start, gradient, alpha=-length, out=parameter)
            else:
                start.copy_(parameter)
                parameter.add_(gradient, alpha=-length)
        self._moved = True


def _kept(gradient: Tensor | None, stays: bool) -> Tensor | None:
    return gradient if stays or gradient is None else gradient.clone()
