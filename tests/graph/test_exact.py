"""Rounded graphs: on the grid, near the graph they come from, free of ties, refused where no grid can hold them."""

from dataclasses import replace

import numpy as np
import pytest

from neurobridge.errors import InputError, UnsupportedOperationError
from neurobridge.graph import maps
from neurobridge.graph.checks import check
from neurobridge.graph.codes import CODES
from neurobridge.graph.exact import MANTISSA, exact
from neurobridge.graph.nodes import Population, Synapses
from neurobridge.graph.reference import run
from tests.backends.dynamical import layers, spikes_for
from tests.cases import GRAPHS, Sketch, convolutional, gated, inputs_for

EVERY = pytest.mark.parametrize(("name", "build", "code", "steps"), GRAPHS, ids=[f"{g[0]}-{g[2]}" for g in GRAPHS])


def on_grid(x: np.ndarray, bits: int) -> bool:
    x = np.asarray(x)[np.isfinite(x)]
    return bool(np.all(x * 2.0**bits == np.round(x * 2.0**bits)))


@EVERY
def test_every_weight_is_on_the_grid_and_every_spike_is_worth_one(name, build, code, steps):
    bits = 5
    graph = exact(build(code, steps, 0), bits).graph
    check(graph)
    for node in graph.nodes:
        if isinstance(node, Synapses):
            for linear in node.maps:
                weights = getattr(linear, "weight", getattr(linear, "factor", 0.0))
                assert on_grid(weights, bits)
            assert node.bias is None or on_grid(node.bias, bits)
        if isinstance(node, Population):
            assert np.all(node.low == 0)
            assert node.high in (1, CODES[code].levels(node.steps))
            assert not node.whole
            assert getattr(node, "table", None) is None or on_grid(node.table, bits)  # type: ignore[attr-defined]


@EVERY
def test_a_fine_grid_keeps_a_dyadic_graph_as_it_is(name, build, code, steps):
    """Where everything is dyadic already, rounding changes no spike, only what a tie would be decided by."""
    graph = build(code, steps, 0)
    if any(
        node.table is not None and not on_grid(node.table, 16) for node in graph.populations if hasattr(node, "table")
    ):
        pytest.skip("a table of thresholds is not dyadic")
    rounded = exact(graph, 16)
    inputs = inputs_for(graph, 0)
    expected, found = run(graph, *inputs), run(rounded.graph, *rounded.inputs(inputs))
    for population, spikes in expected.spikes.items():
        np.testing.assert_array_equal(found.spikes[population], spikes, err_msg=population)


@pytest.mark.parametrize("seed", range(5))
def test_no_membrane_of_a_rate_network_stands_at_its_threshold(seed):
    rounded = exact(convolutional("rate", 7, seed), 3)  # a coarse grid makes ties likely
    found = run(rounded.graph, *rounded.inputs(inputs_for(convolutional("rate", 7, seed), seed)))
    assert all(margin > 0 for margin in found.margins.values())


@pytest.mark.parametrize("kernel", [(3, 3), (2, 3), (3,)])
@pytest.mark.parametrize("count_include_pad", [False, True])
def test_means_over_three_become_matrices_on_the_grid(kernel, count_include_pad):
    """Division by three is never exact, nor by windows of unlike size; rounded means stay within the grid's error."""
    rank, bits = len(kernel), 12
    s = Sketch("rate", 4)
    pool = maps.AveragePool(
        kernel=kernel, stride=(2,) * rank, padding=(1,) * rank, count_include_pad=count_include_pad, ceil_mode=True
    )
    graph = s.graph(s.synapses((s.encode(2, *[6] * rank), pool)))
    rounded = exact(graph, bits)
    (x,) = inputs_for(graph, 0)
    expected, found = run(graph, x).outputs[0], run(rounded.graph, *rounded.inputs((x,))).outputs[0]
    assert found.shape == expected.shape
    assert not any(isinstance(m, maps.AveragePool) for n in rounded.graph.of(Synapses) for m in n.maps)
    np.testing.assert_allclose(found, expected, atol=2.0**-bits * 2 * np.prod(kernel) * np.abs(x).max())


def test_powers_of_two_stay_poolings():
    rounded = exact(convolutional("rate", 4, 0), 6)
    assert any(isinstance(m, maps.AveragePool) for n in rounded.graph.of(Synapses) for m in n.maps)


@pytest.mark.parametrize("bits", [0, 21, True])
def test_grids_that_do_not_exist_are_refused(bits):
    with pytest.raises(InputError, match="a grid has a whole number of binary places from 1 to 20"):
        exact(convolutional("rate", 4, 0), bits)


def test_neurons_that_leak_are_refused_and_those_that_do_not_are_exact():
    with pytest.raises(UnsupportedOperationError, match="no exact arithmetic for first, second: neurons that leak"):
        exact(layers(0), 6)
    graph = layers(0, beta=1.0)
    rounded = exact(graph, 6)
    inputs = spikes_for(graph, 0)
    found = run(rounded.graph, *rounded.inputs(inputs))
    assert all(margin > 0 for margin in found.margins.values())
    for population, spikes in run(graph, *inputs).spikes.items():
        np.testing.assert_array_equal(found.spikes[population], spikes)


def test_sums_that_are_too_long_are_refused():
    graph = convolutional("rate", 4, 0)
    (x,) = inputs_for(graph, 0)
    with pytest.raises(InputError, match=rf"binary places of the {MANTISSA} that are exact; use fewer bits"):
        exact(graph, 10).inputs((x * 1e6,))


def test_products_are_exact_too():
    graph = gated("radix", 3, 1)
    rounded = exact(graph, 8)
    found = run(rounded.graph, *rounded.inputs(inputs_for(graph, 1)))
    wide = run(rounded.graph, *(x.astype(np.longdouble) for x in rounded.inputs(inputs_for(graph, 1))))
    np.testing.assert_array_equal(found.outputs[0], wide.outputs[0])


def test_rounding_keeps_the_graph_it_was_given():
    graph = convolutional("rate", 4, 0)
    before = [replace(node) for node in graph.nodes]
    exact(graph, 3)
    assert all(a.name == b.name for a, b in zip(before, graph.nodes, strict=True))
