"""Direct training of a windowed network: its ranges follow the weights while these learn."""

from collections.abc import Callable

import torch
from torch import nn

from neurobridge.ann.training.contender import contender
from neurobridge.backends.snntorch.analog import AnalogNetwork
from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.conversion.ranges import fit_ranges
from neurobridge.conversion.straight_through import StraightThroughNetwork
from neurobridge.graph.graph import Graph
from neurobridge.tasks import SupervisedTask

SAMPLES = 512
"""Inputs from the training side that ranges are fitted to: more than a batch, and less than a tenth of an epoch."""


def train_windows(lowered: Graph, task: SupervisedTask, learn: Callable[..., object]) -> SpikingNetwork:
    """Return a network of a windowed code that learnt a task through its spikes.

    Before each epoch the ranges of all populations are fitted to the weights as they are; a checkpoint keeps them. The
    network is left with the last ones, with which its weights learnt, unless it is better on the validation side with
    ranges that are fitted once more.

    Args:
        lowered: the architecture, its ranges unknown.
        task: what to learn.
        learn: trains a module in place, and calls `before_epoch` before each epoch.

    Raises:
        CalibrationError: values that are not finite, or a reciprocal that came too near zero.
        TrainingError: the loss is not a finite number.
    """
    samples = [(torch.as_tensor(task.calibration(min(SAMPLES, len(task.train)), seed=0)),)]
    network = StraightThroughNetwork(fit_ranges(lowered, AnalogNetwork(lowered), samples))
    learn(network, before_epoch=lambda: network.fit(lowered, samples))
    network.cpu()
    learnt = SpikingNetwork(network.learnt())
    network.fit(lowered, samples)
    fitted_again = SpikingNetwork(network.learnt())
    return fitted_again if _score(fitted_again, task) > _score(learnt, task) else learnt


def _score(network: nn.Module, task: SupervisedTask) -> float:
    """Return how well a network does on the validation side; higher is better."""
    score = task.judge_on(task.validation, contender(network)).summary
    return score if task.metric.higher_is_better else -score
