"""Weights as whole numbers: what rounding may change, and what it costs."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import neurobridge as nb
from neurobridge.backends import simulator
from neurobridge.conversion.quantise import nearest, quantised
from neurobridge.errors import InputError
from tests.conversion.networks import MLP

X = torch.rand(200, 1, 6, 6, generator=torch.Generator().manual_seed(0))


@given(bits=st.integers(2, 16), seed=st.integers(0, 1000), axis=st.integers(0, 1))
def test_rounding_is_to_the_nearest_of_few_levels(bits, seed, axis):
    weight = np.random.default_rng(seed).normal(size=(3, 4, 2))
    rounded = nearest(weight, bits, axis)
    scale = np.abs(weight).max(axis=tuple({0, 1, 2} - {axis}), keepdims=True) / (2 ** (bits - 1) - 1)
    assert np.all(np.abs(rounded - weight) <= scale / 2 * (1 + 1e-9))
    assert np.all(np.abs(rounded / scale - np.round(rounded / scale)) < 1e-6)


@torch.no_grad()
def test_more_bits_are_nearer_and_the_simulators_agree(tmp_path):
    network = nb.convert(MLP(0), X, code="rate", steps=16)
    wanted = network(X)
    errors = [float((quantised(network, bits)(X) - wanted).norm() / wanted.norm()) for bits in (2, 4, 8, 16)]
    assert errors == sorted(errors, reverse=True)
    assert errors[3] < errors[1] / 4 and errors[0] > 0.2, errors
    eight = quantised(network, 8)
    nb.save(eight, tmp_path / "8.nb")
    graph, x = nb.load(tmp_path / "8.nb").graph, (X[:4].double().numpy(),)
    expected, found = simulator("reference")(graph, x), simulator("snntorch")(graph, x)
    for name, spikes in expected.spikes.items():
        np.testing.assert_array_equal(found.spikes[name], spikes)


def test_what_it_does_not_take():
    with pytest.raises(InputError, match=r"quantised takes a converted network of the rate code, not radix"):
        quantised(nb.convert(MLP(0), X, code="radix", steps=4), 8)
    with pytest.raises(InputError, match=r"bits is 1; weights have a whole number of bits from 2 to 16"):
        quantised(nb.convert(MLP(0), X, code="rate", steps=4), 1)
