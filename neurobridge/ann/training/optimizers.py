"""The optimizer that a training's settings name."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn

from neurobridge.ann.optimizers import build
from neurobridge.ann.training.config import TrainingConfig

MakeOptimizer = Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer]


def make(config: TrainingConfig, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    """Return the optimizer that `config` names.

    Raises:
        UnknownNameError: no optimizer has this name.
        InputError: the optimizer does not take these options.
    """
    options: dict[str, Any] = {"lr": config.learning_rate, **(config.options or {})}
    if config.weight_decay:
        options["weight_decay"] = config.weight_decay
    return build(config.optimizer, parameters, **options)
