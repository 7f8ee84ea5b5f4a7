"""Double descent: the peak sits where features equal samples, and a penalty removes it."""

import numpy as np
import pytest

from neurobridge.ann.generalization.double_descent import double_descent
from neurobridge.errors import InputError
from neurobridge.tasks.digits import originals

TRAIN, _, TEST = originals()
FEW = TRAIN.head(150)


@pytest.fixture(scope="module")
def curve():
    return double_descent(FEW, TEST, [15, 40, 150, 500, 1500], label_noise=0.1)


def test_the_peak_is_at_the_interpolation_threshold(curve):
    test = curve.test.mean(1)
    assert test.argmax() == 2 and test[2] > 2 * max(test[1], test[3])


def test_the_second_descent_ends_below_the_first(curve):
    test = curve.test.mean(1)
    assert test[4] < test[3] < test[2] and test[4] < test[:2].min()


def test_every_sample_is_fitted_beyond_the_threshold(curve):
    assert curve.train[3:].max() == 0.0 and curve.train[0].min() > 0.0
    assert curve.samples == 150


def test_the_norm_of_the_solution_peaks_too(curve):
    assert curve.norm.mean(1).argmax() == 2


def test_a_penalty_removes_the_peak(curve):
    tamed = double_descent(FEW, TEST, [150], ridge=0.1, label_noise=0.1)
    assert tamed.test.mean() < curve.test.mean(1)[2] / 2


def test_bad_arguments_are_refused():
    with pytest.raises(InputError, match="features >= 1"):
        double_descent(FEW, TEST, [])
    with pytest.raises(InputError, match="ridge >= 0"):
        double_descent(FEW, TEST, [10], ridge=-1.0)


def test_least_norm_is_where_gradient_descent_from_zero_ends():
    from neurobridge.ann.generalization.double_descent import _least_squares

    random = np.random.default_rng(0)
    hidden, targets = random.standard_normal((10, 30)), random.standard_normal((10, 2))
    coefficients = np.zeros((30, 2))
    for _ in range(3000):
        coefficients -= 0.01 * hidden.T @ (hidden @ coefficients - targets)
    assert np.allclose(_least_squares(hidden, targets, 0.0), coefficients, atol=1e-8)
