"""The Brian2 backend: the obvious port fails where this one does not; targets, refusals, memory."""

import shutil

import numpy as np
import pytest
from brian2 import Clock, Network, NeuronGroup, SpikeGeneratorGroup, SpikeMonitor, Synapses, ms, prefs

from neurobridge.backends import simulator
from neurobridge.backends.brian2 import simulate as module
from neurobridge.backends.brian2.simulate import simulate
from neurobridge.backends.refusals import refuse_what_is_not_neurons
from neurobridge.errors import InputError, UnsupportedOperationError
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Analog, Edge
from tests.backends.dynamical import layers, loop_of_two, recurrent, spikes_for
from tests.cases import ANY_CODE, Sketch, convolutional, inputs_for


def obvious_port(graph, spikes: np.ndarray, gain: float) -> dict[str, np.ndarray]:
    """Return the spikes of leaky layers written as a tutorial would: v decays, a spike adds w, the reset subtracts.

    Each layer is compared at the best of several shifts, so that lateness alone does not count as wrong.
    """
    first, second = graph.by_name["first"], graph.by_name["second"]
    before = prefs.codegen.target
    prefs.codegen.target = "numpy"
    try:
        clock = Clock(1 * ms, name="naive_clock")
        steps, neurons = np.nonzero(spikes)
        source = SpikeGeneratorGroup(spikes.shape[1], neurons, steps * ms, clock=clock)
        objects, monitors, previous = [source], {}, source
        for node, weights in ((first, graph.by_name["u"]), (second, graph.by_name["w"])):
            group = NeuronGroup(
                node.shape[0],
                "v : 1\nbias : 1 (constant)",
                threshold="v > 1",
                reset="v -= 1",
                clock=clock,
                name=f"naive_{node.name}",
            )
            group.bias = weights.bias
            group.run_regularly(f"v = {float(node.beta)} * v + bias", clock=clock, when="groups")
            synapses = Synapses(previous, group, "w : 1", on_pre=f"v_post += {gain} * w", clock=clock)
            synapses.connect()
            synapses.w = weights.maps[0].weight.T.ravel()
            monitors[node.name] = SpikeMonitor(group)
            objects += [group, synapses, monitors[node.name]]
            previous = group
        Network(objects).run((len(spikes) + 4) * ms, namespace={})
    finally:
        prefs.codegen.target = before
    found = {}
    for name, monitor in monitors.items():
        planes = np.zeros((len(spikes) + 4, len(monitor.source)), dtype=int)
        planes[np.rint(np.asarray(monitor.t_) * 1000).astype(int), np.asarray(monitor.i)] = 1
        found[name] = planes
    return found


@pytest.mark.parametrize("gain", [1.0, 1 / 0.875], ids=["w", "w / beta"])
def test_the_obvious_port_fails(gain):
    """Bias without a gate, reset before the leak, input after it: wrong spikes at every shift, while ours has none."""
    graph = layers(3)
    (inputs,) = spikes_for(graph, 3, samples=1)
    expected = simulator("reference")(graph, (inputs,)).spikes
    naive = obvious_port(graph, inputs[0], gain)
    for name, spikes in expected.items():
        wrong = min(int((naive[name][s : s + len(spikes)] != spikes[:, 0]).sum()) for s in range(4))
        assert wrong >= 2
    ours = simulate(graph, (inputs,)).spikes
    assert all(np.array_equal(ours[name], spikes) for name, spikes in expected.items())


def test_samples_are_copies_or_runs_of_their_own(monkeypatch):
    graph = convolutional("rate", 4, 0)
    inputs = inputs_for(graph, 0, samples=3)
    together = simulate(graph, inputs)
    monkeypatch.setattr(module, "SYNAPSES_AT_ONCE", 1)
    apart = simulate(graph, inputs, membranes=False)
    assert apart.excess == {}
    for name, spikes in together.spikes.items():
        np.testing.assert_array_equal(apart.spikes[name], spikes)
    np.testing.assert_array_equal(apart.outputs[0], together.outputs[0])


def test_it_leaves_brian2_as_it_was():
    before = prefs.codegen.target
    simulate(ANY_CODE["direct"]("rate", 3, 0), inputs_for(ANY_CODE["direct"]("rate", 3, 0), 0))
    assert prefs.codegen.target == before


def test_a_loop_with_less_delay_than_layers_is_refused():
    graph = loop_of_two(0)
    with pytest.raises(InputError, match="a loop of neurons has less delay than populations; in Brian2"):
        simulate(graph, spikes_for(graph, 0))


def test_unknown_targets_are_refused():
    graph = recurrent(0)
    with pytest.raises(InputError, match="unknown target 'fortran'"):
        simulate(graph, spikes_for(graph, 0), target="fortran")


def one_table(code: str, steps: int) -> Graph:
    s = Sketch(code, steps, 1)
    return s.graph(s.neurons(s.dense(s.encode(3, paired=True), 4), "tanh", paired=True))


def one_race(code: str, steps: int) -> Graph:
    s = Sketch(code, steps, 1)
    return s.graph(s.winner(s.neurons(s.convolve(s.encode(1, 4, 4), 2))))


COMPILED = [
    ("rate", convolutional("rate", 5, 1)),
    ("radix", one_race("radix", 3)),
    ("latency", one_table("latency", 5)),
]
"""Each object of a network takes a compiler ten seconds and more, so that these are small."""


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler")
@pytest.mark.parametrize("target", ["cython", "cpp_standalone"])
@pytest.mark.parametrize(("name", "graph"), COMPILED, ids=[name for name, _ in COMPILED])
def test_compiled_targets_fire_the_same_spikes(target, name, graph):
    inputs = inputs_for(graph, 1)
    expected = simulator("reference")(graph, inputs)
    found = simulate(graph, inputs, target=target)
    for population, spikes in expected.spikes.items():
        np.testing.assert_array_equal(found.spikes[population], spikes)
    np.testing.assert_allclose(found.outputs[0], expected.outputs[0], atol=1e-12)


def test_analog_islands_are_refused():
    graph = convolutional("radix", 3, 0)
    island = Analog(name="island", inputs=(Edge(source="input0"),), shape=(1, 6, 6), operation="exp")
    with pytest.raises(UnsupportedOperationError, match="'island' is an operation that does not spike"):
        refuse_what_is_not_neurons(graph.with_nodes((*graph.nodes, island)), "Brian2")
