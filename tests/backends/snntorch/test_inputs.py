"""What a network is given: names, shapes, kinds of numbers, devices and dtypes; and what it refuses."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.errors import InputError, UnknownNameError
from neurobridge.graph.nodes import Edge
from neurobridge.graph.rewrite import redirect
from tests.cases import convolutional, direct, inputs_for, tokens


@pytest.fixture(scope="module")
def network():
    return SpikingNetwork(convolutional("radix", 4))


def test_another_number_of_inputs_is_refused(network):
    x = torch.zeros(2, 1, 6, 6)
    with pytest.raises(InputError, match=r"the graph takes 1 inputs, not 2"):
        network(x, x)


@pytest.mark.parametrize("shape", [(2, 6, 6), (2, 1, 6, 5), (2, 1, 6, 6, 1), (), (6,)])
def test_another_shape_is_refused(network, shape):
    with pytest.raises(InputError, match=r"input 'input0' has shape .*; the network takes \(sample, 1, 6, 6\)"):
        network(torch.zeros(shape))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("code", ["radix", "rate"])
def test_values_that_are_not_finite_are_refused(code, value):
    x = torch.zeros(2, 1, 6, 6)
    x[1, 0, 3, 3] = value
    with pytest.raises(InputError, match=r"input 'input0' holds NaN or infinite values"):
        SpikingNetwork(convolutional(code, 4))(x)


def test_tokens_outside_the_vocabulary_are_refused():
    network = SpikingNetwork(tokens("radix", 4))
    with pytest.raises(InputError, match=r"input 'input0' holds tokens outside 0 \.\.\. 4"):
        network(torch.tensor([[0, 5, 1]]), torch.zeros(1, 3, 2))
    with pytest.raises(InputError, match=r"input 'input0' takes whole numbers"):
        network(torch.tensor([[0.0, 1.5, 1.0]]), torch.zeros(1, 3, 2))


def test_an_unknown_runtime_suggests_the_nearest(network):
    with pytest.raises(UnknownNameError, match=r"unknown runtime 'fest'; did you mean 'fast'"):
        network(torch.zeros(1, 1, 6, 6), runtime="fest")


def test_no_samples_give_no_outputs(network):
    assert network(torch.zeros(0, 1, 6, 6)).shape == (0, 4)


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int64, np.uint8, bool])
def test_arrays_of_any_kind_are_taken(network, kind):
    x = np.ones((2, 1, 6, 6), dtype=kind)
    torch.testing.assert_close(network(x), network(torch.ones(2, 1, 6, 6)))


def test_a_network_follows_its_own_dtype():
    graph = convolutional("radix", 4)
    x = torch.as_tensor(inputs_for(graph, 0)[0])
    expected = SpikingNetwork(graph, dtype=torch.float64)(x)
    moved = SpikingNetwork(graph).double()
    assert moved(x.float()).dtype == torch.float64
    torch.testing.assert_close(moved(x), expected)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.int32])
def test_a_dtype_without_room_for_the_numbers_is_refused(dtype):
    with pytest.raises(InputError, match=r"dtype .* is not torch.float32 or torch.float64"):
        SpikingNetwork(convolutional("radix", 4), dtype=dtype)


@pytest.mark.parametrize("name", ["values", "keys", "items", "type", "forward", "half", "training"])
@pytest.mark.parametrize("code", ["radix", "rate"])
def test_nodes_may_have_the_names_of_module_attributes(name, code):
    """An argument called `values` is common in attention; ModuleDict has a method of that name."""
    graph = convolutional(code, 4)
    for old in ("input0", "relu2", "synapses1"):
        nodes = (replace(node, name=name) if node.name == old else redirect(node, {old: name}) for node in graph.nodes)
        renamed = graph.with_nodes(nodes)
        x = torch.as_tensor(inputs_for(graph, 0)[0])
        torch.testing.assert_close(SpikingNetwork(renamed)(x), SpikingNetwork(graph)(x))


def test_several_outputs_come_as_a_tuple():
    graph = direct("radix", 4)
    outputs = SpikingNetwork(graph)(torch.as_tensor(inputs_for(graph, 0)[0]))
    assert [tuple(x.shape) for x in outputs] == [(3, 4), (3, 3)]


def test_an_input_that_nothing_reads_is_taken_and_ignored():
    graph = direct("radix", 4)
    spare = replace(graph.inputs[0], name="spare", position=1)
    network = SpikingNetwork(graph.with_nodes([*graph.nodes, spare]))
    x = torch.as_tensor(inputs_for(graph, 0)[0])
    torch.testing.assert_close(network(x, torch.ones(3, 3))[0], SpikingNetwork(graph)(x)[0])
    assert network.latency == 8


def test_edges_of_a_node_may_repeat():
    graph = direct("radix", 4)
    node = graph.by_name["synapses1"]
    doubled = replace(node, inputs=(*node.inputs, Edge(source="input0")), maps=node.maps * 2)
    network = SpikingNetwork(graph.with_nodes(doubled if n is node else n for n in graph.nodes), dtype=torch.float64)
    x = torch.as_tensor(inputs_for(graph, 0)[0])
    assert torch.equal(network(x)[0], network(x, runtime="stepped")[0])
