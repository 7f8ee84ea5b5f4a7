"""Fits: a neuron finds itself again, and the coincidence factor is what its definition says."""

import numpy as np
import pytest
from brian2 import Mohm, ms, mV, nA, second

from neurobridge.errors import InputError
from neurobridge.neuro.circuit import single
from neurobridge.neuro.fits.coincidence import coincidence_factor
from neurobridge.neuro.fits.fit import fit, prediction
from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.recorders import Spikes, Traces
from neurobridge.neuro.simulate import simulate
from neurobridge.neuro.stimuli import samples
from neurobridge.spikes import trains


def test_equal_trains_and_chance():
    random = np.random.default_rng(1)
    first, second_train = (trains.poisson(20.0, 200.0, random) for _ in range(2))
    assert coincidence_factor(first, first, 200.0) == pytest.approx(1.0)
    # 4000 spikes with 16 % chance coincidences: the standard error is about 0.006
    assert coincidence_factor(first, second_train, 200.0) == pytest.approx(0.0, abs=0.03)
    assert coincidence_factor(first, np.empty(0), 200.0) == 0.0
    # at 125 Hz windows of 8 ms cover all of the time: nothing is left beyond chance
    assert coincidence_factor(np.arange(0, 1, 0.008), first[first < 1], 1.0) == 0.0
    with pytest.raises(InputError, match="needs a spike in one of the trains"):
        coincidence_factor(np.empty(0), np.empty(0), 1.0)


def test_a_leaky_neuron_finds_its_own_parameters():
    random = np.random.default_rng(2)
    current = (2.2 + 0.8 * random.normal(size=100)) * nA
    truth = neuron("leaky").with_parameters(tau=12 * ms, V_th=-52 * mV)
    recorded = simulate(single(truth, samples(current, 5 * ms), dt=0.1 * ms), 0.5 * second, [Spikes("neurons")])
    bounds = {"tau": (5 * ms, 30 * ms), "V_th": (-58 * mV, -45 * mV)}
    found = fit(
        neuron("leaky"),
        current,
        5 * ms,
        recorded.spikes["neurons"].time,
        bounds,
        generations=10,
        candidates=40,
        dt=0.1 * ms,
    )
    assert found.coincidence > 0.9
    fitted = found.fitted(neuron("leaky"))
    assert float(fitted.parameters["V_th"] / mV) == pytest.approx(-52, abs=2)
    assert float(fitted.parameters["tau"] / ms) == pytest.approx(12, rel=0.25)
    assert found.plot().axes


def test_refusals():
    with pytest.raises(InputError, match="no spike to fit"):
        fit(neuron("leaky"), np.ones(3) * nA, 1 * ms, np.empty(0) * ms, {"tau": (1 * ms, 2 * ms)})
    with pytest.raises(InputError, match="bound of 'tau' is given in mV; it is measured in ms"):
        fit(neuron("leaky"), np.ones(3) * nA, 1 * ms, np.ones(1) * ms, {"tau": (1 * mV, 2 * mV)})


def leaky_recording(seed, length):
    """Return a current, the model and what it does under it."""
    random = np.random.default_rng(seed)
    current = np.repeat((2.2 + 0.8 * random.normal(size=length)) * nA, 20)
    truth = neuron("leaky").with_parameters(tau=12 * ms, V_th=-52 * mV, R=9 * Mohm)
    record = [Spikes("neurons"), Traces("neurons", ("v",))]
    return current, simulate(single(truth, samples(current, STEP), dt=STEP), len(current) * STEP, record)


STEP = 0.25 * ms
TRACE_BOUNDS = {"tau": (5 * ms, 30 * ms), "V_th": (-58 * mV, -45 * mV), "R": (5 * Mohm, 20 * Mohm)}


def test_a_leaky_neuron_finds_its_parameters_in_its_voltage_and_predicts_another_recording():
    current, recorded = leaky_recording(2, 40)
    voltage = recorded.traces["neurons"]["v"][0]
    found = fit(
        neuron("leaky"), current, STEP, recorded.spikes["neurons"].time, TRACE_BOUNDS, voltage=voltage,
        generations=25, candidates=30, dt=STEP, target="numpy",
    )  # fmt: skip
    assert found.values == pytest.approx([0.012, -0.052, 9e6], rel=0.02)
    assert found.coincidence > 0.95
    assert found.error < 0.2 * mV
    assert "mV between spikes" in found.plot().axes[0].get_title(loc="left") + found.plot().axes[0].get_title()
    other, unseen = leaky_recording(3, 40)
    again = prediction(
        found, neuron("leaky"), other, STEP, unseen.spikes["neurons"].time,
        voltage=unseen.traces["neurons"]["v"][0], dt=STEP,
    )  # fmt: skip
    assert again.coincidence > 0.9
    assert np.array_equal(again.values, found.values)


@pytest.mark.slow
def test_a_compiled_search_finds_what_the_other_one_finds(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROBRIDGE_CACHE", str(tmp_path))
    current, recorded = leaky_recording(2, 20)
    options = {"voltage": recorded.traces["neurons"]["v"][0], "generations": 3, "candidates": 15, "dt": STEP}
    spikes = recorded.spikes["neurons"].time
    one, other = (
        fit(neuron("leaky"), current, STEP, spikes, TRACE_BOUNDS, target=target, **options)
        for target in ("numpy", "cpp_standalone")
    )
    assert other.values == pytest.approx(one.values, rel=1e-6)


def test_a_trace_of_another_length_or_unit_is_refused():
    current, bounds = np.ones(10) * nA, {"tau": (5 * ms, 30 * ms)}
    with pytest.raises(InputError, match="the voltage has 5 samples and the current 10; give one for each"):
        fit(neuron("leaky"), current, 1 * ms, [5] * ms, bounds, voltage=np.ones(5) * mV)
