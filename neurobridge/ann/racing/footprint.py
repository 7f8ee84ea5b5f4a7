"""What an optimiser's update costs in time and memory, beside the gradients."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from statistics import median
from time import process_time
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.profiler import ProfilerActivity, profile

from neurobridge.ann.optimizers import build
from neurobridge.ann.optimizers.gradients import gradients_of, squared_norm
from neurobridge.ann.racing.verdict import Footprint

RATE = 1e-3
AUTOGRAD = torch.autograd.grad
Make = Callable[[list[Tensor]], Optimizer]


def million() -> list[Tensor]:
    """Return the parameters of a perceptron 784-784-512-10, 1.02 million in 6 tensors, with gradients."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(784, 784), nn.ReLU(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 10))
    parameters: list[Tensor] = list(model.parameters())
    for parameter in parameters:
        parameter.grad = torch.randn_like(parameter)
    return parameters


class _KnownSlope(torch.autograd.Function):
    """Gradients that need no computing, nor do their products with the Hessian."""

    @staticmethod
    def forward(ctx: Any, closure: "FreeClosure", *parameters: Tensor) -> Any:
        ctx.closure = closure
        return tuple(gradient.view_as(gradient) for gradient in closure.gradients)

    @staticmethod
    def backward(ctx: Any, *directions: Tensor) -> Any:
        return None, *ctx.closure.products


class _KnownLoss(torch.autograd.Function):
    """A loss whose backward pass needs no computing."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, closure: "FreeClosure", *parameters: Tensor) -> Any:
        ctx.closure = closure
        ctx.save_for_backward(*parameters)
        return value.view_as(value)

    @staticmethod
    def backward(ctx: Any, outer: Tensor) -> Any:
        return None, None, *_KnownSlope.apply(ctx.closure, *ctx.saved_tensors)


@dataclass
class FreeClosure:
    """A closure that costs next to nothing: gradients stay, and each loss lies as far below the last as a search likes.

    Differentiating its loss twice costs as little; the Hessian is the identity over the learning rate. What calls and
    derivatives do take is in `seconds`, so that it can be left out of an optimiser's time.

    Args:
        parameters: whose gradients are kept.
    """

    parameters: list[Tensor]
    calls: int = 0
    derivatives: int = 0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.gradients = [gradient.clone() for gradient in gradients_of(self.parameters)]
        self.products = [gradient / RATE for gradient in self.gradients]
        self._decrease = RATE / 2 * squared_norm(self.gradients)

    def __call__(self, backward: bool = True) -> Tensor:
        """Return a loss; by graph if gradients are enabled and no backward pass is asked for."""
        with self.free():
            self.calls += 1
            loss = torch.tensor(-self._decrease * self.calls)
            if backward or not torch.is_grad_enabled():
                return loss
            return _KnownLoss.apply(loss, self, *self.parameters)

    def differentiate(self, *arguments: Any, **options: Any) -> Any:
        """Do what `torch.autograd.grad` does."""
        with self.free():
            self.derivatives += 1
            return AUTOGRAD(*arguments, **options)

    @contextmanager
    def free(self) -> Iterator[None]:
        """Leave what is done inside out of the optimiser's time."""
        begin = process_time()
        yield
        self.seconds += process_time() - begin


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
    # a rule that differentiates by itself does what other closures do in their backward pass
    with patch.object(torch.autograd, "grad", closure.differentiate):
        begin = process_time()
        optimizer.step(closure)  # type: ignore[arg-type]
        return process_time() - begin - closure.seconds


def relative(seconds: Sequence[float], reference: Sequence[float]) -> float:
    """Return the median ratio of updates that were taken in the same round, so that both saw the same disturbances."""
    return median(ours / theirs for ours, theirs in zip(seconds, reference, strict=True))


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
    closure = FreeClosure(parameters)
    optimizers: list[Optimizer] = []
    kept, _ = _allocated(lambda: _first_step(optimizers, ours(parameters), closure))
    first = closure.calls
    _, peak = _allocated(lambda: optimizers[0].step(closure))  # type: ignore[arg-type]
    size = sum(parameter.nbytes for parameter in parameters)
    return Footprint(
        seconds=relative(taken, reference), closures=first, state=round(kept / size, 2), peak=round(peak / size, 2)
    )


def _first_step(made: list[Optimizer], optimizer: Optimizer, closure: FreeClosure) -> None:
    made.append(optimizer)
    optimizer.step(closure)  # type: ignore[arg-type]


def _allocated(action: Callable[[], object]) -> tuple[int, int]:
    """Return the bytes that an action leaves allocated, and the most at once within it, above those at its start."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as record:
        action()
    now = peak = 0
    held: Counter[int] = Counter()
    for event in sorted(record.profiler.kineto_results.events(), key=lambda entry: entry.start_ns()):
        if event.name() != "[memory]":
            continue
        size = abs(event.nbytes())
        if event.nbytes() < 0 and not held[size]:
            continue  # a block of earlier work, which autograd lets go of when it works again
        held[size] += 1 if event.nbytes() > 0 else -1
        now += event.nbytes()
        peak = max(peak, now)
    return now, peak
