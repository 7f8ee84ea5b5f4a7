"""Explicit weights against the maps they come from, along every chain of synapses."""

import numpy as np
import pytest

from neurobridge.errors import InputError
from neurobridge.graph import maps, matrices
from neurobridge.graph.apply import apply
from neurobridge.graph.graph import Graph
from neurobridge.graph.matrices import drive
from neurobridge.graph.nodes import Edge, Readout, Synapses
from neurobridge.graph.reference import run
from tests.backends.dynamical import encode, network
from tests.cases import GRAPHS, Sketch, dyadic, inputs_for, random_maps


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", random_maps(0))
def test_every_map_as_a_matrix(kind, seed, monkeypatch):
    monkeypatch.setattr(matrices, "NUMBERS_AT_ONCE", 50)  # several batches of unit vectors
    linear, shape = random_maps(seed)[kind]
    s = Sketch("rate", 2)
    graph = s.graph(s.synapses((s.encode(*shape), linear)))
    found = drive(graph, graph.outputs[0])
    x = dyadic(np.random.default_rng(seed), 4, *shape)
    total = np.zeros((4, found.size))
    for projection in found.projections:
        assert np.all(projection.weights != 0)
        projection.add_to(total, x.reshape(4, -1))
    # a mean over three is a division in one place and a weight in the other
    np.testing.assert_allclose(total, apply(linear, x, len(shape)).reshape(4, -1), rtol=0, atol=1e-14)


@pytest.mark.parametrize(("name", "build", "code", "steps"), GRAPHS[:5], ids=[g[0] for g in GRAPHS[:5]])
def test_drives_are_what_the_reference_integrates(name, build, code, steps):
    """Bias, spikes and constant inputs through explicit weights give the outputs of the graph."""
    graph = build(code, steps, 1)
    inputs = inputs_for(graph, 1)
    expected = run(graph, *inputs)
    for readout, wanted in zip(graph.outputs, expected.outputs, strict=True):
        found = drive(graph, readout)
        total = np.zeros((len(wanted), found.size)) + steps * found.constants.get(0, 0.0)
        for p in found.projections:
            node = graph.by_name[p.source]
            if p.source in expected.spikes:
                low, unit = node.low, node.high - node.low  # type: ignore[attr-defined]
                x = steps * low + unit * expected.spikes[p.source].sum(axis=0)
            else:
                x = steps * inputs[node.position]  # type: ignore[attr-defined]
            p.add_to(total, np.asarray(x, dtype=float).reshape(len(wanted), -1))
        np.testing.assert_allclose(total.reshape(wanted.shape) / steps, wanted, rtol=1e-12, atol=1e-12)


def test_delays_add_up_along_a_chain_and_hold_the_bias_back():
    first = Synapses(
        name="first",
        inputs=(Edge(source="input", delay=1),),
        shape=(2,),
        maps=(maps.Scale(factor=np.array(2.0)),),
        bias=np.array([1.0, 3.0]),
    )
    second = Synapses(
        name="second",
        inputs=(Edge(source="first", delay=2), Edge(source="input")),
        shape=(2,),
        maps=(maps.Scale(factor=np.array(0.5)), maps.Identity()),
    )
    graph = network(encode(2), first, second)
    found = drive(graph, graph.outputs[0])
    assert {p.delay: p.weights.tolist() for p in found.projections} == {0: [1, 1], 3: [1, 1]}
    assert {delay: x.tolist() for delay, x in found.constants.items()} == {2: [0.5, 1.5]}


def test_synapses_that_feed_themselves_are_refused():
    loop = Synapses(
        name="loop",
        inputs=(Edge(source="input"), Edge(source="loop", delay=1)),
        shape=(2,),
        maps=(maps.Identity(), maps.Identity()),
    )
    readout = Readout(name="output", inputs=(Edge(source="loop"),), shape=(2,))
    graph = Graph(code="rate", steps=4, nodes=(encode(2), loop, readout))
    with pytest.raises(InputError, match="synapses 'loop' feed back on themselves"):
        drive(graph, readout)
