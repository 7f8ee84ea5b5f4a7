"""Optimizers by name: those of `ann.optimizers`, and PyTorch's own, which win where both have a name."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import nn

from neurobridge.ann.optimizers import OPTIMIZERS as SUITE
from neurobridge.ann.training.config import TrainingConfig
from neurobridge.errors import InputError, lookup

MakeOptimizer = Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer]

OPTIMIZERS: Mapping[str, Callable[..., torch.optim.Optimizer]] = {
    **SUITE,
    "adadelta": torch.optim.Adadelta,
    "adagrad": torch.optim.Adagrad,
    "adam": torch.optim.Adam,
    "adamax": torch.optim.Adamax,
    "adamw": torch.optim.AdamW,
    "asgd": torch.optim.ASGD,
    "lbfgs": torch.optim.LBFGS,
    "nadam": torch.optim.NAdam,
    "radam": torch.optim.RAdam,
    "rmsprop": torch.optim.RMSprop,
    "rprop": torch.optim.Rprop,
    "sgd": torch.optim.SGD,
}


def make(config: TrainingConfig, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    """Return the optimizer that `config` names.

    Raises:
        UnknownNameError: no optimizer has this name.
        InputError: the optimizer does not take these options.
    """
    options: dict[str, Any] = {"lr": config.learning_rate, **(config.options or {})}
    if config.weight_decay:
        options["weight_decay"] = config.weight_decay
    maker = lookup("optimizer", config.optimizer, OPTIMIZERS)
    try:
        return maker(parameters, **options)
    except (TypeError, ValueError) as error:
        raise InputError(f"optimizer {config.optimizer!r} does not take {options}: {error}.") from None
