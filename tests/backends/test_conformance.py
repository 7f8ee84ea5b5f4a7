"""Every simulator and every graph: the spikes, outputs and membranes of the reference, or a stated refusal."""

import sys

import numpy as np
import pytest

from neurobridge.backends import SIMULATORS, installed, simulator
from neurobridge.errors import InputError, MissingExtraError, UnknownNameError, UnsupportedOperationError
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Gate, Node
from tests.backends.dynamical import DYNAMICAL, loop_of_two, spikes_for
from tests.cases import GRAPHS, inputs_for

OTHERS = [name for name in SIMULATORS if name != "reference"]
EVERY = pytest.mark.parametrize("name", OTHERS)
SEEDS = {"snntorch": (0, 1), "brian2": (0,), "nengo": (0, 1)}
"""Brian2 takes a second to build a network."""


def refused(name: str, graph: Graph) -> bool:
    return name in ("brian2", "nengo") and (bool(graph.of(Gate)) or graph.code == "signed")


def assert_same(name: str, graph: Graph, inputs: tuple[np.ndarray, ...]) -> None:
    """The simulator fires the reference's spikes from the same membranes, to the last bit on dyadic numbers."""
    expected, found = simulator("reference")(graph, inputs), simulator(name)(graph, inputs)
    assert found.spikes.keys() == expected.spikes.keys()
    assert sum(np.abs(spikes).sum() for spikes in expected.spikes.values()) > 0
    for population, spikes in expected.spikes.items():
        np.testing.assert_array_equal(found.spikes[population], spikes, err_msg=population)
    for mine, wanted in zip(found.outputs, expected.outputs, strict=True):
        assert mine.shape == wanted.shape
        np.testing.assert_allclose(mine, wanted, rtol=1e-12, atol=1e-12)
    assert found.excess.keys() <= expected.excess.keys()
    for population, excess in found.excess.items():
        np.testing.assert_allclose(excess, expected.excess[population], rtol=1e-9, atol=1e-9, err_msg=population)


@EVERY
@pytest.mark.parametrize(("kind", "build", "code", "steps"), GRAPHS, ids=[f"{g[0]}-{g[2]}" for g in GRAPHS])
def test_every_graph(name, kind, build, code, steps):
    for seed in SEEDS[name]:
        graph = build(code, steps, seed)
        inputs = inputs_for(graph, seed)
        if refused(name, graph):
            with pytest.raises(UnsupportedOperationError, match=r"'gate\d+' is a product of two|takes spikes back"):
                simulator(name)(graph, inputs)
        else:
            assert_same(name, graph, inputs)


@EVERY
@pytest.mark.parametrize("kind", DYNAMICAL)
def test_every_kind_of_dynamics(name, kind):
    for seed in SEEDS[name]:
        graph = DYNAMICAL[kind](seed)
        assert_same(name, graph, spikes_for(graph, seed))


@pytest.mark.parametrize("name", ["snntorch", "nengo"])
def test_two_layers_in_a_loop_with_one_step_of_delay(name):
    graph = loop_of_two(0)
    assert_same(name, graph, spikes_for(graph, 0))


@pytest.mark.parametrize("name", SIMULATORS)
def test_inputs_that_do_not_fit_are_refused(name):
    _, build, code, steps = GRAPHS[0]
    graph = build(code, steps, 0)
    with pytest.raises(InputError, match=r"takes 1 inputs, not 2"):
        simulator(name)(graph, (np.zeros((1, 1, 6, 6)),) * 2)
    with pytest.raises(InputError, match=r"shape \(1, 2\); the graph takes \(sample, 1, 6, 6\)"):
        simulator(name)(graph, (np.zeros((1, 2)),))


def test_unknown_simulators_suggest_the_nearest():
    with pytest.raises(UnknownNameError, match=r"unknown simulator 'brain2'; did you mean 'brian2'"):
        simulator("brain2")


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "nengo", None)
    with pytest.raises(MissingExtraError, match=r'pip install "neurobridge\[nengo\]"'):
        simulator("nengo")


def test_the_reference_is_always_installed_and_first():
    assert installed()[0] == "reference"
    assert set(installed()) <= set(SIMULATORS)


def test_every_kind_of_node_is_run_or_refused_by_name():
    """The graphs here hold every kind that a graph can have, apart from loops, ports and analog islands."""
    seen: set[type[Node]] = set()
    for _, build, code, steps in GRAPHS:
        seen |= {type(node) for node in build(code, steps, 0).nodes}
    seen |= {type(node) for build in DYNAMICAL.values() for node in build(0).nodes}
    assert {kind.__name__ for kind in seen} == {
        "Encode", "Synapses", "Neurons", "Dynamics", "Winner", "Gate", "Readout",
    }  # fmt: skip
