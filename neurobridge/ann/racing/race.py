"""Run an optimiser within a budget, over a grid of learning rates that is the same for all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, isfinite, log10
from statistics import median
from time import process_time
from typing import Any, final

import numpy as np
import torch
from torch import Tensor
from torch.optim import Optimizer

from neurobridge.ann.optimizers import build
from neurobridge.ann.optimizers.closures import Closure, LossFunction
from neurobridge.ann.racing.problems import ALL, Instance, Problem
from neurobridge.errors import InputError, NeurobridgeError

VALUE, GRADIENT, CURVATURE = 1 / 3, 1.0, 2.0
"""Cost of a loss, of its gradient, and of the gradient with a Hessian-vector product, in gradients."""
BATCH_SIZES: Mapping[str, int] = {"gradient_descent": ALL, "sgd": 1}
"""Samples in a batch where a name says it; all others take `MINI_BATCH`."""
MINI_BATCH = 32
RATES: Sequence[float] = tuple(float(rate) for rate in np.logspace(-4, 1, 11))
OPTIONS: Mapping[str, Mapping[str, Any]] = {"sgld": {"temperature": 1e-6, "seed": 0}}
"""Options beside the learning rate, where the defaults do not fit: a mean loss is a small part of the energy."""
CONTENDERS: Sequence[str] = (
    "gradient_descent", "armijo", "goldstein", "full_relaxation", "sgd", "minibatch_sgd", "momentum", "heavy_ball",
    "nesterov", "adagrad", "rmsprop", "adam", "adamw", "sgld", "sam",
)  # fmt: skip


@final
@dataclass(frozen=True, kw_only=True)
class Trial:
    """One optimiser with one learning rate on one problem.

    Args:
        rate: learning rate, or first trial of a line search.
        seed: of the instance.
        costs: where the tuning score was looked at, in gradients of the whole training set.
        scores: the tuning score there; infinite from where the run failed.
        judged: the reported score at the end; infinite if the run failed.
        steps: updates.
        seconds: median processor time of an update, its closure included.
    """

    rate: float
    seed: int
    costs: tuple[float, ...]
    scores: tuple[float, ...]
    judged: float
    steps: int
    seconds: float

    @property
    def final(self) -> float:
        """The tuning score at the end."""
        return self.scores[-1]

    def cost_to(self, target: float) -> float:
        """Return the cost at which the tuning score first was below a target; infinite if never."""
        return next((cost for cost, score in zip(self.costs, self.scores, strict=True) if score < target), inf)


@final
@dataclass(frozen=True, kw_only=True)
class Result:
    """One optimiser on one problem, at every learning rate.

    Args:
        optimizer: its name.
        problem: its name.
        trials: one a rate and seed.
    """

    optimizer: str
    problem: str
    trials: tuple[Trial, ...]

    def by_rate(self) -> dict[float, list[Trial]]:
        """Return the trials of each learning rate."""
        rates = sorted({trial.rate for trial in self.trials})
        return {rate: [trial for trial in self.trials if trial.rate == rate] for rate in rates}

    def sensitivity(self) -> dict[float, float]:
        """Return the median tuning score of each learning rate."""
        return {rate: median(trial.final for trial in trials) for rate, trials in self.by_rate().items()}

    def best(self) -> list[Trial]:
        """Return the trials of the learning rate with the best median tuning score."""
        scores = self.sensitivity()
        return self.by_rate()[min(scores, key=lambda rate: (scores[rate], rate))]

    def usable_decades(self, threshold: float) -> float:
        """Return how many decades of learning rates end below a tuning score; grid points stand for their cells."""
        rates = sorted(self.sensitivity())
        spacing = log10(rates[-1] / rates[0]) / max(1, len(rates) - 1)
        return spacing * sum(score < threshold for score in self.sensitivity().values())


@dataclass
class Meter:
    """A closure that adds up what it is asked for."""

    closure: Closure
    cost: float = field(default=0.0)

    def __call__(self, backward: bool = True) -> Tensor:
        """Return the loss, and count it."""
        self.cost += GRADIENT if backward else CURVATURE if torch.is_grad_enabled() else VALUE
        return self.closure(backward=backward)


def race(
    name: str,
    problem_name: str,
    problem: Problem,
    *,
    rates: Sequence[float] = RATES,
    seeds: Sequence[int] = (0, 1),
) -> Result:
    """Run one optimiser at every learning rate.

    Args:
        name: one of `optimizers.OPTIMIZERS`.
        problem_name: for the result.
        problem: what is minimised.
        rates: the grid, at least one.
        seeds: of the instances; problems without randomness use the first.

    Raises:
        InputError: no rate or no seed.
    """
    if not rates or not seeds:
        raise InputError("a race needs at least one learning rate and one seed.")
    used = seeds if problem.stochastic else seeds[:1]
    trials = [run(name, problem, rate, seed) for rate in rates for seed in used]
    return Result(optimizer=name, problem=problem_name, trials=tuple(trials))


def run(name: str, problem: Problem, rate: float, seed: int, *, looks: int = 40) -> Trial:
    """Run one optimiser at one learning rate until its budget is spent or its loss is no number.

    Args:
        name: one of `optimizers.OPTIMIZERS`.
        problem: what is minimised.
        rate: the learning rate.
        seed: of the instance.
        looks: how often the tuning score is computed.
    """
    instance = problem.start(seed, BATCH_SIZES.get(name, MINI_BATCH))
    optimizer = build(name, instance.parameters, lr=rate, **OPTIONS.get(name, {}))
    spent, costs, scores, seconds = 0.0, [0.0], [instance.tune()], []
    while spent < problem.budget and isfinite(scores[-1]):
        loss, cost, elapsed = _update(optimizer, instance, next(instance.losses))
        spent += cost * instance.share
        seconds.append(elapsed)
        if not isfinite(loss):
            costs.append(spent)
            scores.append(inf)
        elif spent >= problem.budget * len(costs) / looks:
            costs.append(spent)
            scores.append(_finite(instance.tune()))
    return Trial(
        rate=rate,
        seed=seed,
        costs=tuple(costs),
        scores=tuple(scores),
        judged=_finite(instance.judge()) if isfinite(scores[-1]) else inf,
        steps=len(seconds),
        seconds=median(seconds),
    )


def _update(optimizer: Optimizer, instance: Instance, loss: LossFunction) -> tuple[float, float, float]:
    """Return the loss before one update, its cost in gradients of a batch, and its seconds."""
    meter = Meter(Closure(optimizer=optimizer, loss=loss, model=instance.model))
    before = process_time()
    try:
        value = float(optimizer.step(meter).detach())  # type: ignore[arg-type, attr-defined]
    except NeurobridgeError:
        value = inf
    return value, meter.cost, process_time() - before


def _finite(score: float) -> float:
    return score if isfinite(score) else inf
