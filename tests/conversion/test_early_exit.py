"""Early exit: what was promised on calibration data holds there, and easy samples stop sooner."""

import numpy as np
import pytest
import torch
from torch import nn

import neurobridge as nb
from neurobridge.conversion.early_exit import decide, fitted_margin
from neurobridge.errors import InputError
from tests.conversion.networks import MLP

X = torch.rand(400, 1, 6, 6, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def network():
    return nb.convert(MLP(0), X, code="rate", steps=16)


@torch.no_grad()
def test_an_endless_margin_is_the_whole_run_and_none_is_one_step(network):
    whole = decide(network, X, margin=np.inf)
    assert np.all(whole.steps == 16)
    np.testing.assert_array_equal(whole.choices, network(X).argmax(dim=1).numpy())
    one = decide(network, X, margin=-1.0)
    assert np.all(one.steps == 1)


@torch.no_grad()
@pytest.mark.parametrize("disagreement", [0.0, 0.01, 0.1])
def test_the_margin_keeps_its_promise_where_it_was_fitted(network, disagreement):
    margin = fitted_margin(network, X, disagreement=disagreement)
    found = decide(network, X, margin=margin)
    assert (found.choices != network(X).argmax(dim=1).numpy()).mean() <= disagreement
    assert found.steps.mean() < 16


def test_more_disagreement_is_sooner(network):
    means = [decide(network, X, margin=fitted_margin(network, X, disagreement=d)).steps.mean() for d in (0.1, 0.02, 0)]
    assert means == sorted(means)


def test_what_is_refused(network):
    with pytest.raises(InputError, match=r"disagreement is 1; it is a share from 0 to below 1"):
        fitted_margin(network, X, disagreement=1)
    alone = nb.convert(nn.Sequential(nn.Flatten(), nn.Linear(36, 3), nn.ReLU(), nn.Linear(3, 1)), X, code="rate")
    with pytest.raises(InputError, match=r"networks of the rate code with one output, of two classes or more"):
        decide(alone, X, margin=1.0)
