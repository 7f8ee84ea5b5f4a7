"""What an optimiser's update costs in time and memory, beside the gradients."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import process_time
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.profiler import ProfilerActivity, profile

from neurobridge.ann.optimizers import build
from neurobridge.ann.optimizers.full_relaxation import gradient_and_curvature
from neurobridge.ann.optimizers.gradients import gradients_of, squared_norm
from neurobridge.ann.racing.verdict import Footprint

RATE = 1e-3
Make = Callable[[list[Tensor]], Optimizer]


def million() -> list[Tensor]:
    """Return the parameters of a perceptron 784-784-512-10, 1.02 million in 6 tensors, with gradients."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(784, 784), nn.ReLU(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 10))
    parameters: list[Tensor] = list(model.parameters())
    for parameter in parameters:
        parameter.grad = torch.randn_like(parameter)
    return parameters


@dataclass
class FreeClosure:
    """A closure that costs next to nothing: gradients stay, and each loss lies as far below the last as a search likes.

    Args:
        parameters: whose gradients are kept.
    """

    parameters: list[Tensor]
    calls: int = 0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self._decrease = RATE / 2 * squared_norm(gradients_of(self.parameters))

    def __call__(self, backward: bool = True) -> Tensor:
        """Return a loss; by graph if gradients are enabled and no backward pass is asked for."""
        begin = process_time()
        self.calls += 1
        if not backward and torch.is_grad_enabled():
            loss = self._bowl()
            # full relaxation differentiates by itself, which belongs to the closure: once for this, once for that
            between = process_time()
            gradient_and_curvature(self._bowl(), self.parameters)
            self.seconds += process_time() - between
        else:
            loss = torch.tensor(-self._decrease * self.calls)
        self.seconds += process_time() - begin
        return loss

    def _bowl(self) -> Tensor:
        return torch.stack([parameter.square().sum() for parameter in self.parameters]).sum() / 2


def update_seconds(makers: Sequence[Make], repeats: int = 60) -> list[list[float]]:
    """Take the processor time of updates of several optimisers in turn, so that all see the same disturbances.

    Args:
        makers: parameters -> optimizer; each gets its own million parameters.
        repeats: timed updates, after three that are not.

    Returns:
        Seconds of each optimiser's updates without their closure, one list an optimiser.
    """
    runs = []
    for make in makers:
        parameters = million()
        runs.append((make(parameters), FreeClosure(parameters)))
    seconds: list[list[float]] = [[] for _ in runs]
    for repeat in range(repeats + 3):
        for (optimizer, closure), taken in zip(runs, seconds, strict=True):
            closure.seconds = 0.0
            begin = process_time()
            optimizer.step(closure)  # type: ignore[arg-type]
            elapsed = process_time() - begin - closure.seconds
            if repeat >= 3:
                taken.append(elapsed)
    return seconds


def ratio_of_medians(seconds: Sequence[float], reference: Sequence[float]) -> float:
    """Return how many times slower a sample of timings is."""
    return median(seconds) / median(reference)


def measure_footprint(name: str, repeats: int = 60, **options: Any) -> Footprint:
    """Return time and memory of one optimiser's update on a million parameters.

    Args:
        name: one of `optimizers.OPTIMIZERS`.
        repeats: timed updates.
        options: of the optimiser.
    """

    def ours(parameters: list[Tensor]) -> Optimizer:
        return build(name, parameters, lr=RATE, **options)

    def plain(parameters: list[Tensor]) -> Optimizer:
        return torch.optim.SGD(parameters, lr=RATE, foreach=True)

    taken, reference = update_seconds([ours, plain], repeats)
    parameters = million()
    optimizer, closure = ours(parameters), FreeClosure(parameters)
    optimizer.step(closure)  # type: ignore[arg-type]
    size = sum(parameter.nbytes for parameter in parameters)
    kept = sum(entry.nbytes for state in optimizer.state.values() for entry in state.values() if _large(entry))
    return Footprint(
        seconds=ratio_of_medians(taken, reference),
        closures=closure.calls,
        state=round(kept / size, 2),
        peak=round(_peak(lambda: optimizer.step(closure)) / size, 2),  # type: ignore[arg-type]
    )


def _large(entry: Any) -> bool:
    return isinstance(entry, Tensor) and entry.numel() > 1


def _peak(action: Callable[[], object]) -> int:
    """Return the most bytes that were allocated at once within an action, above those at its start."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as record:
        action()
    now = peak = 0
    for event in sorted(record.profiler.kineto_results.events(), key=lambda entry: entry.start_ns()):
        if event.name() == "[memory]":
            now += event.nbytes()
            peak = max(peak, now)
    return peak
