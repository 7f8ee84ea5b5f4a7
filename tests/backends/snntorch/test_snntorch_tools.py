"""The network is one of snnTorch's: its neurons, its reset, its plots and losses; and the traps of `snn.Leaky`."""

import gc
import weakref

import numpy as np
import pytest
import snntorch
import torch
from matplotlib.figure import Figure
from snntorch import functional, spikeplot, utils

from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.backends.snntorch.neurons import WindowedNeuron
from neurobridge.backends.snntorch.streaming import IntegrateAndFire
from neurobridge.graph.nodes import Neurons, Population
from tests.cases import clipped, convolutional, inputs_for

CODES = pytest.mark.parametrize(("code", "steps"), [("rate", 8), ("radix", 4), ("latency", 6)])


@CODES
def test_every_population_is_a_snntorch_neuron(code, steps):
    network = SpikingNetwork(convolutional(code, steps))
    for node in network.graph.of(Neurons):
        assert isinstance(network.parts[node.name], snntorch.Leaky if code == "rate" else snntorch.SpikingNeuron)
    if code != "rate":
        assert all(isinstance(network.parts[n.name], WindowedNeuron) for n in network.graph.of(Population))


@CODES
def test_reset_changes_no_result(code, steps):
    graph = convolutional(code, steps)
    network = SpikingNetwork(graph, dtype=torch.float64)
    x = torch.as_tensor(inputs_for(graph, 0)[0])
    before = network(x, runtime="stepped")
    utils.reset(network)
    for runtime in ("stepped", "fast"):
        torch.testing.assert_close(network(x, runtime=runtime), before, rtol=1e-12, atol=1e-12)
        utils.reset(network)


@CODES
def test_networks_are_freed(code, steps):
    """The list in which snnTorch keeps every neuron does not keep ours, which carry no state between runs."""
    network = SpikingNetwork(convolutional(code, steps))
    neuron = weakref.ref(network.parts[network.graph.of(Neurons)[0].name])
    del network
    gc.collect()
    assert neuron() is None


@CODES
def test_rasters_are_plotted_by_spikeplot(code, steps):
    graph = convolutional(code, steps)
    network = SpikingNetwork(graph)
    name = graph.of(Neurons)[0].name
    spikes = torch.as_tensor(network.raster(*inputs_for(graph, 0))[name][:, 0]).flatten(1)
    assert spikes.shape[0] == steps
    axes = Figure().add_subplot()
    spikeplot.raster(spikes.abs(), axes)
    points = axes.collections[0].get_offsets()
    assert len(points) == np.count_nonzero(spikes)


def test_losses_of_snntorch_take_rate_rasters():
    """Counting the spikes of the last population is the decision that snnTorch's accuracy makes."""
    graph = convolutional("rate", 12)
    network = SpikingNetwork(graph)
    last = graph.of(Neurons)[-1].name
    spikes = torch.as_tensor(network.raster(*inputs_for(graph, 0, samples=6))[last]).float().flatten(2)
    targets = spikes.sum(dim=0).argmax(dim=1)
    assert functional.accuracy_rate(spikes, targets) == 1
    silent = torch.zeros_like(spikes)
    assert functional.ce_count_loss()(spikes, targets) < functional.ce_count_loss()(silent, targets)


def leaky_counts(currents: list[float], start: float, **options: object) -> int:
    """Return how often snnTorch's neuron without leak fires."""
    neuron = snntorch.Leaky(beta=1.0, threshold=1.0, reset_mechanism="subtract", **options)
    membrane, count = torch.full((1, 1), start), 0
    for current in currents:
        spike, membrane = neuron(torch.full((1, 1), current), membrane)
        count += int(spike.item())
    return count


def test_reset_without_delay_loses_spikes():
    """A burst leaves spikes owed for later; `reset_delay=False` resets for the last one without firing it."""
    burst = [3.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert leaky_counts(burst, 0.5 + 2**-20) == 6  # the whole charge: floor(6 + 1/2)
    assert leaky_counts(burst, 0.5 + 2**-20, reset_delay=False) < 6
    network = SpikingNetwork(convolutional("rate", 4))
    assert all(network.parts[node.name].reset_delay for node in network.graph.of(Neurons))


def test_snntorch_fires_above_its_threshold_and_ours_at_it():
    assert leaky_counts([0.5], 0.5) == 0  # snnTorch: 1 > 1 is false
    assert leaky_counts([0.5], 0.5 + 2**-20) == 1  # with the tie that our first membrane carries
    node = Neurons(
        name="a", inputs=(), shape=(), steps=4, low=np.zeros(()), high=np.ones(()), function="relu", whole=True
    )
    for dtype in (torch.float32, torch.float64):
        neuron = IntegrateAndFire(node, dtype)
        spikes, _ = neuron(torch.full((2,), 0.5, dtype=dtype), neuron.first_membrane(2))
        assert spikes.tolist() == [1, 1]


def test_a_scalar_first_membrane_is_replaced_by_zeros_so_ours_has_full_shape():
    neuron = snntorch.Leaky(beta=1.0)
    _, membrane = neuron(torch.zeros(2, 3), torch.tensor(0.5))
    assert torch.all(membrane == 0)
    network = SpikingNetwork(clipped("rate", 4))
    for node in network.graph.of(Neurons):
        assert network.parts[node.name].first_membrane(5).shape == (5, *node.shape)


def test_lapicque_without_leak_ignores_its_input():
    """Why the rate code is `Leaky`: `Lapicque(beta=1)` multiplies its input by zero."""
    neuron = snntorch.Lapicque(beta=1.0, threshold=1.0)
    _, membrane = neuron(torch.ones(1, 1), torch.zeros(1, 1))
    assert membrane.item() == 0
