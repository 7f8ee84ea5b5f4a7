"""What a network has learnt without labels: each neuron stands for the digit that it answers most, and votes for it."""

from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import Quantity
from matplotlib.figure import Figure

from neurobridge.neuro.result import Result
from neurobridge.plots.networks import receptive_fields


@final
@dataclass(frozen=True, kw_only=True)
class Learned(Result):
    """What the network learned.

    Args:
        weights: `(neuron, pixel)` receptive fields.
        labels: `(neuron,)` the digit each neuron answers most, -1 for none.
        raised: `(neuron,)` thresholds above their value at the start.
        accuracy: part of the test digits that the labelled neurons name right.
        naive: the same of the network before learning, its neurons labelled in the same way.
        lessons: number of images it learned from, repetitions included.
    """

    weights: np.ndarray
    labels: np.ndarray
    raised: Quantity
    accuracy: float
    naive: float
    lessons: int

    def plot(self) -> Figure:
        """Return the receptive fields, sorted by the digit each neuron stands for."""
        side = round(np.sqrt(self.weights.shape[1]))
        order = np.argsort(self.labels, kind="stable")
        titles = [str(label) if label >= 0 else "-" for label in self.labels[order]]
        heading = f"{self.model}: {100 * self.accuracy:.1f} % right, {100 * self.naive:.1f} % before learning"
        return receptive_fields(self.weights[order].reshape(-1, side, side), titles, heading)


def label(answers: np.ndarray, digits: np.ndarray) -> np.ndarray:
    """Return the digit that each neuron answers most on average, `(neuron,)`, -1 if it never fires."""
    shown = digits == np.arange(10)[:, None]
    mean = shown @ answers / np.maximum(shown.sum(axis=1, keepdims=True), 1)
    return np.where(mean.sum(axis=0) > 0, mean.argmax(axis=0), -1)


def named(answers: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the digit whose neurons fire most on average, `(image,)`."""
    groups = [labels == digit for digit in range(10)]
    votes = [answers[:, mine].mean(axis=1) if mine.any() else np.full(len(answers), -1.0) for mine in groups]
    return np.argmax(votes, axis=0)
