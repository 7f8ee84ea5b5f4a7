"""Double descent: test error against the number of random features, through the point where they fit every sample."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy import ndarray

from neurobridge.errors import InputError
from neurobridge.tasks.task import Split


@final
@dataclass(frozen=True, kw_only=True)
class DescentCurve:
    """Errors against width.

    Args:
        features: of shape (width).
        train: share of training samples classified wrongly, of shape (width, seed).
        test: share of test samples, of shape (width, seed).
        norm: Euclidean norm of the fitted coefficients, of shape (width, seed).
        samples: training samples; the threshold lies at as many features.
    """

    features: ndarray
    train: ndarray
    test: ndarray
    norm: ndarray
    samples: int


def double_descent(
    train: Split,
    test: Split,
    features: Sequence[int],
    *,
    ridge: float = 0.0,
    label_noise: float = 0.0,
    seeds: Sequence[int] = (0, 1, 2),
) -> DescentCurve:
    """Fit random ReLU features by least squares, of least norm where the fit is not unique.

        scores = relu(x W / sqrt(dimension)) a,    a = argmin |scores - one-hot|^2 + ridge |a|^2

    Least squares is where gradient descent from zero ends, so this is the curve of training without stopping.

    Args:
        train: labelled samples, flattened.
        test: labelled samples.
        features: numbers of random features.
        ridge: weight of the penalty; a good one removes the peak.
        label_noise: share of training labels replaced by random ones, which raises the peak.
        seeds: of the features and of the noise.

    Raises:
        InputError: no feature number is given, one is below 1, or `ridge` or `label_noise` is out of range.

    Source:
        Belkin, Hsu, Ma and Mandal 2019, Reconciling modern machine-learning practice and the bias-variance
        trade-off.
    """
    if not features or min(features) < 1 or ridge < 0 or not 0 <= label_noise <= 1:
        raise InputError(
            f"double descent needs features >= 1, ridge >= 0 and label_noise in [0, 1]; got {list(features)}, {ridge}, "
            f"{label_noise}."
        )
    rows = [[_fit(train, test, count, ridge, label_noise, seed) for seed in seeds] for count in features]
    table = np.array(rows)
    return DescentCurve(
        features=np.array(features), train=table[..., 0], test=table[..., 1], norm=table[..., 2], samples=len(train)
    )


def _fit(
    train: Split, test: Split, count: int, ridge: float, label_noise: float, seed: int
) -> tuple[float, float, float]:
    random = np.random.default_rng(seed)
    x, x_test = train.inputs.reshape(len(train), -1), test.inputs.reshape(len(test), -1)
    labels, classes = train.targets.copy(), int(train.targets.max()) + 1
    noisy = random.random(len(labels)) < label_noise
    labels[noisy] = random.integers(0, classes, noisy.sum())
    weights = random.standard_normal((x.shape[1], count)) / np.sqrt(x.shape[1])
    hidden, hidden_test = np.maximum(x @ weights, 0), np.maximum(x_test @ weights, 0)
    coefficients = _least_squares(hidden, np.eye(classes)[labels], ridge)
    train_error = np.mean((hidden @ coefficients).argmax(1) != labels)
    test_error = np.mean((hidden_test @ coefficients).argmax(1) != test.targets)
    return float(train_error), float(test_error), float(np.linalg.norm(coefficients))


def _least_squares(hidden: ndarray, targets: ndarray, ridge: float) -> ndarray:
    left, values, right = np.linalg.svd(hidden, full_matrices=False)
    # directions below rounding error carry no information
    keep = values > values[0] * 1e-10
    shrunk = values[keep] / (values[keep] ** 2 + ridge)
    return right[keep].T @ (shrunk[:, None] * (left[:, keep].T @ targets))
