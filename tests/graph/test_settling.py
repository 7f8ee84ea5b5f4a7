"""The signed code: neurons that take back what they sent too early come to rest at the quantised network."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurobridge.backends import simulator
from neurobridge.errors import InputError, UnsupportedOperationError
from neurobridge.graph import maps, nodes
from neurobridge.graph.apply import apply
from neurobridge.graph.checks import check
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Edge, Neurons
from neurobridge.graph.reference import run
from tests.cases import ANY_CODE, Sketch, convolutional, inputs_for


def quantised(graph: Graph, given: tuple[np.ndarray, ...]) -> list[np.ndarray]:
    """Return the readouts of a network whose activations are rounded to L levels, no time and no spikes anywhere."""
    values: dict[str, np.ndarray] = {n.name: x for n, x in zip(graph.inputs, given, strict=True)}
    for node in graph.nodes:
        held = [values[edge.source] for edge in node.inputs]
        if isinstance(node, nodes.Synapses):
            parts = [apply(m, x, x.ndim - 1) for m, x in zip(node.maps, held, strict=True)]
            values[node.name] = sum(parts) + (0 if node.bias is None else node.bias)
        elif isinstance(node, nodes.Neurons):
            unit = (node.high - node.low) / node.steps
            number = np.clip(np.floor((held[0] - node.low) / unit + 0.5), 0, node.steps)
            values[node.name] = node.low + unit * number
        elif isinstance(node, nodes.Readout):
            values[node.name] = held[0]
    return [values[node.name] for node in graph.outputs]


def long_enough(graph: Graph) -> Graph:
    """Return the graph with three times the sum of its levels as steps."""
    return replace(graph, steps=3 * sum(node.steps for node in graph.of(nodes.Neurons)) + 1)


@given(st.sampled_from(sorted(ANY_CODE)), st.sampled_from([1, 2, 4, 8, 16]), st.integers(0, 10**6))
@settings(max_examples=150, deadline=None)
def test_a_network_at_rest_is_its_quantised_form(kind, levels, seed):
    """Powers of two as levels, so that quanta are dyadic and all sums exact."""
    graph = long_enough(ANY_CODE[kind]("signed", levels, seed))
    given = inputs_for(graph, seed)
    found = run(graph, *given)
    assert all(not spikes[-1].any() for spikes in found.spikes.values())
    for mine, wanted in zip(found.outputs, quantised(graph, given), strict=True):
        np.testing.assert_array_equal(mine, wanted)


@given(st.integers(1, 12), st.floats(-3, 3))
def test_one_neuron_fires_its_number_at_once_and_takes_nothing_back(levels, drive):
    graph = ANY_CODE["scalar"]("signed", levels, 1)
    spikes = next(iter(run(graph, np.array([drive])).spikes.values()))[:, 0, 0]
    assert set(spikes.tolist()) <= {0, 1}
    assert np.all(np.diff(spikes) <= 0)


def test_spikes_are_taken_back():
    """Two neurons send 2 and 8; the second layer gets the first minus half the second, and must end at zero."""
    s = Sketch("signed", 8)
    x = s.encode(2)
    size = {"steps": 8, "low": np.zeros(()), "high": np.full((), 8.0)}
    first = Neurons(name="first", inputs=(Edge(source=x),), shape=(2,), function="relu", **size)
    s.nodes.append(first)
    difference = s.synapses(("first", maps.Dense(weight=np.array([[1.0, -0.5]]))))
    s.nodes.append(replace(first, name="second", inputs=(Edge(source=difference),), shape=(1,)))
    graph = replace(s.graph("second"), steps=20)
    found = run(graph, np.array([[2.0, 8.0]]))
    second = found.spikes["second"][:, 0, 0]
    assert second.max() == 1
    assert second.min() == -1
    assert second.sum() == found.outputs[0].item() == 0


@pytest.mark.parametrize("name", ["brian2", "nengo"])
def test_simulators_of_plain_neurons_refuse_it(name):
    graph = convolutional("signed", 4, 0)
    with pytest.raises(UnsupportedOperationError, match=r"'relu\d+' takes spikes back.*Use the snnTorch backend"):
        simulator(name)(graph, inputs_for(graph, 0))


def test_what_works_at_every_step_is_refused():
    graph = convolutional("signed", 4, 0)
    timed = graph.mapped(lambda n: replace(n, timed=True) if isinstance(n, nodes.Encode) else n)
    started = graph.mapped(lambda n: replace(n, initial=np.full((), 0.5)) if isinstance(n, nodes.Neurons) else n)
    for wrong in (timed, started):
        with pytest.raises(InputError, match=r"only the rate code has these, not 'signed'"):
            check(wrong)
