"""Plain methods that a network must beat: each is fitted to a task's training side and returns a contender."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy import ndarray

from neurobridge.errors import lookup
from neurobridge.tasks.task import Predict, SupervisedTask


def logistic_regression(task: SupervisedTask) -> Predict:
    """Multinomial logistic regression on the flattened inputs; its outputs are log probabilities."""
    from sklearn.linear_model import LogisticRegression

    def flat(inputs: ndarray) -> ndarray:
        return inputs.reshape(len(inputs), -1)

    fitted = LogisticRegression(max_iter=200).fit(flat(task.train.inputs), task.train.targets)
    return lambda inputs: np.maximum(fitted.predict_log_proba(flat(inputs)), -1e3)


BASELINES: Mapping[str, Callable[[SupervisedTask], Predict]] = {
    "logistic regression": logistic_regression,
}


def fit(name: str, task: SupervisedTask) -> Predict:
    """Return the baseline `name` fitted to `task`.

    Raises:
        UnknownNameError: no baseline has this name.
    """
    return lookup("baseline", name, BASELINES)(task)
