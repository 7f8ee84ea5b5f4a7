"""The trained network that a comparison starts from."""

from dataclasses import replace
from pathlib import Path

from torch import nn

from neurobridge.ann.training.fit import fit_cached
from neurobridge.ann.training.recipes import recipe
from neurobridge.errors import InputError
from neurobridge.tasks import SupervisedTask, Task

QUICK_EPOCHS = 6


def trained(task: Task, model: str, seed: int, folder: Path, *, quick: bool) -> nn.Module:
    """Return a trained network on the CPU; a training that was cut short goes on, a finished one is read.

    Args:
        task: what it learns.
        model: its name.
        seed: of its first weights and of everything random in its training.
        folder: where weights are kept.
        quick: train for a few epochs only.

    Raises:
        InputError: the task isn't learnt from answers.
        FileFormatError: stored weights are damaged.
        TrainingError: the loss is not a finite number.
    """
    config = recipe(task.name, model)
    config = replace(config, epochs=min(QUICK_EPOCHS, config.epochs)) if quick else config
    network, _ = fit_cached(supervised(task), model, seed, folder, config=config)
    return network.cpu()


def supervised(task: Task) -> SupervisedTask:
    """Return the task if networks can be trained on it here.

    Raises:
        InputError: its answers aren't known, as in control.
    """
    if not isinstance(task, SupervisedTask):
        raise InputError(f"task {task.name!r} isn't learnt from answers; `compare` trains on supervised tasks.")
    return task
