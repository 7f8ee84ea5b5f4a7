"""One study with a switch for each suspected cause of generalisation: train, then measure gap, sharpness and noise."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from neurobridge.ann import models, optimizers
from neurobridge.ann.generalization.gap import Gap, estimate_gap
from neurobridge.ann.generalization.noise_scale import NoiseScale, noise_scale
from neurobridge.ann.landscape.objective import network_objective
from neurobridge.ann.landscape.sharpness import Sharpness, measure_sharpness
from neurobridge.ann.training.config import TrainingConfig
from neurobridge.ann.training.train import train
from neurobridge.errors import InputError, lookup
from neurobridge.tasks import Split, SupervisedTask

# name -> how the weights are drawn: one of the models' own, and a factor on top
INITIAL_WEIGHTS: Mapping[str, tuple[str, float]] = {
    "he": ("he", 1.0),
    "xavier": ("xavier", 1.0),
    "too small": ("he", 0.01),
    "too large": ("he", 5.0),
}


@final
@dataclass(frozen=True, kw_only=True)
class Setting:
    """Everything that one training run of the study may vary.

    Args:
        samples: training samples that are used; few, so that there is a gap to explain.
        label_noise: share of the training labels replaced by random ones.
        widths: units of each hidden layer.
        initial_weights: one of `INITIAL_WEIGHTS`.
        batch_norm: normalise hidden layers.
        dropout: probability that a hidden unit is silenced.
        augmentation: one of the training loop's.
        weight_decay: the optimiser's own.
        patience: stop after so many epochs without a better validation score; None to train to the end.
        optimizer: one of `optimizers.OPTIMIZERS`.
        lr: step size, constant.
        options: further options of the optimiser.
        batch_size: samples per update.
        epochs: passes over the training samples.
        seed: of the weights, the batches and the label noise.
    """

    samples: int = 200
    label_noise: float = 0.0
    widths: tuple[int, ...] = (64,)
    initial_weights: str = "he"
    batch_norm: bool = False
    dropout: float = 0.0
    augmentation: str = "none"
    weight_decay: float = 0.0
    patience: int | None = None
    optimizer: str = "sgd"
    lr: float = 0.1
    options: Mapping[str, Any] | None = None
    batch_size: int = 20
    epochs: int = 60
    seed: int = 0

    def __post_init__(self) -> None:
        lookup("initial weights", self.initial_weights, INITIAL_WEIGHTS)
        if self.samples < 2 or not 0 <= self.label_noise <= 1:
            raise InputError(
                f"study: samples={self.samples} must be at least 2 and label_noise={self.label_noise} in [0, 1]."
            )


# name -> what is changed against the plain setting
SWITCHES: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "dropout": {"dropout": 0.5},
    "augmentation": {"augmentation": "affine"},
    "weight decay": {"weight_decay": 3e-3},
    "early stopping": {"patience": 10},
    "batch norm": {"batch_norm": True},
    "narrow": {"widths": (8,)},
    "wide": {"widths": (512,)},
    "xavier": {"initial_weights": "xavier"},
    "too small": {"initial_weights": "too small"},
    "too large": {"initial_weights": "too large"},
    "large batch": {"batch_size": 200},
    "sharpness-aware": {"optimizer": "sam", "options": {"beta": 0.0}},
    "Adam": {"optimizer": "adam", "lr": 1e-3},
}


@final
@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one run of the study found.

    Args:
        setting: what was run.
        error: gap of the error rate.
        loss: gap of the log loss.
        sharpness: of the training loss at the end.
        noise: of the gradient at the end.
        distance: how far the weights travelled, in Euclidean norm.
        epochs: passes that were made.
    """

    setting: Setting
    error: Gap
    loss: Gap
    sharpness: Sharpness
    noise: NoiseScale
    distance: float
    epochs: int


def investigate(task: SupervisedTask, setting: Setting) -> Finding:
    """Train one network and measure it.

    Args:
        task: classification with one answer per sample.
        setting: what to run.

    Raises:
        InputError: more samples are asked for than the task has.
        TrainingError: the loss is not a finite number.
    """
    part = shrink(task, setting)
    model = draw_model(part, setting)
    before = nn.utils.parameters_to_vector(model.parameters()).detach().clone()
    model, history = train(model, part, _training(setting), make_optimizer=_maker(setting))
    after = nn.utils.parameters_to_vector(model.parameters()).detach()
    inputs, targets = tensors(part.train)
    objective = network_objective(model, cross_entropy, [(inputs, targets)])
    return Finding(
        setting=setting,
        error=estimate_gap(*(_errors(model, side) for side in (part.train, part.test))),
        loss=estimate_gap(*(_losses(model, side) for side in (part.train, part.test))),
        sharpness=measure_sharpness(objective),
        noise=noise_scale(model, cross_entropy, inputs, targets),
        distance=float((after - before).norm()),
        epochs=len(history),
    )


def investigate_all(task: SupervisedTask, settings: Iterable[Setting]) -> list[Finding]:
    """Run several settings, one after the other."""
    return [investigate(task, setting) for setting in settings]


def switched(name: str, plain: Setting) -> Setting:
    """Return a setting with one switch thrown.

    Raises:
        UnknownNameError: no such switch.
    """
    return replace(plain, **lookup("switch", name, SWITCHES))


def shrink(task: SupervisedTask, setting: Setting) -> SupervisedTask:
    """Return a task with the setting's training samples and label noise.

    Raises:
        InputError: more samples are asked for than there are.
    """
    if setting.samples > len(task.train):
        raise InputError(f"study: task {task.name!r} has {len(task.train)} training samples, not {setting.samples}.")
    random = np.random.default_rng(setting.seed)
    part = task.train.take(random.permutation(len(task.train))[: setting.samples])
    labels = part.targets.copy()
    noisy = random.random(len(labels)) < setting.label_noise
    labels[noisy] = random.integers(0, task.output_size, noisy.sum())
    return replace(task, train=Split(inputs=part.inputs, targets=labels, groups=part.groups))


def draw_model(task: SupervisedTask, setting: Setting) -> nn.Module:
    """Return the untrained network of a setting."""
    scheme, scale = INITIAL_WEIGHTS[setting.initial_weights]
    model = models.build(
        "mlp",
        task,
        seed=setting.seed,
        widths=setting.widths,
        batch_norm=setting.batch_norm,
        dropout=setting.dropout,
        initialisation=scheme,
    )
    with torch.no_grad():
        for layer in model.modules():
            if isinstance(layer, nn.Linear):
                layer.weight *= scale
    return model


def tensors(side: Split) -> tuple[Tensor, Tensor]:
    """Return inputs and targets as tensors."""
    return torch.as_tensor(side.inputs), torch.as_tensor(side.targets)


def _training(setting: Setting) -> TrainingConfig:
    return TrainingConfig(
        epochs=setting.epochs,
        batch_size=setting.batch_size,
        learning_rate=setting.lr,
        schedule="constant",
        augmentation=setting.augmentation,
        patience=setting.patience,
        keep="last" if setting.patience is None else "best",
        device="cpu",
        seed=setting.seed,
    )


def _maker(setting: Setting) -> Any:
    options = dict(setting.options or {}) | ({"weight_decay": setting.weight_decay} if setting.weight_decay else {})
    return lambda weights: optimizers.build(setting.optimizer, weights, lr=setting.lr, **options)


@torch.no_grad()
def _outputs(model: nn.Module, side: Split) -> tuple[Tensor, Tensor]:
    inputs, targets = tensors(side)
    return model(inputs), targets


def _errors(model: nn.Module, side: Split) -> np.ndarray:
    outputs, targets = _outputs(model, side)
    return (outputs.argmax(1) != targets).double().numpy()


def _losses(model: nn.Module, side: Split) -> np.ndarray:
    outputs, targets = _outputs(model, side)
    return cross_entropy(outputs, targets, reduction="none").double().numpy()
