"""What cells are made of: tasks and untrained networks with a study's options."""

import json
from functools import lru_cache
from typing import Any

from torch import nn

from neurobridge import tasks
from neurobridge.ann import models
from neurobridge.ann.training.optimizers import make
from neurobridge.comparison.grid.plan import Grid, Network
from neurobridge.comparison.recipes import supervised
from neurobridge.errors import InputError
from neurobridge.tasks import SupervisedTask


def check(grid: Grid) -> None:
    """Load every task and build every network once, so that nothing fails for its options later.

    Raises:
        InputError: a network doesn't fit a task, an option or setting can't be used, or data are missing.
        UnknownNameError: no such option.
        FileFormatError: data are damaged.
    """
    once = {(network.task, network.model, network.optimizer): network for network in grid.networks()}
    for network in sorted(once.values(), key=lambda network: network.task):
        make(grid.settings(network), network_of(grid, network).parameters())


def task_of(grid: Grid, name: str) -> SupervisedTask:
    """Return a task with the study's options; the last one is kept, since a worker's next cell is often of it."""
    return loaded(name, json.dumps(grid.tasks.get(name, {})))


@lru_cache(maxsize=1)
def loaded(name: str, options: str) -> SupervisedTask:
    """Return a task with options given as JSON."""
    return supervised(tasks.load(name, **json.loads(options)))


def network_of(grid: Grid, network: Network) -> nn.Module:
    """Return an untrained network with the study's options."""
    task = task_of(grid, network.task)
    fitting = models.fitting(task)
    if network.model not in fitting:
        raise InputError(
            f"model {network.model!r} doesn't fit task {network.task!r}; these do: {', '.join(fitting)}. Put tasks "
            "with other networks into a [[grid]] table of their own."
        )
    options = options_of(grid, network.model)
    try:
        return models.build(network.model, task, seed=network.seed, **options)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"[models.{network.model}] {options} can't be used: {error}.") from error


def options_of(grid: Grid, model: str) -> dict[str, Any]:
    """Return a model's options; the lists of a file are tuples in a config."""
    given = grid.models.get(model, {})
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
