"""Every neuron model: it runs, its equations use all its parameters, and wrong values are refused by name."""

import re

import numpy as np
import pytest
from brian2 import ms, mV, nA, pA, second

from neurobridge.errors import InputError, UnknownNameError
from neurobridge.neuro.circuit import single
from neurobridge.neuro.neurons import NEURONS, neuron
from neurobridge.neuro.protocols.bifurcation import bifurcations
from neurobridge.neuro.recorders import Spikes
from neurobridge.neuro.simulate import simulate
from neurobridge.neuro.stimuli import constant
from neurobridge.neuro.vector_field import vector_field


@pytest.mark.parametrize("name", NEURONS)
def test_the_record_is_complete(name):
    model = NEURONS[name]
    assert model.name == name
    assert re.search(r"\d{4}", model.reference)
    text = " ".join((model.equations, model.update, model.threshold, model.reset, str(model.refractory)))
    text += " " + " ".join(map(str, model.initial.values()))
    for parameter in model.parameters:
        assert re.search(rf"\b{parameter}\b", text), f"{parameter} is never used"
    for values in model.variants.values():
        assert set(values) <= set(model.parameters)


@pytest.mark.parametrize("name", NEURONS)
def test_it_fires_under_its_drive_and_rests_without(name):
    model = NEURONS[name]
    values = np.array([0.0, 1.0]) * model.drive
    counts = simulate(single(model, constant(values), 2), 60 * ms, [Spikes("neurons")]).spikes["neurons"].counts()
    assert counts[1] >= 1
    assert counts[0] <= 1  # Izhikevich's model starts away from its rest


@pytest.mark.parametrize(
    "name", ["hodgkin-huxley", "morris-lecar", "connor-stevens", "wang-buzsaki", "fitzhugh-nagumo"]
)
def test_it_starts_at_its_stable_fixed_point(name):
    model = NEURONS[name]
    field = vector_field(model)
    (point, *_) = field.fixed_points(0.0, *((-2, 0) if name == "fitzhugh-nagumo" else (-0.075, -0.05)))
    assert point.stable
    started = np.array([float(model.initial[variable]) for variable in field.names])
    assert np.allclose(started, point.state, rtol=0.1, atol=0.05)


def test_names_and_units_are_checked():
    with pytest.raises(UnknownNameError, match="unknown neuron 'leeky'; did you mean 'leaky'"):
        neuron("leeky")
    with pytest.raises(UnknownNameError, match="unknown variant of adaptive-exponential 'tonics'"):
        neuron("adaptive-exponential:tonics")
    with pytest.raises(UnknownNameError, match=r"unknown parameter of leaky 'tau_m'"):
        neuron("leaky").with_parameters(tau_m=3 * ms)
    with pytest.raises(InputError, match="parameter 'tau' of leaky is given in mV; it is measured in ms"):
        neuron("leaky").with_parameters(tau=3 * mV)
    with pytest.raises(InputError, match="the input of hodgkin-huxley is given in nA; it is measured in uA/cm2"):
        simulate(single(neuron("hodgkin-huxley"), constant(1 * nA)), 1 * ms)
    with pytest.raises(InputError, match="'amplitude' holds 3 values for 2 neurons"):
        simulate(single(neuron("leaky"), constant(np.ones(3) * nA), 2), 1 * ms)
    with pytest.raises(InputError, match="a stimulus holds a value that is not finite"):
        constant(np.nan * nA)


def test_the_escape_rate_of_the_spike_response_model():
    # held at its threshold it fires at its rate there; 100 neurons for 1 s: 4 standard errors are 4 %
    model = neuron("spike-response").with_parameters(eta_0=0 * mV, t_ref=0 * ms).with_initial(h=20 * mV)
    found = simulate(single(model, constant(np.full(100, 2.0) * nA), 100), 1 * second, [Spikes("neurons")], seed=1)
    assert float(found.spikes["neurons"].rate()) == pytest.approx(100, rel=0.04)


def test_the_squid_at_another_temperature_is_faster():
    warm = neuron("hodgkin-huxley").with_parameters(celsius=16.3)
    cold, hot = (
        bifurcations(model, -66 * mV, -55 * mV, 80).hopf_frequency[0] for model in (neuron("hodgkin-huxley"), warm)
    )
    assert 2 < float(hot / cold) < 3  # a Q10 of 3 on the gates, with a capacity that stays


def test_no_phase_plane_without_differential_equations():
    with pytest.raises(InputError, match="poisson has no deterministic differential equations"):
        vector_field(neuron("poisson"))
    with pytest.raises(InputError, match="the equation of 'w' is not linear in 'w'"):
        from dataclasses import replace

        odd = replace(neuron("fitzhugh-nagumo"), equations="dv/dt = (v - w + I)/ms : 1\ndw/dt = (w**3 - v)/ms : 1")
        vector_field(odd).fixed_points(0.0, -1, 1)


def test_parameters_may_differ_between_neurons():
    model = neuron("adaptive-exponential").with_parameters(b=np.array([0, 200]) * pA)
    found = simulate(single(model, constant(800 * pA), 2), 200 * ms, [Spikes("neurons")], dt=0.05 * ms)
    free, adapted = found.spikes["neurons"].counts()
    assert free > 2 * adapted
