"""Neurons given by dynamics as a PyTorch module: both runtimes, files, counts by hand, the wrong code refused."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.errors import InputError
from neurobridge.graph.files import read, write
from neurobridge.graph.reference import run
from tests.backends.dynamical import DYNAMICAL, layers, recurrent, spikes_for


@pytest.mark.parametrize("name", DYNAMICAL)
def test_both_runtimes_after_a_file(name, tmp_path):
    graph = DYNAMICAL[name](3)
    (x,) = spikes_for(graph, 3)
    expected = run(graph, x)
    write(graph, tmp_path / "net.nb")
    network = SpikingNetwork(read(tmp_path / "net.nb")[0], dtype=torch.float64)
    for runtime in ("fast", "stepped"):
        np.testing.assert_allclose(network(torch.as_tensor(x), runtime=runtime), expected.outputs[0], atol=1e-12)
    raster = network.raster(x)
    for population, spikes in expected.spikes.items():
        np.testing.assert_array_equal(raster[population], spikes)


def test_counts_by_hand():
    """A spike of the first layer reaches itself and the second layer; inputs at each step are charged as numbers."""
    graph = recurrent(0)
    (x,) = spikes_for(graph, 0)
    spikes = run(graph, x).spikes
    seen = SpikingNetwork(graph, dtype=torch.float64).observe(x)
    weights = {
        "back": graph.by_name["u"].maps[1].weight,
        "on": graph.by_name["late"].maps[0].weight,
        "in": graph.by_name["u"].maps[0].weight,
        "late": graph.by_name["late"].maps[1].weight,
    }
    reach = {name: (weight != 0).sum(axis=0) for name, weight in weights.items()}
    per_neuron = spikes["first"].sum(axis=0)
    np.testing.assert_array_equal(seen.spikes["first"], per_neuron.sum(axis=1))
    np.testing.assert_array_equal(seen.operations["first"], per_neuron @ reach["back"])
    np.testing.assert_array_equal(seen.operations["second"], per_neuron @ reach["on"])
    assert seen.analog_operations == {
        "first": graph.steps * reach["in"].sum(),
        "second": graph.steps * reach["late"].sum(),
    }


def test_inputs_at_each_step_must_have_every_step():
    graph = layers(0)
    network = SpikingNetwork(graph)
    with pytest.raises(InputError, match=r"shape \(2, 5\); the network takes \(sample, 9, 5\)"):
        network(torch.zeros(2, 5))


def test_windowed_codes_have_no_dynamics():
    graph = replace(layers(0), code="radix")
    with pytest.raises(InputError, match="needs a streaming code, not 'radix'"):
        SpikingNetwork(graph)
