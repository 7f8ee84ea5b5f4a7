"""Plain methods that a network must beat: each is fitted to a task's training side and returns a contender."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy import ndarray

from neurobridge.errors import lookup
from neurobridge.tasks.kneser_ney import five_gram, three_gram
from neurobridge.tasks.reaching.rivals import kalman_filter, wiener_cascade, wiener_filter
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


def persistence(task: SupervisedTask) -> Predict:
    """The last value of the window."""
    return lambda inputs: inputs[:, -1]


def linear_autoregression(task: SupervisedTask) -> Predict:
    """Least squares from the window, with an intercept."""

    def design(inputs: ndarray) -> ndarray:
        flat = inputs.reshape(len(inputs), -1).astype(np.float64)
        return np.concatenate([flat, np.ones((len(flat), 1))], axis=1)

    weights = np.linalg.lstsq(design(task.train.inputs), task.train.targets, rcond=None)[0]
    return lambda inputs: design(inputs) @ weights


def largest_deviation(task: SupervisedTask) -> Predict:
    """The largest distance of any value of a window from its sensor's mean, in standard deviations."""
    mean, deviation = task.train.inputs.mean(axis=(0, 1)), task.train.inputs.std(axis=(0, 1))
    return lambda inputs: (np.abs(inputs - mean) / deviation).max(axis=(1, 2))[:, None]


def reconstruction(task: SupervisedTask) -> Predict:
    """The squared distance of a window from the first principal components of 95 % of the training variance."""
    from sklearn.decomposition import PCA

    def flat(inputs: ndarray) -> ndarray:
        return inputs.reshape(len(inputs), -1)

    fitted = PCA(n_components=0.95).fit(flat(task.train.inputs))

    def predict(inputs: ndarray) -> ndarray:
        rebuilt = fitted.inverse_transform(fitted.transform(flat(inputs)))
        return ((flat(inputs) - rebuilt) ** 2).sum(axis=1, keepdims=True)

    return predict


def bag_of_words(task: SupervisedTask) -> Predict:
    """Logistic regression on how often each token occurs."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    def counts(inputs: ndarray) -> csr_matrix:
        rows = np.repeat(np.arange(len(inputs)), inputs.shape[1])
        return csr_matrix((np.ones(inputs.size), (rows, inputs.ravel())), shape=(len(inputs), task.vocabulary))

    fitted = LogisticRegression(max_iter=500).fit(counts(task.train.inputs), task.train.targets)
    return lambda inputs: np.maximum(fitted.predict_log_proba(counts(inputs)), -1e3)


def logistic_regression_of_the_mean(task: SupervisedTask) -> Predict:
    """Logistic regression on the mean over time of a sequence or a video."""
    from sklearn.linear_model import LogisticRegression

    def mean_of(inputs: ndarray) -> ndarray:
        return inputs.mean(axis=1).reshape(len(inputs), -1)

    fitted = LogisticRegression(max_iter=200).fit(mean_of(task.train.inputs), task.train.targets)
    return lambda inputs: np.maximum(fitted.predict_log_proba(mean_of(inputs)), -1e3)


def matrix_factorisation(task: SupervisedTask, rank: int = 32) -> Predict:
    """A truncated singular value decomposition of who has seen what; a history is scored by its projection.

    Source: Cremonesi, Koren & Turrin 2010, "PureSVD", folded in by items.
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.linalg import svds

    def seen(inputs: ndarray, users: ndarray, count: int) -> csr_matrix:
        kept = inputs > 1  # neither unknown nor padding
        rows = np.broadcast_to(users[:, None], inputs.shape)[kept]
        table = csr_matrix((np.ones(len(rows)), (rows, inputs[kept])), shape=(count, task.vocabulary))
        table.data[:] = 1
        return table

    users = np.unique(task.train.groups, return_inverse=True)[1]
    history = np.concatenate([task.train.inputs, task.train.targets[:, None]], axis=1)
    table = seen(history, users, users.max() + 1)
    items = svds(table, k=min(rank, min(table.shape) - 1), random_state=0)[2]
    return lambda inputs: seen(inputs, np.arange(len(inputs)), len(inputs)) @ items.T @ items


BASELINES: Mapping[str, Callable[[SupervisedTask], Predict]] = {
    "Kalman filter": kalman_filter,
    "Kneser-Ney 3-gram": three_gram,
    "Kneser-Ney 5-gram": five_gram,
    "Wiener cascade": wiener_cascade,
    "Wiener filter": wiener_filter,
    "bag of words": bag_of_words,
    "largest deviation": largest_deviation,
    "linear autoregression": linear_autoregression,
    "logistic regression": logistic_regression,
    "logistic regression of the mean": logistic_regression_of_the_mean,
    "matrix factorisation": matrix_factorisation,
    "mean": mean,
    "most frequent": most_frequent,
    "persistence": persistence,
    "reconstruction": reconstruction,
}


def fit(name: str, task: SupervisedTask) -> Predict:
    """Return the baseline `name` fitted to `task`.

    Raises:
        UnknownNameError: no baseline has this name.
    """
    return lookup("baseline", name, BASELINES)(task)
