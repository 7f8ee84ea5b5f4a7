"""Train a named network once; the next caller with the same settings gets the stored weights."""

import json
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn

from neurobridge.ann import models
from neurobridge.ann.training.config import TrainingConfig
from neurobridge.ann.training.history import History
from neurobridge.ann.training.recipes import architecture, recipe
from neurobridge.ann.training.run import describe
from neurobridge.ann.training.train import train
from neurobridge.tasks import SupervisedTask


def fit_cached(
    task: SupervisedTask,
    model_name: str,
    seed: int,
    directory: Path | str,
    *,
    config: TrainingConfig | None = None,
    **options: Any,
) -> tuple[nn.Module, History]:
    """Return a trained network and its history, from `directory` if it was trained there with equal settings.

    Args:
        task: what to learn.
        model_name: one of `models.names()`.
        seed: of the initial weights and of the training.
        directory: holds one folder a network; other settings or other data get another folder.
        config: how to train; `recipe(task.name, model_name)` if None. Its seed is replaced by `seed`.
        options: fields of the architecture's config, before those of `architecture(task.name, model_name)`.

    Raises:
        UnknownNameError: no model or option has this name.
        InputError: the model does not fit the task.
        FileFormatError: the stored weights are damaged.
        TrainingError: the loss is not a finite number.
    """
    model = models.build(model_name, task, seed=seed, **(architecture(task.name, model_name) | options))
    config = replace(config or recipe(task.name, model_name), seed=seed)
    about = json.dumps(describe(model, task, config), sort_keys=True)
    folder = Path(directory) / f"{task.name}-{model_name}-{seed}-{zlib.crc32(about.encode()):08x}"
    return train(model, task, config, directory=folder)
