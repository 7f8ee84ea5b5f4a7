"""Fits: a neuron finds itself again, and the coincidence factor is what its definition says."""

import numpy as np
import pytest
from brian2 import ms, mV, nA, second

from neurobridge.errors import InputError
from neurobridge.neuro.circuit import single
from neurobridge.neuro.fits.coincidence import coincidence_factor
from neurobridge.neuro.fits.fit import fit
from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.recorders import Spikes
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
