"""The Wiener filter is least squares on lagged counts; the cascade bends what it gives."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from neurobridge.errors import InputError
from neurobridge.spikes.decode.wiener import fit_wiener, lagged
from neurobridge.spikes.decode.wiener_cascade import fit_wiener_cascade


def counts(*shape):
    return np.random.default_rng(4).poisson(3.0, shape).astype(float)


def test_lagged_counts_are_the_bins_before():
    made = counts(2, 50, 4)
    features = lagged(made, 3)
    assert np.array_equal(features[1, 10], np.concatenate([made[1, 8], made[1, 9], made[1, 10]]))
    assert not features[:, 0, :8].any()


def test_it_is_the_least_squares_of_scikit_learn():
    made, random = counts(6, 80, 5), np.random.default_rng(1)
    target = random.normal(size=(6, 80, 2)) + made[..., :2]
    found = fit_wiener(made, target, lags=3)
    features = lagged(made - made.mean(axis=(0, 1)), 3).reshape(-1, 15)
    oracle = LinearRegression().fit(features, target.reshape(-1, 2))
    assert np.allclose(found.weights, oracle.coef_.T, atol=1e-8)
    assert np.allclose(found.decode(made).reshape(-1, 2), oracle.predict(features), atol=1e-8)


def test_a_neuron_that_never_fires_changes_nothing():
    made = counts(6, 80, 5)
    target = made[..., :2] - 3
    silent = np.concatenate([made, np.zeros((6, 80, 1))], axis=-1)
    assert np.allclose(fit_wiener(silent, target, 3).decode(silent), target, atol=1e-8)


def test_the_cascade_finds_a_cube_behind_a_filter():
    made = counts(6, 80, 5)
    linear = lagged(made, 2) @ np.random.default_rng(2).normal(size=(10, 2))[:, :1] / 10
    target = np.concatenate([linear, (linear - linear.mean()) ** 3], axis=-1)[:, 2:]
    plain, bent = (fit(made, np.pad(target, ((0, 0), (2, 0), (0, 0)), mode="edge"), 2) for fit in FITS)
    errors = [((one.decode(made)[:, 2:] - target) ** 2).mean(axis=(0, 1)) for one in (plain, bent)]
    assert errors[1][1] < 0.5 * errors[0][1]


FITS = (fit_wiener, fit_wiener_cascade)


def test_a_polynomial_of_degree_one_keeps_the_filter():
    made = counts(6, 80, 5)
    target = made[..., :2] + np.random.default_rng(3).normal(size=(6, 80, 2))
    bent = fit_wiener_cascade(made, target, 3, degree=1)
    assert np.allclose(bent.decode(made), fit_wiener(made, target, 3).decode(made), atol=1e-8)


@pytest.mark.parametrize("fit", FITS)
def test_targets_of_another_length_are_refused(fit):
    with pytest.raises(InputError, match=r"shape \(4, 3\) and targets of shape \(5, 1\)"):
        fit(np.zeros((4, 3)), np.zeros((5, 1)))


def test_lags_and_degrees_that_cannot_be_are_refused():
    with pytest.raises(InputError, match="one bin or more; lags is 0"):
        fit_wiener(counts(5, 2), np.zeros((5, 1)), lags=0)
    with pytest.raises(InputError, match="degree of 1 or more; it is 0"):
        fit_wiener_cascade(counts(5, 2), np.zeros((5, 1)), degree=0)
