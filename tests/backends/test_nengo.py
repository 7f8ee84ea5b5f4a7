"""The Nengo backend: Nengo's own neurons are not those of the codes, ours are; delays take their steps."""

import nengo
import numpy as np
import pytest

from neurobridge.backends import simulator
from neurobridge.backends.nengo.network import STEP_SECONDS, ensemble, run
from neurobridge.backends.nengo.neurons import IntegrateAndFire
from neurobridge.backends.nengo.simulate import simulate
from neurobridge.errors import UnsupportedOperationError
from neurobridge.graph.dynamics import cells
from neurobridge.graph.nodes import Dynamics
from tests.backends.dynamical import layers, recurrent, spikes_for
from tests.cases import gated, inputs_for

DRIVE = np.array([0.75, -0.5, 1.5, 0.25, -1.25, 2.0, 0.5, 0.0, 0.75])


def spikes_of(neurons: nengo.neurons.NeuronType, gain: float) -> np.ndarray:
    """Return the spikes of one neuron that gets `DRIVE` step by step."""
    with nengo.Network(seed=0) as network:
        source = nengo.Node(lambda t: DRIVE[round(t / STEP_SECONDS) - 1])
        part = nengo.Ensemble(1, 1, neuron_type=neurons, gain=np.full(1, gain), bias=np.zeros(1), seed=0)
        nengo.Connection(source, part.neurons, synapse=None)
        probe = nengo.Probe(part.neurons, synapse=None)
    return np.asarray(run(network, len(DRIVE)).data[probe][:, 0] > 0)


def integrate_and_fire() -> np.ndarray:
    v, fired = 0.0, []
    for x in DRIVE:
        v += x
        fired.append(v >= 1)
        v -= fired[-1]
    return np.array(fired)


def test_the_obvious_port_fails():
    """Nengo's rectified neuron ignores negative currents and fires twice a step: it is not the code's."""
    own = nengo.SpikingRectifiedLinear(initial_state={"voltage": nengo.dists.Choice([0])})
    assert (spikes_of(own, 1 / STEP_SECONDS) != integrate_and_fire()).sum() >= 2
    clipped = nengo.LIF(tau_rc=1e6, tau_ref=0, initial_state={"voltage": nengo.dists.Choice([0])})
    assert (spikes_of(clipped, 1e6 / STEP_SECONDS) != integrate_and_fire()).sum() >= 2


def test_our_neuron_is_the_codes():
    graph = layers(0, beta=1.0)
    node = graph.by_name["first"]
    assert isinstance(node, Dynamics)
    with nengo.Network(seed=0) as network:
        source = nengo.Node(lambda t: np.full(6, DRIVE[round(t / STEP_SECONDS) - 1]))
        part = ensemble(IntegrateAndFire(cells(node), 1), 6, "neurons")
        nengo.Connection(source, part.neurons, synapse=None)
        probe = nengo.Probe(part.neurons, synapse=None)
    v, expected, before = 0.0, [], 0.0
    for x in DRIVE:
        v = v + x - before
        before = float(v > 1)
        expected.append(before)
    np.testing.assert_array_equal(run(network, len(DRIVE)).data[probe], np.repeat(np.array(expected)[:, None], 6, 1))


def test_delays_of_several_steps():
    graph = recurrent(2)
    (inputs,) = spikes_for(graph, 2)
    expected = simulator("reference")(graph, (inputs,))
    assert np.array_equal(simulate(graph, (inputs,)).spikes["second"], expected.spikes["second"])
    assert not expected.spikes["second"][0].any()  # it hears the first layer a step late, and the input three


def test_products_are_refused():
    graph = gated("radix", 3, 0)
    with pytest.raises(UnsupportedOperationError, match=r"Nengo cannot run this network: 'gate\d+' is a product"):
        simulate(graph, inputs_for(graph, 0))
