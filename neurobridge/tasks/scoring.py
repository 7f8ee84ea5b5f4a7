"""From a contender's outputs to scores per unit, and from scores to one number.

A scoring takes outputs `(sample, ..., output)` and targets, and returns the scores and the sample each belongs to.
Targets of `IGNORE` are left out: padding, and positions that are given rather than asked for.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy import ndarray
from scipy.special import log_softmax

IGNORE = -100

Scored = tuple[ndarray, ndarray]


def correct(outputs: ndarray, targets: ndarray) -> Scored:
    """1 where the largest output is the target's class, else 0; one unit a sample, or one a sample and step."""
    asked = targets != IGNORE
    hits = outputs.argmax(axis=-1) == targets
    return hits[asked].astype(np.float64), np.nonzero(asked)[0]


def all_correct(outputs: ndarray, targets: ndarray) -> Scored:
    """1 where every step of a sequence is right, else 0: exact match."""
    hits = (outputs.argmax(axis=-1) == targets) | (targets == IGNORE)
    return hits.reshape(len(targets), -1).all(axis=1).astype(np.float64), np.arange(len(targets))


def among_ten(outputs: ndarray, targets: ndarray) -> Scored:
    """1 where the target's output is among the ten largest, ties counted against it, else 0."""
    wanted = np.take_along_axis(outputs, targets[:, None], axis=1)
    return ((outputs >= wanted).sum(axis=1) <= 10).astype(np.float64), np.arange(len(targets))


def surprise(outputs: ndarray, targets: ndarray) -> Scored:
    """-log p(target) in nats under a softmax of the outputs; one unit a token."""
    asked = targets != IGNORE
    logs = log_softmax(outputs.astype(np.float64), axis=-1)
    chosen = np.take_along_axis(logs, np.where(asked, targets, 0)[..., None], axis=-1)[..., 0]
    return -chosen[asked], np.nonzero(asked)[0]


def squared_error(outputs: ndarray, targets: ndarray) -> Scored:
    """Mean squared error of each sample."""
    errors = (outputs.astype(np.float64) - targets.reshape(outputs.shape)) ** 2
    return errors.reshape(len(targets), -1).mean(axis=1), np.arange(len(targets))


def anomaly(outputs: ndarray, targets: ndarray) -> Scored:
    """(first output, label) of each sample: the pair that precision and recall are computed from."""
    return np.stack([outputs.reshape(len(targets), -1)[:, 0], targets.reshape(-1)], axis=1), np.arange(len(targets))


def average_precision(values: ndarray) -> float:
    """Area under the precision-recall curve of pairs (score, label), by steps as scikit-learn defines it."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(values[:, 1], values[:, 0]))


def precision_and_recall(values: ndarray, threshold: float) -> tuple[float, float]:
    """Return (precision, recall) of pairs (score, label) when scores above a threshold raise the alarm.

    Precision is the share of alarms that are right, recall the share of the labelled that are found; nan where there
    are none.
    """
    alarm, labelled = values[:, 0] > threshold, values[:, 1] > 0
    right = float((alarm & labelled).sum())
    precision, recall = (right / count if count else float("nan") for count in (alarm.sum(), labelled.sum()))
    return precision, recall


SCORINGS: Mapping[str, Callable[[ndarray, ndarray], Scored]] = {
    "among ten": among_ten,
    "correct": correct,
    "all correct": all_correct,
    "surprise": surprise,
    "squared error": squared_error,
    "anomaly": anomaly,
}

REDUCTIONS: Mapping[str, Callable[[ndarray], float]] = {
    "mean": lambda values: float(np.mean(values)),
    "percent": lambda values: 100 * float(np.mean(values)),
    "percent explained": lambda values: 100 * (1 - float(np.mean(values))),
    "root of mean": lambda values: float(np.sqrt(np.mean(values))),
    "exponential of mean": lambda values: float(np.exp(np.mean(values))),
    "average precision": average_precision,
}
