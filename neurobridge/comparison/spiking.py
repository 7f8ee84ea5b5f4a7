"""Every spiking form of a network: converted, trained on after that, or trained from scratch in its place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import final

from torch import nn

from neurobridge.ann.losses import LOSSES
from neurobridge.ann.training.config import TrainingConfig
from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.comparison.contenders import COPIES, FINE_TUNED, SHARED, TRAINED, carriers
from neurobridge.comparison.recipes import calibration, supervised
from neurobridge.conversion.convert import convert
from neurobridge.conversion.direct import LEAKY, LOWERED_TO, train_spiking
from neurobridge.conversion.finetune import finetune
from neurobridge.errors import UnsupportedOperationError
from neurobridge.tasks import Task

TRIAL = 16  # training inputs that a network is converted with, to see whether it can be
EPOCHS, QUICK_EPOCHS = 3, 1  # of fine-tuning


@final
@dataclass(frozen=True, kw_only=True)
class Origin:
    """What spiking networks are made from.

    Args:
        task: what the ANN was trained on.
        model: the ANN.
        untrained: the same before it was trained.
        config: how it was trained; None where it learnt without answers.
        checkpoints: where a direct training that is cut short goes on from; None for no files.
        quick: learn briefly.
    """

    task: Task
    model: nn.Module
    untrained: nn.Module
    config: TrainingConfig | None
    checkpoints: Path | None = None
    quick: bool = False


def made(origin: Origin, code: str, steps: int) -> SpikingNetwork:
    """Return a spiking network.

    Args:
        origin: what it is made from.
        code: one of `contenders.NAMES`.
        steps: T.

    Raises:
        UnsupportedOperationError: operations without a spiking form under the code.
        InputError: it is to learn a task that has no answers.
        TrainingError: a loss is not a finite number.
    """
    return MAKERS[code](origin, steps) if code in MAKERS else converted(origin, steps, code)


def converted(origin: Origin, steps: int, code: str = "rate") -> SpikingNetwork:
    """Return the ANN converted."""
    return convert(origin.model, calibration(origin.task, origin.model), code=code, steps=steps)


def shared(origin: Origin, steps: int) -> SpikingNetwork:
    """Return the ANN converted to the radix code, several neurons for each number."""
    return convert(origin.model, calibration(origin.task, origin.model), code="radix", steps=steps, copies=COPIES)


def carried(code: str, task: Task, network: nn.Module, steps: int) -> str:
    """Return the code in which a network's spikes are written: the first of its `carriers` that takes it.

    Args:
        code: one of `contenders.NAMES`.
        task: what the network learns.
        network: trained or not.
        steps: T.

    Raises:
        UnsupportedOperationError: operations without a spiking form under the last of them.
    """
    inputs = calibration(task, network, TRIAL)
    *first, last = carriers(code)
    for one in first:
        try:
            convert(network, inputs, code=one, steps=steps)
        except UnsupportedOperationError:
            continue
        return one
    convert(network, inputs, code=last, steps=steps)
    return last


def fine_tuned(origin: Origin, steps: int) -> SpikingNetwork:
    """Return the ANN converted, and trained on through its spikes."""
    task = supervised(origin.task)
    return finetune(
        converted(origin, steps, carried(FINE_TUNED, task, origin.model, steps)),
        task.train.inputs,
        task.train.targets,
        epochs=further_epochs(quick=origin.quick),
        loss=LOSSES[task.loss],
        seed=origin.config.seed if origin.config else 0,
    )


def further_epochs(*, quick: bool) -> int:
    """Return how many epochs a converted network is trained on."""
    return QUICK_EPOCHS if quick else EPOCHS


def trained(origin: Origin, steps: int) -> SpikingNetwork:
    """Return a network, of leaky neurons where it has only ReLUs, that learnt as the ANN did, for as many epochs."""
    folder = origin.checkpoints and origin.checkpoints / f"T{steps}"
    task = supervised(origin.task)
    code = carried(TRAINED, task, origin.untrained, steps)
    code = LEAKY if code == LOWERED_TO[LEAKY] else code
    return train_spiking(origin.untrained, task, code=code, steps=steps, config=origin.config, directory=folder)


MAKERS: Mapping[str, Callable[[Origin, int], SpikingNetwork]] = {
    SHARED: shared,
    FINE_TUNED: fine_tuned,
    TRAINED: trained,
}
