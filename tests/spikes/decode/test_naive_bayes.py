"""Naive Bayes is the posterior of independent Poisson neurons."""

import numpy as np
import pytest
from scipy.stats import poisson

from neurobridge.errors import InputError
from neurobridge.spikes.decode.naive_bayes import NaiveBayes, fit_naive_bayes
from neurobridge.spikes.encode.population import cosine_tuning


def test_the_posterior_is_that_of_scipys_poisson_distribution():
    random = np.random.default_rng(0)
    model = NaiveBayes(means=random.uniform(0.5, 9, (4, 6)), shares=np.array([0.1, 0.2, 0.3, 0.4]))
    counts = random.poisson(4, (20, 6))
    joint = np.stack([poisson.pmf(counts, mean).prod(axis=1) for mean in model.means], axis=1) * model.shares
    assert np.allclose(np.exp(model.log_posterior(counts)), joint / joint.sum(axis=1, keepdims=True), atol=1e-10)


def test_eight_directions_of_cosine_neurons_are_told_apart():
    random = np.random.default_rng(1)
    means = 0.5 * cosine_tuning(40, 30.0)(2 * np.pi * np.arange(8) / 8)
    classes = np.arange(1600) % 8
    counts = random.poisson(means.T[classes])
    found = fit_naive_bayes(counts[:800], classes[:800])
    right = (found.decode(counts[800:]) == classes[800:]).mean()
    known = NaiveBayes(means=np.maximum(means.T, 1e-9), shares=np.full(8, 1 / 8)).decode(counts[800:])
    assert right > 0.9
    # a fit on 100 trials a class loses little against the true means: 3 points are three standard errors of 800 trials
    assert right > (known == classes[800:]).mean() - 0.03


def test_a_neuron_silent_in_training_forbids_nothing():
    found = fit_naive_bayes(np.array([[0, 5], [0, 1]]), np.array([0, 1]))
    assert np.isfinite(found.log_posterior(np.array([[3, 4]]))).all()


@pytest.mark.parametrize(
    ("counts", "classes", "message"),
    [
        (np.zeros((3, 2)), np.zeros(2, int), r"one class a trial; got \(3, 2\) and \(2,\)"),
        (np.full((2, 2), -1), np.zeros(2, int), "counts .* of 0 or more"),
        (np.zeros((2, 2)), np.array([0, 2]), "class 1 has no trial"),
    ],
)
def test_what_cannot_be_fitted_is_refused(counts, classes, message):
    with pytest.raises(InputError, match=message):
        fit_naive_bayes(counts, classes)
