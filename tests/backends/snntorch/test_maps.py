"""The PyTorch module of every linear map against its numpy meaning, and the rules that every kind must have."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neurobridge.backends.snntorch.analog import FUNCTIONS as TENSOR_FUNCTIONS
from neurobridge.backends.snntorch.maps import build
from neurobridge.conversion.certificate import KINDS
from neurobridge.graph import maps, nodes
from neurobridge.graph.apply import apply
from neurobridge.graph.fits import check_shape
from neurobridge.graph.functions import FUNCTIONS
from neurobridge.graph.shapes import mapped_shape
from tests.cases import dyadic, random_maps
from tests.graph.test_functions import ARGUMENTS, drives

MAPS = [
    k for k in vars(maps).values() if isinstance(k, type) and issubclass(k, maps.LinearMap) and k is not maps.LinearMap
]
ABSTRACT = {nodes.Node, nodes.Population}
NODES = [k for k in vars(nodes).values() if isinstance(k, type) and issubclass(k, nodes.Node) and k not in ABSTRACT]


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1))
def test_modules_compute_what_the_maps_mean(seed):
    """For one axis of samples, and for time and samples in front."""
    rng = np.random.default_rng(seed)
    for name, (linear, shape) in random_maps(seed).items():
        module = build(linear, shape, torch.float64)
        x = dyadic(rng, 4, *shape)
        expected = apply(linear, x, len(shape))
        np.testing.assert_allclose(module(torch.tensor(x)), expected, rtol=1e-13, atol=1e-14, err_msg=name)
        stacked = module(torch.tensor(x).reshape(2, 2, *shape))
        np.testing.assert_allclose(stacked.reshape(expected.shape), expected, rtol=1e-13, atol=1e-14, err_msg=name)


def test_a_map_without_a_module_is_refused():
    with pytest.raises(TypeError, match=r"no PyTorch module for the map LinearMap"):
        build(maps.LinearMap(), (1,), torch.float32)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_tensors_are_those_of_the_graph(name):
    """What calibration watches is what the threshold tables invert."""
    x, arguments = drives(name, 1), ARGUMENTS.get(name, ())
    x = x[np.abs(x) < 300]
    found = TENSOR_FUNCTIONS[name](torch.tensor(x), *arguments)
    np.testing.assert_allclose(found, FUNCTIONS[name].value(x, *arguments), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", MAPS, ids=lambda kind: kind.__name__)
def test_every_kind_of_map_has_every_rule(kind):
    rules = (apply, mapped_shape, build)
    missing = [rule.__name__ for rule in rules if rule.dispatch(kind) is rule.dispatch(object)]
    assert not missing


def test_every_kind_of_node_has_a_name_in_the_certificate():
    assert set(KINDS) == set(NODES)


@pytest.mark.parametrize("kind", NODES, ids=lambda kind: kind.__name__)
def test_every_kind_of_node_has_a_shape_rule_or_none_to_check(kind):
    starts = {nodes.Encode, nodes.Port}  # their shapes are given, not derived
    refused = {nodes.Analog}  # no backend runs it: `checks.check` says so
    has_rule = check_shape.dispatch(kind) is not check_shape.dispatch(object)
    assert has_rule != (kind in starts | refused)


def test_every_function_has_a_tensor_form():
    assert set(TENSOR_FUNCTIONS) == set(FUNCTIONS)
