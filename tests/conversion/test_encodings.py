"""Spikes at the first layer: the same network hears the same numbers, as exactly as the code says them."""

import numpy as np
import pytest
import torch

import neurobridge as nb
from neurobridge.backends import simulator
from neurobridge.conversion.encodings import ENCODINGS, encoded, with_input_at_every_step
from neurobridge.errors import InputError, UnknownNameError
from tests.conversion.networks import MLP

X = torch.rand(200, 1, 6, 6, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def network():
    return nb.convert(MLP(0), X, code="rate", steps=32)


@torch.no_grad()
@pytest.mark.parametrize(("encoding", "bound"), [("current", 1e-6), ("latency", 0.2), ("delta", 0.2), ("poisson", 1.0)])
def test_each_encoding_says_the_same_numbers(network, encoding, bound):
    """Relative to the outputs; chance, of 32 draws a pixel, is the worst."""
    brought, spikes = encoded(X[:50].numpy(), encoding, 32)
    found, wanted = with_input_at_every_step(network)(torch.as_tensor(brought)), network(X[:50])
    assert float((found - wanted).norm() / wanted.norm()) < bound
    most = {"current": 0, "latency": 36, "delta": 36 * 16, "poisson": 36 * 32}[encoding]
    assert spikes <= most and (spikes > 0) == (encoding != "current")


@pytest.mark.parametrize("name", ["snntorch", "nengo"])
def test_simulators_fire_the_same_spikes_for_encoded_inputs(network, name):
    graph = with_input_at_every_step(network).graph
    given = (encoded(X[:3].double().numpy(), "latency", 32)[0],)
    expected, found = simulator("reference")(graph, given), simulator(name)(graph, given)
    for population, spikes in expected.spikes.items():
        np.testing.assert_array_equal(found.spikes[population], spikes)


def test_delta_follows_a_sequence():
    frames = np.linspace(0, 1, 8)[None, :, None]
    brought, spikes = encoded(frames, "delta", 8, timed=True)
    assert np.abs(brought - frames).max() < 1 / 16 + 1e-9
    assert spikes == 16


def test_what_is_refused(network):
    assert set(ENCODINGS) == {"current", "poisson", "latency", "delta"}
    with pytest.raises(UnknownNameError, match=r"unknown encoding 'poison'; did you mean 'poisson'"):
        encoded(X.numpy(), "poison", 8)
    with pytest.raises(InputError, match=r"the inputs have 7 steps, not 8"):
        encoded(np.zeros((2, 7, 3)), "delta", 8, timed=True)
    with pytest.raises(InputError, match=r"only networks of the rate code take an input at every step, not radix"):
        with_input_at_every_step(nb.convert(MLP(0), X, code="radix", steps=4))
