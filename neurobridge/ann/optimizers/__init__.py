"""The optimisers: one update rule a file, one table of their names, torch's further ones included."""

from collections.abc import Callable, Iterable
from inspect import signature
from typing import Any

import torch
from torch.optim import Optimizer

from neurobridge.ann.optimizers.adagrad import AdaGrad
from neurobridge.ann.optimizers.adam import Adam
from neurobridge.ann.optimizers.adamw import AdamW
from neurobridge.ann.optimizers.annealing import Annealing, geometric, logarithmic
from neurobridge.ann.optimizers.armijo import Armijo
from neurobridge.ann.optimizers.closures import Closure
from neurobridge.ann.optimizers.full_relaxation import FullRelaxation
from neurobridge.ann.optimizers.goldstein import Goldstein
from neurobridge.ann.optimizers.gradient_descent import GradientDescent
from neurobridge.ann.optimizers.heavy_ball import HeavyBall
from neurobridge.ann.optimizers.momentum import Momentum
from neurobridge.ann.optimizers.nesterov import Nesterov
from neurobridge.ann.optimizers.rmsprop import RMSProp
from neurobridge.ann.optimizers.sam import SAM
from neurobridge.ann.optimizers.sgld import SGLD
from neurobridge.errors import InputError, lookup

OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "gradient_descent": GradientDescent,  # one rule under three names: all samples, one, or a few per step
    "sgd": GradientDescent,
    "minibatch_sgd": GradientDescent,
    "armijo": Armijo,
    "goldstein": Goldstein,
    "full_relaxation": FullRelaxation,
    "momentum": Momentum,
    "heavy_ball": HeavyBall,
    "nesterov": Nesterov,
    "adagrad": AdaGrad,
    "rmsprop": RMSProp,
    "adam": Adam,
    "adamw": AdamW,
    "sgld": SGLD,
    "sam": SAM,
    # torch's own, for comparison; they take torch's options
    "adadelta": torch.optim.Adadelta,
    "adamax": torch.optim.Adamax,
    "asgd": torch.optim.ASGD,
    "lbfgs": torch.optim.LBFGS,
    "nadam": torch.optim.NAdam,
    "radam": torch.optim.RAdam,
    "rprop": torch.optim.Rprop,
}

__all__ = [
    "OPTIMIZERS",
    "SAM",
    "SGLD",
    "AdaGrad",
    "Adam",
    "AdamW",
    "Annealing",
    "Armijo",
    "Closure",
    "FullRelaxation",
    "Goldstein",
    "GradientDescent",
    "HeavyBall",
    "Momentum",
    "Nesterov",
    "RMSProp",
    "build",
    "geometric",
    "logarithmic",
    "needs_closure",
]


def build(name: str, parameters: Iterable[Any], **options: Any) -> Optimizer:
    """Return an optimiser by name.

    Args:
        name: one of `OPTIMIZERS`.
        parameters: tensors or parameter groups.
        **options: of the rule, such as lr.

    Raises:
        UnknownNameError: no optimiser has this name.
        InputError: the optimiser has no such option, or the option's value is out of range.
    """
    rule = lookup("optimizer", name, OPTIMIZERS)
    known = signature(rule).parameters
    takes_more = any(entry.kind == entry.VAR_KEYWORD for entry in known.values())
    unknown = [] if takes_more else sorted(set(options) - set(known))
    if unknown:
        allowed = ", ".join(list(known)[1:])
        raise InputError(f"optimizer {name!r} has no option {unknown[0]!r}. It takes: {allowed}.")
    try:
        return rule(parameters, **options)
    except (ValueError, TypeError) as error:
        raise InputError(f"optimizer {name!r} with {options}: {error}") from error


def needs_closure(optimizer: Optimizer) -> bool:
    """Return whether `optimizer.step` must be given a closure; all of them accept one."""
    return getattr(optimizer, "needs_closure", isinstance(optimizer, torch.optim.LBFGS))
