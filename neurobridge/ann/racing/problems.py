"""What optimisers race on: classic functions and small networks, each with a training and a tuning score."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import final

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from neurobridge import tasks
from neurobridge.ann import models
from neurobridge.ann.landscape.functions import FUNCTIONS, ClassicFunction, rotated_quadratic
from neurobridge.ann.optimizers.closures import LossFunction
from neurobridge.tasks import Split, SupervisedTask

ALL = 0
"""A batch size: every sample."""


@final
@dataclass(frozen=True, kw_only=True)
class Instance:
    """A problem with its random choices made.

    Args:
        parameters: what is optimised.
        model: the network, None for a function.
        losses: yields the loss of one batch after the other, without end.
        share: part of the training samples in one batch; what a gradient costs.
        tune: the number by which learning rates are chosen, lower is better.
        judge: the number that is reported, lower is better.
    """

    parameters: list[Tensor]
    model: nn.Module | None
    losses: Iterator[LossFunction]
    share: float
    tune: Callable[[], float]
    judge: Callable[[], float]


@final
@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something to minimise with a budget.

    Args:
        title: for tables and figures.
        measure: what `judge` returns.
        budget: gradients of the whole training set, or of the function; a value without gradient counts a
            third.
        start: (seed, batch size) -> instance.
        stochastic: whether batches differ, so that the batch size matters.
        target: the tuning score that counts as solved.
    """

    title: str
    measure: str
    budget: float
    start: Callable[[int, int], Instance]
    stochastic: bool
    target: float


def of_function(title: str, function: ClassicFunction, budget: float) -> Problem:
    """Return the race to a function's minimum; the seed is not used, there is nothing random."""

    def start(seed: int, batch_size: int) -> Instance:
        x = torch.tensor(function.start, dtype=torch.float64, requires_grad=True)

        def excess() -> float:
            with torch.no_grad():
                return float(function(x)) - function.minimum

        return Instance(
            parameters=[x],
            model=None,
            losses=_forever(lambda: function(x)),
            share=1.0,
            tune=excess,
            judge=excess,
        )

    return Problem(title=title, measure="f - f*", budget=budget, start=start, stochastic=False, target=1e-6)


def of_network(
    title: str, task_name: str, model_name: str, *, samples: int, budget: float, **options: object
) -> Problem:
    """Return the race to a small log loss; rates are chosen on validation samples, errors judged on test samples.

    Args:
        title: for tables and figures.
        task_name: a classification task of `neurobridge.tasks`.
        model_name: one of `neurobridge.ann.models`.
        samples: training samples that are used.
        budget: passes over them.
        options: of the model.
    """

    def start(seed: int, batch_size: int) -> Instance:
        task = tasks.load(task_name)
        assert isinstance(task, SupervisedTask)
        part = replace(task, train=task.train.head(samples))
        model = models.build(model_name, part, seed=seed, **options)
        size = samples if batch_size == ALL else min(batch_size, samples)
        return Instance(
            parameters=list(model.parameters()),
            model=model,
            losses=_batches(model, part.train, size, seed),
            share=size / samples,
            tune=lambda: _score(model, part.validation)[0],
            judge=lambda: _score(model, part.test)[1],
        )

    return Problem(title=title, measure="test error", budget=budget, start=start, stochastic=True, target=0.5)


def problems(*, share: float = 1.0) -> dict[str, Problem]:
    """Return the problems of the comparison.

    Args:
        share: of the full budgets, to try things out.
    """
    return {
        "quadratic": of_function("quadratic, κ = 100", rotated_quadratic(100.0), 1000 * share),
        "rosenbrock": of_function("Rosenbrock", FUNCTIONS["rosenbrock"], 2000 * share),
        "digits-cnn": of_network(
            "CNN on digits", "digits", "cnn", samples=400, budget=20 * share, batch_norm=False, widths=(8, 16)
        ),
        "rows-lstm": of_network("LSTM on rows of digits", "digits-rows", "lstm", samples=400, budget=20 * share),
    }


def _forever(loss: LossFunction) -> Iterator[LossFunction]:
    while True:
        yield loss


def _batches(model: nn.Module, side: Split, size: int, seed: int) -> Iterator[LossFunction]:
    inputs, targets = torch.as_tensor(side.inputs), torch.as_tensor(side.targets)
    generator = torch.Generator().manual_seed(seed)
    while True:
        order = torch.arange(len(side)) if size == len(side) else torch.randperm(len(side), generator=generator)
        for rows in order.split(size):
            x, y = inputs[rows], targets[rows]
            yield lambda x=x, y=y: cross_entropy(model(x), y)  # type: ignore[misc]


def _score(model: nn.Module, side: Split) -> tuple[float, float]:
    """Return log loss and error rate."""
    with torch.no_grad():
        outputs, targets = model(torch.as_tensor(side.inputs)), torch.as_tensor(side.targets)
        return float(cross_entropy(outputs, targets)), float((outputs.argmax(1) != targets).double().mean())
