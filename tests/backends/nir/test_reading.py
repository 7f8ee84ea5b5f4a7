"""What other tools write as NIR is read as they mean it."""

from itertools import pairwise

import nir
import numpy as np
import pytest

from neurobridge.backends import simulator
from neurobridge.backends.nir.reading import from_nir
from neurobridge.errors import FileFormatError, InputError, UnknownNameError
from neurobridge.graph.nodes import Dynamics
from tests.backends.nir.cases import REFERENCE, feed_forward, hand_built
from tests.cases import dyadic


@pytest.mark.parametrize("discretisation", ["euler", "exponential"])
@pytest.mark.parametrize("kind", ["IF", "LIF", "CubaLIF"])
def test_neurons_of_other_tools_follow_their_equations(kind, discretisation):
    """The membranes of NIR's documentation, stepped here by hand, with a reset to v_reset at once."""
    node, dt, steps = hand_built(kind), 1e-4, 40
    written = feed_forward(node)
    graph = from_nir(written, steps, dt=dt, discretisation=discretisation)
    rng = np.random.default_rng(1)
    x = rng.integers(0, 2, (2, steps, 4)).astype(float)
    drive = x @ written.nodes["linear"].weight.T

    def share(tau: np.ndarray) -> np.ndarray:
        return dt / tau if discretisation == "euler" else 1 - np.exp(-dt / tau)

    v, current, expected = np.zeros((2, 3)), np.zeros((2, 3)), []
    for step in range(steps):
        if kind == "IF":
            v = v + dt * node.r * drive[:, step]
        elif kind == "LIF":
            v = v + share(node.tau) * (node.v_leak - v + node.r * drive[:, step])
        else:
            current = current + share(node.tau_syn) * (-current + node.w_in * drive[:, step])
            v = v + share(node.tau_mem) * (node.v_leak - v + node.r * current)
        fired = v > node.v_threshold
        expected.append(fired)
        v = np.where(fired, node.v_reset, v)
    run = REFERENCE(graph, (x,))
    name = next(n.name for n in graph.nodes if isinstance(n, Dynamics))
    assert 10 < np.sum(expected) < 0.9 * np.size(expected)
    assert run.margins[name] > 1e-9
    np.testing.assert_array_equal(run.spikes[name], np.array(expected).astype(int))
    np.testing.assert_array_equal(simulator("snntorch")(graph, (x,)).spikes[name], run.spikes[name])


def test_readers_that_subtract():
    node, steps = nir.LIF(tau=np.full(3, 8e-4), r=np.full(3, 8.0), v_leak=np.zeros(3), v_threshold=np.ones(3)), 30
    written = feed_forward(node)
    graph = from_nir(written, steps, reset="subtract")
    x = np.random.default_rng(3).integers(0, 2, (1, steps, 4)).astype(float)
    v, expected = np.zeros(3), []
    for step in range(steps):
        v = v + 1e-4 / node.tau * (-v + node.r * (written.nodes["linear"].weight @ x[0, step]))
        expected.append(v > 1)
        v = v - expected[-1]
    name = next(n.name for n in graph.nodes if isinstance(n, Dynamics))
    np.testing.assert_array_equal(REFERENCE(graph, (x,)).spikes[name][:, 0], np.array(expected).astype(int))


def test_recurrent_edges_delays_and_graphs_in_graphs():
    """A layer that hears itself one step later, written as other tools do: a graph inside the graph, and no Delay."""
    rng = np.random.default_rng(0)
    back, enter = dyadic(rng, 3, 3, bits=3), dyadic(rng, 3, 4, bits=3) + 0.25
    node = nir.IF(r=np.full(3, 1e4), v_threshold=np.ones(3))
    inner = nir.NIRGraph(
        nodes={
            "input": nir.Input({"input": np.array([3])}),
            "lif": node,
            "back": nir.Linear(weight=back),
            "output": nir.Output({"output": np.array([3])}),
        },
        edges=[("input", "lif"), ("lif", "back"), ("back", "lif"), ("lif", "output")],
        type_check=False,
    )
    outer = nir.NIRGraph(
        nodes={
            "input": nir.Input({"input": np.array([4])}),
            "enter": nir.Linear(weight=enter),
            "late": nir.Delay(delay=np.full(3, 2e-4)),
            "layer": inner,
            "output": nir.Output({"output": np.array([3])}),
        },
        edges=[("input", "enter"), ("enter", "late"), ("late", "layer"), ("layer", "output")],
        type_check=False,
    )
    graph = from_nir(outer, 12)
    x = rng.integers(0, 2, (1, 12, 4)).astype(float)
    v, before, expected = np.zeros(3), np.zeros(3), []
    for step in range(12):
        v = v + (enter @ x[0, step - 2] if step >= 2 else 0) + back @ before
        before = (v > 1).astype(float)
        v = v * (1 - before)
        expected.append(before)
    assert np.sum(expected) > 3
    np.testing.assert_array_equal(REFERENCE(graph, (x,)).spikes["layer|lif"][:, 0], np.array(expected))


def test_padding_by_name_and_numbers_instead_of_pairs():
    rng = np.random.default_rng(0)
    same = nir.Conv2d(
        input_shape=(5, 5),
        weight=dyadic(rng, 2, 1, 3, 3),
        stride=1,
        padding="same",
        dilation=1,
        groups=1,
        bias=np.zeros(2),
    )
    valid = nir.Conv1d(
        input_shape=6, weight=dyadic(rng, 2, 1, 3), stride=1, padding="valid", dilation=1, groups=1, bias=np.zeros(2)
    )
    for node, shape, wide in ((same, (1, 5, 5), (2, 5, 5)), (valid, (1, 6), (2, 4))):
        neuron = nir.IF(r=np.full(wide, 1e4), v_threshold=np.ones(wide))
        graph = from_nir(nir.NIRGraph.from_list(nir.Input({"input": np.array(shape)}), node, neuron), 3)
        assert graph.outputs[0].shape == wide
    same.padding, same.stride = "same", 2
    with pytest.raises(FileFormatError, match="has the padding 'same'; write numbers"):
        from_nir(nir.NIRGraph.from_list(nir.Input({"input": np.array((1, 5, 5))}), same, type_check=False), 3)


def graph_of(*nodes: nir.NIRNode, edges: list[tuple[str, str]] | None = None) -> nir.NIRGraph:
    labels = [f"n{i}" for i in range(len(nodes))]
    return nir.NIRGraph(
        nodes=dict(zip(labels, nodes, strict=True)),
        edges=list(pairwise(labels)) if edges is None else edges,
        type_check=False,
    )


ENTER, LEAVE = nir.Input({"input": np.array([3])}), nir.Output({"output": np.array([3])})
ONES = np.ones(3)
BROKEN = {
    "no Input or no Output": graph_of(nir.Linear(weight=np.eye(3)), LEAVE),
    "names 'elsewhere', which is not in it": graph_of(ENTER, LEAVE, edges=[("n0", "elsewhere")]),
    "integrates and never fires": graph_of(ENTER, nir.LI(tau=ONES, r=ONES, v_leak=ONES), LEAVE),
    "'n1' has no input": graph_of(ENTER, nir.Scale(scale=ONES), LEAVE, edges=[("n1", "n2")]),
    "shorter than the step": graph_of(ENTER, nir.LIF(tau=1e-9 * ONES, r=ONES, v_leak=ONES, v_threshold=ONES), LEAVE),
    "parameters that are not finite": graph_of(ENTER, nir.IF(r=np.nan * ONES, v_threshold=ONES), LEAVE),
    "other than one whole number of steps": graph_of(ENTER, nir.Delay(delay=0.00015 * ONES), LEAVE),
    "does not describe a spiking network": graph_of(ENTER, nir.Linear(weight=np.ones((3, 5))), LEAVE),
    r"weights of shape \(2, 3, 3\)": graph_of(ENTER, nir.Linear(weight=np.ones((2, 3, 3))), LEAVE),
    "reached by nothing but itself": graph_of(ENTER, nir.Scale(scale=ONES), LEAVE, edges=[("n1", "n1"), ("n1", "n2")]),
    r"has the shape \[-3\]": graph_of(nir.Input({"input": np.array([-3])}), LEAVE),
}


@pytest.mark.parametrize("message", BROKEN)
def test_what_cannot_be_read_is_named(message):
    with pytest.raises(FileFormatError, match=message):
        from_nir(BROKEN[message], 4)


def test_options_that_do_not_exist():
    written = feed_forward(hand_built("IF"))
    with pytest.raises(InputError, match="does not say for how many steps"):
        from_nir(written)
    with pytest.raises(InputError, match="unknown reset 'soft'; choose one of value, subtract"):
        from_nir(written, 3, reset="soft")
    with pytest.raises(UnknownNameError, match="unknown discretisation 'eulr'"):
        from_nir(written, 3, discretisation="eulr")
    with pytest.raises(InputError, match="dt is -1"):
        from_nir(written, 3, dt=-1)
