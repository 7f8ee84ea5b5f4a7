"""How the networks of a comparison are trained."""

from pathlib import Path

from torch import nn

from neurobridge.ann import models
from neurobridge.ann.training.config import TrainingConfig
from neurobridge.ann.training.train import train
from neurobridge.errors import InputError
from neurobridge.tasks import SupervisedTask, Task

QUICK_EPOCHS = 8


def trained(task: Task, model: str, seed: int, folder: Path, *, quick: bool) -> nn.Module:
    """Return a trained network; a training that was cut short is continued, a finished one is read.

    Args:
        task: what it learns.
        model: its name.
        seed: of its first weights and of everything random in its training.
        folder: where its weights are kept.
        quick: train for a few epochs only.

    Raises:
        InputError: the task isn't one that is learnt from answers.
    """
    if not isinstance(task, SupervisedTask):
        raise InputError(f"task {task.name!r} isn't learnt from answers; `compare` trains on supervised tasks.")
    config = TrainingConfig(epochs=QUICK_EPOCHS if quick else 40, learning_rate=2e-3, seed=seed)
    network, _ = train(models.build(model, task, seed=seed), task, config, directory=folder)
    return network.cpu()
