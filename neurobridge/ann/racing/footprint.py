"""What an optimiser's update costs in time and memory, beside the gradients."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from time import process_time
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.profiler import ProfilerActivity, profile

from neurobridge.ann.optimizers import build
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
        self._gradients = [gradient.clone() for gradient in gradients_of(self.parameters)]
        self._decrease = RATE / 2 * squared_norm(self._gradients)

    def __call__(self, backward: bool = True) -> Tensor:
        """Return a loss; by graph if gradients are enabled and no backward pass is asked for."""
        begin = process_time()
        self.calls += 1
        # linear, so that full relaxation finds no curvature and its product with the Hessian costs nothing
        loss = self._slope() if not backward and torch.is_grad_enabled() else torch.tensor(-self._decrease * self.calls)
        self.seconds += process_time() - begin
        return loss

    def _slope(self) -> Tensor:
        pairs = zip(self.parameters, self._gradients, strict=True)
        height = torch.stack([(parameter * gradient).sum() for parameter, gradient in pairs]).sum()
        return height - height.detach()


def update_seconds(
    makers: Sequence[Make], repeats: int = 60, *, shared: bool = False, rounds: int = 4
) -> list[list[float]]:
    """Take the processor time of updates of several optimisers in a random order.

    Args:
        makers: parameters -> optimizer.
        repeats: timed updates of each, over all rounds.
        shared: all update the same parameters, so that their place in memory favours nobody; otherwise each
            has its own, and finds them outside of the caches, as after a backward pass.
        rounds: fresh starts, which allocate anew; each begins with two updates that are not timed.

    Returns:
        Seconds of each optimiser's updates without their closure, one list an optimiser.
    """
    order = Random(0)
    seconds: list[list[float]] = [[] for _ in makers]
    for _ in range(rounds):
        common = million()
        sets = [common if shared else million() for _ in makers]
        runs = [
            (index, make(own), FreeClosure(own)) for index, (make, own) in enumerate(zip(makers, sets, strict=True))
        ]
        for repeat in range(-2, max(1, repeats // rounds)):
            for index, optimizer, closure in order.sample(runs, len(runs)):
                elapsed = _step_seconds(optimizer, closure)
                if repeat >= 0:
                    seconds[index].append(elapsed)
    return seconds


def _step_seconds(optimizer: Optimizer, closure: "FreeClosure") -> float:
    closure.seconds = 0.0
    begin = process_time()
    optimizer.step(closure)  # type: ignore[arg-type]
    return process_time() - begin - closure.seconds


def quiet(seconds: Sequence[float]) -> float:
    """Return the tenth percentile: what an update takes while nobody else empties the caches."""
    return sorted(seconds)[len(seconds) // 10]


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
        seconds=quiet(taken) / quiet(reference),
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
