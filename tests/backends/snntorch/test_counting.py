"""Spikes and synaptic operations against counts by brute force, one synapse at a time."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neurobridge.backends.snntorch.counting import count
from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.graph import maps
from neurobridge.graph.apply import apply
from neurobridge.graph.codes import CODES
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Encode, Neurons, Population, Synapses
from tests.cases import ANY_CODE, WINDOWED, Sketch, convolutional, gated, inputs_for, pooled_maximum, residual

EVERY = pytest.mark.parametrize("code", CODES)


def fan_out(linear: maps.LinearMap, shape: tuple[int, ...]) -> np.ndarray:
    """Return how many targets each source reaches: a unit vector a source, targets that are not zero counted."""
    size = int(np.prod(shape))
    units = np.eye(size).reshape(size, *shape)
    return (apply(linear, units, len(shape)) != 0).reshape(size, -1).sum(axis=1).reshape(shape)


@pytest.mark.parametrize("code", CODES)
def test_spikes_of_every_number(code):
    for steps in (2, 8, 16) if code == "radix" else (8, 300):
        levels = CODES[code].levels(steps)
        numbers = np.arange(-levels, levels + 1)
        if not CODES[code].streaming:
            found = count(torch.tensor(numbers, dtype=torch.float64), code, levels)
            np.testing.assert_array_equal(found, CODES[code].count(numbers))


@EVERY
@settings(max_examples=12)
@given(name=st.sampled_from(sorted(ANY_CODE)), seed=st.integers(0, 10**5))
def test_spike_counts_are_those_of_the_stepped_raster(code, name, seed):
    graph = ANY_CODE[name](code, 5, seed)
    network, inputs = SpikingNetwork(graph, dtype=torch.float64), inputs_for(graph, seed)
    activity, raster = network.observe(*inputs), network.raster(*inputs)
    assert activity.spikes.keys() == raster.keys()
    for population, spikes in raster.items():
        counted = np.abs(spikes).sum(axis=0, dtype=int).reshape(spikes.shape[1], -1).sum(axis=1)
        np.testing.assert_array_equal(activity.spikes[population], counted)
    np.testing.assert_allclose(activity.outputs, network(*inputs)[0] if name == "direct" else network(*inputs))


@pytest.mark.parametrize(
    "build", [WINDOWED["gated"], WINDOWED["tables"], WINDOWED["pooled_maximum"], WINDOWED["tokens"]]
)
def test_spike_counts_of_windowed_graphs(build):
    graph = build("radix", 4, 1)
    network, inputs = SpikingNetwork(graph, dtype=torch.float64), inputs_for(graph, 1)
    activity, raster = network.observe(*inputs), network.raster(*inputs)
    assert activity.spikes.keys() == raster.keys()
    for population, spikes in raster.items():
        counted = np.abs(spikes).sum(axis=0, dtype=int).reshape(spikes.shape[1], -1).sum(axis=1)
        np.testing.assert_array_equal(activity.spikes[population], counted)


def one_layer(code: str, linear: maps.LinearMap, shape: tuple[int, ...], paired: bool = False) -> Graph:
    s = Sketch(code, 4, 2)
    x = s.neurons(s.encode(*shape), paired=False) if CODES[code].streaming else s.encode(*shape, paired=paired)
    return s.graph(s.neurons(s.synapses((x, linear))))


def convolution(**options: object) -> maps.Convolve:
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(4, 1, 3, 3))
    weight[0, 0, 0, 0] = 0.0  # a synapse that is not there
    defaults = {"stride": (2, 2), "padding": (1, 1), "dilation": (1, 1), "groups": 2}
    return maps.Convolve(weight=weight, **{**defaults, **options})


LAYERS = {
    "convolution": (convolution(), (2, 5, 6)),
    "convolution of every picture": (convolution(), (3, 2, 5, 6)),
    "dilated": (convolution(dilation=(2, 1), stride=(1, 1)), (2, 5, 6)),
    "dense": (maps.Dense(weight=np.array([[1.0, 0.0, 2.0], [0.0, 0.0, 3.0]])), (4, 3)),
    "average": (maps.AveragePool(kernel=(3, 3), stride=(2, 2), padding=(1, 1), ceil_mode=True), (2, 5, 6)),
    "not counting padding": (
        maps.AveragePool(kernel=(2, 3), stride=(1, 2), padding=(1, 1), count_include_pad=False),
        (2, 5, 6),
    ),
    "along": (maps.Along(weight=np.array([[1.0, 0.0], [2.0, 3.0]]), axis=-2), (3, 2, 2)),
    "scale": (maps.Scale(factor=np.array([1.0, 0.0, 2.0])), (2, 3)),
}


@EVERY
@pytest.mark.parametrize("name", LAYERS)
def test_operations_are_spikes_times_their_synapses(code, name):
    """Borders, strides, groups and absent synapses exact."""
    linear, shape = LAYERS[name]
    graph = one_layer(code, linear, shape, paired=True)
    network, inputs = SpikingNetwork(graph, dtype=torch.float64), inputs_for(graph, 0)
    activity, raster = network.observe(*inputs), network.raster(*inputs)
    source, target = graph.by_name[graph.of(Synapses)[0].inputs[0].source].name, graph.populations[-1].name
    reached = fan_out(linear, shape)
    by_hand = (np.abs(raster[source]).sum(axis=0) * reached).reshape(len(inputs[0]), -1).sum(axis=1)
    np.testing.assert_array_equal(activity.operations[target], by_hand)
    assert activity.dense_operations[target] == reached.sum()


@EVERY
def test_neurons_and_updates(code):
    graph = residual(code, 5)
    activity = SpikingNetwork(graph).observe(*inputs_for(graph, 0))
    for node in graph.populations:
        if isinstance(node, Encode) and node.current:
            assert node.name not in activity.neurons
            continue
        size = int(np.prod(node.shape)) * (2 if node.paired else 1)
        assert activity.neurons[node.name] == size
        assert activity.updates[node.name] == size * node.steps
        assert np.all(activity.spikes[node.name] <= activity.updates[node.name])


def test_a_constant_input_costs_its_products_every_step():
    graph = convolutional("rate", 5)
    activity = SpikingNetwork(graph).observe(*inputs_for(graph, 0))
    first = graph.of(Synapses)[0]
    products = fan_out(first.maps[0], graph.by_name[first.inputs[0].source].shape).sum()
    assert activity.analog_operations == {"relu2": 5 * products}
    assert "relu2" not in activity.operations
    assert not SpikingNetwork(convolutional("radix", 5)).observe(*inputs_for(graph, 0)).analog_operations


@pytest.mark.parametrize("code", ["radix", "latency"])
def test_each_spike_of_a_product_releases_one_held_value_a_term(code):
    """`ij,kj->ik`: a spike of q[i, j] is multiplied with k[., j] for every k: three accumulates; and the mirror."""
    graph = gated(code, 4)
    network, inputs = SpikingNetwork(graph), inputs_for(graph, 0)
    activity, raster = network.observe(*inputs), network.raster(*inputs)
    gate = next(node for node in graph.nodes if getattr(node, "equation", "") == "ij,kj->ik")
    q = np.abs(raster[gate.inputs[0].source]).sum(axis=(0, 2, 3))
    k = np.abs(raster[gate.inputs[1].source]).sum(axis=(0, 2, 3))
    # the held side is integrated once, a spike an accumulate; the released side fans out to three rows
    np.testing.assert_array_equal(activity.operations[gate.name], 3 * q + k)


def test_a_race_hears_every_competitor_of_every_window():
    graph = pooled_maximum("radix", 4)
    network, inputs = SpikingNetwork(graph), inputs_for(graph, 0)
    activity, raster = network.observe(*inputs), network.raster(*inputs)
    race = next(node for node in graph.nodes if getattr(node, "kernel", ()))
    heard = np.zeros((6, 6))
    for row, column, i, j in product(range(3), range(3), range(3), range(3)):
        y, x = 2 * row - 1 + i, 2 * column - 1 + j
        if 0 <= y < 6 and 0 <= x < 6:
            heard[y, x] += 1
    spikes = raster[race.inputs[0].source].sum(axis=0)
    np.testing.assert_array_equal(activity.operations[race.name], (spikes * heard).sum(axis=(1, 2, 3)))
    assert race.name not in activity.dense_operations


def test_latency_interval_and_windows():
    """Latency is the sum of T over encoders and populations on the longest path; the interval is the largest T."""
    s = Sketch("radix", 4)
    x = s.encode(3, steps=6)
    a = s.neurons(s.dense(x, 3), steps=5)
    b = s.neurons(s.dense(a, 3), steps=7)
    network = SpikingNetwork(s.graph(s.add(b, s.synapses((x, maps.Identity())))))
    assert network.latency == 6 + 5 + 7
    assert network.interval == 7
    assert network.windows == {x: (0, 6), a: (6, 11), b: (11, 18)}
    rate = SpikingNetwork(convolutional("rate", 9))
    assert rate.latency == rate.interval == 9
    assert set(rate.windows.values()) == {(0, 9)}
    race = SpikingNetwork(pooled_maximum("radix", 3))
    assert race.latency == 3 * len(race.graph.of(Population))  # a race takes no time of its own


def chained(kind: str) -> Graph:
    """Return a graph in which several linear maps stand between two populations."""
    s = Sketch("radix", 3, 5)
    if kind == "centred":
        x = s.neurons(s.dense(s.encode(5), 6))
        mixed = s.dense(x, 4)
        mean = s.synapses((mixed, maps.Along(weight=np.full((4, 4), 0.25), axis=-1)))
        drive = s.add(mixed, mean)
    elif kind == "pooled":
        x = s.neurons(s.convolve(s.encode(1, 6, 6), 2))
        drive = s.dense(s.flat(s.average(s.convolve(x, 3))), 4)
    elif "sequence" in kind:
        x = s.neurons(s.dense(s.encode(3, 5), 6))
        steps = maps.Along(weight=np.tri(3), axis=-2)
        mixed = s.synapses((s.dense(x, 4), maps.Along(weight=np.full((4, 4), 0.25), axis=-1)))
        drive = s.synapses((mixed, steps)) if kind == "sequence whose steps mix" else s.dense(mixed, 5)
    else:
        x = s.neurons(s.dense(s.encode(5), 6))
        drive = s.add(s.dense(x, 6), x)
    return s.graph(s.dense(s.neurons(drive), 2))


def positive(graph: Graph) -> Graph:
    """Return the graph with every weight that is not zero replaced by one, so that nothing cancels."""

    def ones(linear: maps.LinearMap) -> maps.LinearMap:
        names = [name for name in ("weight", "factor") if hasattr(linear, name)]
        return replace(linear, **{name: np.asarray(getattr(linear, name) != 0, dtype=float) for name in names})

    return graph.mapped(lambda n: replace(n, maps=tuple(map(ones, n.maps))) if isinstance(n, Synapses) else n)


@pytest.mark.parametrize("kind", ["centred", "pooled", "two paths", "sequence", "sequence whose steps mix"])
def test_a_pair_of_neurons_counts_once_however_many_paths_join_it(kind):
    """Against the matrix of the whole chain: unit vectors through all its maps, entries that are not zero counted."""
    graph = chained(kind)
    network = SpikingNetwork(graph)
    first, second = (node.name for node in graph.of(Neurons))
    values = {first: np.eye(int(np.prod(graph.by_name[first].shape))).reshape(-1, *graph.by_name[first].shape)}
    for node in positive(graph).nodes:
        if isinstance(node, Synapses) and all(edge.source in values for edge in node.inputs):
            parts = zip(node.maps, node.inputs, strict=True)
            values[node.name] = sum(apply(m, values[e.source], values[e.source].ndim - 1) for m, e in parts)
    drive = values[graph.by_name[second].inputs[0].source]
    expected = (drive != 0).reshape(len(drive), -1).sum(axis=1).reshape(graph.by_name[first].shape)
    np.testing.assert_array_equal(network.reach.synapses[second][first], expected)
