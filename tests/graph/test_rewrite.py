"""Rewritten graphs say the same in fewer words."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurobridge.errors import InputError
from neurobridge.graph import maps
from neurobridge.graph.checks import check
from neurobridge.graph.codes import CODES
from neurobridge.graph.graph import Graph, ordered
from neurobridge.graph.neurons import fire_window
from neurobridge.graph.nodes import Edge, Neurons, Synapses, Winner
from neurobridge.graph.reference import run
from neurobridge.graph.rewrite import fold_scales, prune, simplify, winners_last, wired
from tests.cases import Sketch, convolutional, dyadic, inputs_for, random_maps, residual

SEEDS = st.integers(0, 10**6)


def assert_same(graph: Graph, rewritten: Graph, seed: int = 0) -> None:
    """The outputs are equal up to rounding and all spikes that both have are equal."""
    check(rewritten)
    inputs = inputs_for(graph, seed)
    one, two = run(graph, *inputs), run(rewritten, *inputs)
    for a, b in zip(one.outputs, two.outputs, strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)
    for name in one.spikes.keys() & two.spikes.keys():
        if one.spikes[name].shape == two.spikes[name].shape:
            np.testing.assert_array_equal(one.spikes[name], two.spikes[name])


@settings(max_examples=8)
@given(seed=SEEDS)
def test_scales_fold_past_every_map(seed):
    """scale, map, scale: for every kind of map, factors along every axis, with biases, before or behind neurons."""
    rng = np.random.default_rng(seed)
    for name, (linear, shape) in random_maps(seed).items():
        s = Sketch("radix", 4, seed)
        size = tuple(n if rng.integers(2) else 1 for n in shape)
        power = np.asarray(2.0 ** rng.integers(-1, 2, size))
        before = s.synapses(
            (s.encode(*shape, paired=True), maps.Scale(factor=power)), bias=np.asarray(dyadic(rng, *size))
        )
        behind = s.synapses((before, linear))
        after = s.shape(behind)
        size = tuple(n if rng.integers(2) else 1 for n in after)
        power = np.asarray(2.0 ** rng.integers(-1, 2, size))
        scaled = s.synapses((behind, maps.Scale(factor=power)), bias=np.asarray(dyadic(rng, *size)))
        # means of three are not dyadic: their neurons may round otherwise
        exact = not isinstance(linear, maps.AveragePool)
        graph = s.graph(scaled, *([s.neurons(scaled, "identity", paired=True)] if exact else []))
        try:
            assert_same(graph, fold_scales(graph), seed)
            assert_same(graph, simplify(graph), seed)
            assert_same(graph, wired(simplify(graph)), seed)
        except AssertionError as error:
            raise AssertionError(f"{name} {linear} of {shape}: {error}") from error


def normalised(padding: int, shift: bool) -> Graph:
    """Return relu, normalisation with or without a shift, padded convolution."""
    s = Sketch("radix", 5, 3)
    x = s.neurons(s.convolve(s.encode(1, 4, 4), 3), channel=-3)
    factor = np.array([0.5, 2.0, 1.0]).reshape(3, 1, 1)
    x = s.synapses((x, maps.Scale(factor=factor)), bias=np.array([1.0, -0.5, 0.25]).reshape(3, 1, 1) if shift else None)
    return s.graph(s.neurons(s.convolve(x, 2, padding=padding)))


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("shift", [False, True])
def test_normalisation_before_a_convolution_folds_with_an_exact_border(padding, shift):
    """The shift is zero in the padding, so that the folded bias differs between border and interior."""
    graph = normalised(padding, shift)
    folded = simplify(graph)
    assert_same(graph, folded)
    assert len(folded.of(Synapses)) == 2
    bias = folded.of(Synapses)[-1].bias
    if shift and padding:
        full = np.broadcast_to(bias, folded.of(Synapses)[-1].shape)
        assert not np.allclose(full[:, 0, 0], full[:, 1, 1])


def test_normalisation_behind_a_convolution_folds_into_it():
    s = Sketch("radix", 5, 3)
    x = s.convolve(s.encode(1, 4, 4), 3)
    scale = maps.Scale(factor=np.array([0.5, 2.0, 1.0]).reshape(3, 1, 1))
    x = s.synapses((x, scale), bias=np.array([1.0, -0.5, 0.25]).reshape(3, 1, 1))
    graph = s.graph(s.neurons(x))
    folded = simplify(graph)
    assert_same(graph, folded)
    assert len(folded.of(Synapses)) == 1


def test_residual_additions_merge_into_the_synapses_of_the_sum():
    graph = residual("radix", 4)
    folded = simplify(graph)
    assert_same(graph, folded)
    assert len(folded.of(Synapses)) < len(graph.of(Synapses))


def raced(function: str, paired: bool = False, axes: bool = False, shared: bool = False) -> Graph:
    """Return conv, identity neurons, a race, and neurons behind it; the last output is what the conv gives."""
    s = Sketch("radix", 4, 5)
    drive = s.convolve(s.encode(1, 4, 4), 3)
    competing = s.neurons(drive, "identity", low=-2.0)
    race = s.winner_of_axes(competing, -3) if axes else s.winner(competing)
    behind = s.neurons(race, function, paired=paired, channel=-3 if axes else None)
    return s.graph(behind, *((race,) if shared else ()), drive)


@pytest.mark.parametrize("function", ["relu", "sigmoid"])
def test_a_maximum_moves_behind_increasing_neurons(function):
    """max(f(x)) = f(max(x)), and the population in front of the race is gone."""
    moved = winners_last(raced(function))
    check(moved)
    fires = moved.source(moved.of(Winner)[0])
    assert [node.name for node in moved.of(Neurons)] == [fires.name]
    found = run(moved, *inputs_for(moved, 0))
    largest = found.outputs[1].reshape(3, 3, 2, 2, 2, 2).max(axis=(3, 5))
    number = CODES["radix"].decode(fire_window(replace(fires, shape=(3, 2, 2)), largest, "radix"))
    np.testing.assert_allclose(found.outputs[0], number * fires.high / 15)


@pytest.mark.parametrize(
    "options",
    [
        {"function": "reciprocal"},
        {"function": "identity", "paired": True},
        {"function": "relu", "shared": True},
    ],
    ids=str,
)
def test_a_maximum_stays_where_moving_it_would_change_it(options):
    """Falling functions, pairs, and a maximum that others read."""
    graph = raced(**options)
    moved = winners_last(graph)
    check(moved)
    assert [node.name for node in moved.nodes] == [node.name for node in graph.nodes]


def test_competitors_over_channels_share_one_range():
    """Behind a maximum over channels there is one channel; in front of it calibration would find many ranges."""
    moved = winners_last(raced("relu", axes=True))
    fires = moved.source(moved.of(Winner)[0])
    assert fires.function == "relu"
    assert fires.channel is None


def test_nodes_that_no_output_needs_are_pruned_and_encoders_stay():
    graph = convolutional("radix", 4)
    spare = replace(graph.by_name["relu2"], name="spare")
    encoder = replace(graph.inputs[0], name="unread", position=1)
    pruned = prune(graph.with_nodes([*graph.nodes, spare, encoder]))
    names = [node.name for node in pruned.nodes]
    assert "spare" not in names
    assert "unread" in names


@pytest.mark.parametrize("code", CODES)
def test_wires_of_a_wired_graph_carry_whole_numbers(code):
    graph = wired(convolutional(code, 4))
    assert all(node.whole for node in graph.populations)
    for node in graph.of(Neurons):
        top = 1 if code == "rate" else CODES[code].levels(4)
        assert np.all(node.high == top)
        assert np.all(node.low == 0)


def test_cycles_need_a_delay():
    s = Sketch("rate", 4)
    x = s.encode(3)
    loop = s.synapses((x, maps.Identity()))
    y = s.neurons(loop)
    graph = s.graph(y)
    node = graph.by_name[loop]

    def fed_back(delay: int) -> tuple:
        edges = (*node.inputs, Edge(source=y, delay=delay))
        changed = replace(node, inputs=edges, maps=(maps.Identity(), maps.Scale(factor=np.array(0.5))))
        return tuple(changed if n is node else n for n in graph.nodes)

    with pytest.raises(InputError, match=r"a cycle without delay through"):
        list(ordered(fed_back(0)))
    check(replace(graph, nodes=fed_back(1)))


def test_deep_graphs_need_no_deep_stack():
    s = Sketch("radix", 2)
    x = s.encode(2)
    for _ in range(1500):
        x = s.synapses((x, maps.Identity()))
    graph = s.graph(x)
    assert len(simplify(replace(graph, nodes=tuple(ordered(graph.nodes[::-1])))).nodes) <= 3
