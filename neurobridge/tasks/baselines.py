"""Plain methods that a network must beat: each is fitted to a task's training side and returns a contender."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy import ndarray

from neurobridge.errors import lookup
from neurobridge.tasks.scoring import IGNORE
from neurobridge.tasks.task import Predict, SupervisedTask


def logistic_regression(task: SupervisedTask) -> Predict:
    """Multinomial logistic regression on the flattened inputs; its outputs are log probabilities."""
    from sklearn.linear_model import LogisticRegression

    def flat(inputs: ndarray) -> ndarray:
        return inputs.reshape(len(inputs), -1)

    fitted = LogisticRegression(max_iter=200).fit(flat(task.train.inputs), task.train.targets)
    return lambda inputs: np.maximum(fitted.predict_log_proba(flat(inputs)), -1e3)


def mean(task: SupervisedTask) -> Predict:
    """The mean of the training targets, whatever the input."""
    answer = task.train.targets.mean(axis=0).reshape(-1)
    return lambda inputs: np.tile(answer, (len(inputs), 1))


def most_frequent(task: SupervisedTask) -> Predict:
    """The log frequency of each class in the training targets, whatever the input."""
    targets = task.train.targets
    counts = np.bincount(targets[targets != IGNORE], minlength=task.output_size)
    answer = np.log((counts + 1) / (counts + 1).sum())
    shape = (task.output_steps, task.output_size) if task.output_steps else (task.output_size,)
    return lambda inputs: np.broadcast_to(answer, (len(inputs), *shape))


BASELINES: Mapping[str, Callable[[SupervisedTask], Predict]] = {
    "logistic regression": logistic_regression,
    "mean": mean,
    "most frequent": most_frequent,
}


def fit(name: str, task: SupervisedTask) -> Predict:
    """Return the baseline `name` fitted to `task`.

    Raises:
        UnknownNameError: no baseline has this name.
    """
    return lookup("baseline", name, BASELINES)(task)
