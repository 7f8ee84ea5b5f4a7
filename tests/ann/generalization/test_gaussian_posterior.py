"""A posterior trained by PAC-Bayes: a certificate below one half for a stated network, that holds on test data."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from neurobridge.ann.generalization.gaussian_posterior import (
    GaussianPosterior,
    PosteriorConfig,
    certify,
    predict,
    train_posterior,
)
from neurobridge.ann.generalization.pac_bayes import gaussian_divergence
from neurobridge.errors import InputError, UnknownNameError
from neurobridge.tasks.digits import originals


@pytest.fixture(scope="module")
def certified():
    """The stated network: 64-128-10 on digits, its prior trained on half of the 1212 training images."""
    train, _, test = originals()
    inputs, targets = torch.as_tensor(train.inputs).flatten(1), torch.as_tensor(train.targets)
    half = len(inputs) // 2
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(40):
        for rows in torch.randperm(half).split(50):
            optimizer.zero_grad()
            cross_entropy(model(inputs[rows]), targets[rows]).backward()
            optimizer.step()
    prior = nn.utils.parameters_to_vector(model.parameters()).detach()
    posterior = train_posterior(model, inputs[half:], targets[half:], prior, PosteriorConfig(epochs=20))
    certificate = certify(model, posterior, inputs[half:], targets[half:])
    errors = []
    for seed in range(100):
        outputs = predict(
            model, posterior.draw(torch.Generator().manual_seed(seed)), torch.as_tensor(test.inputs).flatten(1)
        )
        errors.append(float((outputs.argmax(1) != torch.as_tensor(test.targets)).double().mean()))
    return posterior, certificate, np.mean(errors)


def test_the_certificate_is_not_vacuous(certified):
    _, certificate, _ = certified
    assert certificate.bound < 0.5 and certificate.n == 606


def test_the_certificate_holds_on_test_data(certified):
    # it may fail with probability 0.035; and 450 test images have a standard error of about 0.01
    _, certificate, error = certified
    assert certificate.empirical < certificate.empirical_bound < certificate.bound
    assert error < certificate.bound


def test_the_divergence_is_the_closed_form(certified):
    posterior, certificate, _ = certified
    expected = gaussian_divergence(
        posterior.mean.double().numpy(),
        posterior.deviation.double().numpy(),
        posterior.prior_mean.double().numpy(),
        np.full(len(posterior.mean), posterior.prior_deviation),
    )
    assert certificate.divergence == pytest.approx(expected, rel=1e-3, abs=1e-3)


def test_training_lowers_the_bound():
    random = torch.Generator().manual_seed(0)
    inputs = torch.randn(600, 5, generator=random)
    targets = (inputs[:, 0] > 0).long()
    model = nn.Linear(5, 2)
    prior = torch.zeros(12)
    untrained = train_posterior(model, inputs, targets, prior, PosteriorConfig(epochs=0, prior_deviation=1.0))
    trained = train_posterior(model, inputs, targets, prior, PosteriorConfig(epochs=60, prior_deviation=1.0, lr=0.02))
    bounds = [certify(model, entry, inputs, targets, draws=200).bound for entry in (untrained, trained)]
    assert bounds[1] < 0.3 < bounds[0]


def test_draws_have_the_posteriors_moments():
    posterior = GaussianPosterior(
        mean=torch.full((20000,), 2.0),
        deviation=torch.full((20000,), 0.5),
        prior_mean=torch.zeros(20000),
        prior_deviation=1.0,
    )
    drawn = posterior.draw(torch.Generator().manual_seed(0))
    # standard errors 0.0035 and 0.0025: 5 of them
    assert float(drawn.mean()) == pytest.approx(2.0, abs=0.018)
    assert float(drawn.std()) == pytest.approx(0.5, abs=0.0125)


def test_bad_arguments_are_refused():
    model, zeros = nn.Linear(5, 2), torch.zeros(12)
    posterior = GaussianPosterior(mean=zeros, deviation=zeros + 1, prior_mean=zeros, prior_deviation=1.0)
    data = (torch.zeros(3, 5), torch.zeros(3, dtype=torch.long))
    with pytest.raises(InputError, match="draws=0"):
        certify(model, posterior, *data, draws=0)
    with pytest.raises(UnknownNameError, match="unknown bound 'maurers'; did you mean 'maurer'"):
        certify(model, posterior, *data, bound="maurers")
    with pytest.raises(UnknownNameError, match="unknown trainable bound 'maurer'"):
        train_posterior(model, *data, zeros, PosteriorConfig(bound="maurer"))
