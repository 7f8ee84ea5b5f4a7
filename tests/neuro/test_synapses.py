"""Synapses and rules that the table of checks doesn't cover: receptors on one neuron, GABA-B, bounds of weights."""

import numpy as np
import pytest
from brian2 import Hz, ms, mV

from neurobridge.errors import InputError, UnknownNameError
from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.plasticity import PLASTICITY, RATE_RULES
from neurobridge.neuro.protocols.pairing import stdp_window
from neurobridge.neuro.protocols.postsynaptic import postsynaptic_response
from neurobridge.neuro.synapses import SHORT_TERM, SYNAPSES

LEAKY = neuron("leaky")


@pytest.mark.parametrize("name", sorted({*SYNAPSES} - {"gaba-a", "gaba-b"}))
def test_excitatory_synapses_depolarise(name):
    found = postsynaptic_response(LEAKY, SYNAPSES[name], duration=10 * ms, dt=0.1 * ms)
    assert found.voltage.max() > found.voltage[0]
    assert SYNAPSES[name].name == name


def test_a_delta_synapse_jumps_by_its_weight():
    found = postsynaptic_response(LEAKY, SYNAPSES["delta"], weight=3.0, duration=1 * ms, dt=0.01 * ms)
    assert float((found.voltage.max() - found.voltage[0]) / mV) == pytest.approx(3.0, rel=1e-3)


def test_inhibition_is_shunting_at_its_reversal_potential():
    found = postsynaptic_response(LEAKY, SYNAPSES["gaba-a"], duration=10 * ms, dt=0.1 * ms)
    assert np.allclose(np.asarray(found.voltage), -0.070, atol=1e-12)


def test_gaba_b_needs_a_burst():
    one = postsynaptic_response(LEAKY, SYNAPSES["gaba-b"], np.array([0.0]) * ms, duration=300 * ms, dt=0.1 * ms)
    burst = postsynaptic_response(LEAKY, SYNAPSES["gaba-b"], np.arange(10) * 5 * ms, duration=300 * ms, dt=0.1 * ms)
    # four bound G proteins open a channel: ten spikes do far more than ten times as much (Destexhe, Sejnowski 1995)
    assert burst.conductance.max() > 100 * one.conductance.max()


def test_two_receptors_keep_their_own_parameters():
    both = LEAKY.with_receptors(fast=SYNAPSES["ampa"], slow=SYNAPSES["nmda"])
    values = both._receptor_values()
    assert values["tau_fast"] == 2 * ms
    assert values["decay_slow"] == 100 * ms


@pytest.mark.parametrize("name", ["pair", "pair-nearest", "pair-multiplicative", "triplet"])
def test_weights_stay_in_their_bounds(name):
    rule = PLASTICITY[name].with_parameters(w_max=0.5)
    found = stdp_window(rule, np.array([-5, 5]) * ms, weight=0.5)
    assert (found.change <= 1e-15).all()
    rule = rule.with_parameters(**{"A2_minus" if name == "triplet" else "A_minus": 10.0})
    assert (stdp_window(rule, np.array([-5.0]) * ms, weight=0.5).change == -0.5).all()


def test_hebb_grows_without_bound_where_oja_does_not():
    inputs = np.random.default_rng(1).normal(size=(2000, 3))
    start = np.array([0.1, 0.1, 0.1])
    grown, held = (np.linalg.norm(RATE_RULES[name].learn(start, inputs, 0.01)) for name in ("hebb", "oja"))
    assert grown > 1e3
    assert held < 2


def test_depression_and_facilitation():
    rates = np.array([1.0, 50.0]) * Hz
    for name, sign in (("depressing", -1), ("facilitating", 1)):
        u, x = SHORT_TERM[name].steady_state(rates)
        first = float(SHORT_TERM[name].parameters["U"])
        assert np.sign((u * x)[1] - first) == sign


def test_refusals():
    with pytest.raises(UnknownNameError, match="unknown parameter of ampa 'taus'; did you mean 'tau'"):
        SYNAPSES["ampa"].with_parameters(taus=2 * ms)
    with pytest.raises(InputError, match="parameter 'tau_plus' of pair is given in mV; it is measured in ms"):
        PLASTICITY["pair"].with_parameters(tau_plus=2 * mV)
