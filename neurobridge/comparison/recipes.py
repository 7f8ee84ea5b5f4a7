"""The trained network that a comparison starts from, and the unlabelled inputs it is converted with."""

from dataclasses import replace
from pathlib import Path

from numpy import ndarray
from torch import nn

from neurobridge.ann import models, reinforcement
from neurobridge.ann.reinforcement import fit as practice
from neurobridge.ann.reinforcement.recipes import recipe as practised
from neurobridge.ann.training.config import TrainingConfig
from neurobridge.ann.training.contender import contender
from neurobridge.ann.training.fit import fit_cached
from neurobridge.ann.training.recipes import architecture, recipe
from neurobridge.errors import InputError
from neurobridge.tasks import SupervisedTask, Task
from neurobridge.tasks.control import ControlTask

CALIBRATION = 1024  # unlabelled training inputs that fix the ranges of a converted network
# A fall begins in a rare state. With 1,024 states, an agent that never fell lost 15 % of its return to ranges that a
# fast pole passed, at any number of steps; with 8,192 nothing.
CALIBRATION_STATES = 8192
QUICK_EPOCHS = 6
QUICK_STEPS, QUICK_EVALUATION = 4_000, 2_000

Learnable = SupervisedTask | ControlTask


def trained(task: Task, model: str, seed: int, folder: Path, *, quick: bool) -> nn.Module:
    """Return a trained network on the CPU; a training that was cut short goes on, a finished one is read.

    Args:
        task: what it learns.
        model: its name.
        seed: of its first weights and of everything random in its training.
        folder: where weights are kept.
        quick: train for a few epochs only.

    Raises:
        InputError: the task is learnt neither from answers nor by acting.
        FileFormatError: stored weights are damaged.
        TrainingError: the loss is not a finite number.
    """
    if isinstance(task, ControlTask):
        run = practised(task.environment, model).run
        run = replace(run, steps=min(QUICK_STEPS, run.steps), evaluate_every=QUICK_EVALUATION) if quick else run
        return practice.fit_cached(task, model, seed, folder, run=run)[0].policy
    network, _ = fit_cached(supervised(task), model, seed, folder, config=settings(task, model, seed, quick=quick))
    return network.cpu()


def settings(task: Task, model: str, seed: int, *, quick: bool) -> TrainingConfig:
    """Return how a network is trained on answers."""
    return replace(recipe(task.name, model), seed=seed, epochs=epochs(task.name, model, quick=quick))


def epochs(task: str, model: str, *, quick: bool) -> int:
    """Return how many epochs a network is trained on answers, by the names of task and network."""
    usual = recipe(task, model).epochs
    return min(QUICK_EPOCHS, usual) if quick else usual


def supervised(task: Task) -> SupervisedTask:
    """Return the task if networks can be trained on it here.

    Raises:
        InputError: its answers aren't known, as in control.
    """
    if not isinstance(task, SupervisedTask):
        raise InputError(f"task {task.name!r} isn't learnt from answers; `compare` trains on supervised tasks.")
    return task


def learnable(task: Task, model: str | None = None) -> Learnable:
    """Return the task if networks can be trained on it here; with the memory that a recurrent agent carries.

    Args:
        task: any.
        model: the network or agent that will learn it, if it is known.

    Raises:
        InputError: it is learnt neither from answers nor by acting.
    """
    if isinstance(task, ControlTask):
        options = practised(task.environment, model or "").options
        if model is None:
            return task
        agent = reinforcement.build(model, task.spaces, **options)
        return task.remembering(agent.memory, agent.told)
    return supervised(task)


def fitting(task: Task) -> tuple[str, ...]:
    """Return the names of the networks, or of the agents, that can learn a task."""
    return reinforcement.fitting(task.spaces) if isinstance(task, ControlTask) else models.fitting(task)


def untrained(task: Task, model: str, seed: int = 0) -> nn.Module:
    """Return a network of the kind that will be trained, with its first weights where it learns from answers."""
    if isinstance(task, ControlTask):
        return reinforcement.build(model, task.spaces, **practised(task.environment, model).options).policy
    return models.build(model, task, seed=seed, **architecture(task.name, model))


def calibration(task: Task, network: nn.Module, count: int | None = None) -> ndarray:
    """Return unlabelled inputs that fix the ranges of a converted network: training inputs, or states it comes to.

    Args:
        task: what the network was trained on.
        network: it.
        count: how many inputs; the usual number if None.
    """
    if isinstance(task, ControlTask):
        return task.visited(contender(network), count or CALIBRATION_STATES, seed=0).inputs
    count = count or CALIBRATION
    most = len(task.train) if isinstance(task, SupervisedTask) else count
    return task.calibration(min(count, most), seed=0)
