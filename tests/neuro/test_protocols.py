"""Protocols: closed forms that the table of checks doesn't hold, and refusals."""

import numpy as np
import pytest
from brian2 import Hz, Mohm, ms, mV, nA

from neurobridge.errors import InputError, SimulationError
from neurobridge.neuro import catalogue
from neurobridge.neuro.cables import CABLES
from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.plasticity import PLASTICITY
from neurobridge.neuro.protocols.bifurcation import bifurcations
from neurobridge.neuro.protocols.cable import conduction
from neurobridge.neuro.protocols.fi_curve import fi_curve
from neurobridge.neuro.protocols.impedance import impedance
from neurobridge.neuro.protocols.noisy_rate import noisy_rate
from neurobridge.neuro.protocols.pairing import pairing_rate
from neurobridge.neuro.protocols.phase_plane import phase_plane
from neurobridge.neuro.protocols.phase_response import phase_response
from neurobridge.neuro.protocols.refractory import refractory_period
from neurobridge.neuro.protocols.rheobase import rheobase, thresholds
from neurobridge.neuro.protocols.step import step_response
from neurobridge.neuro.result import load

LEAKY = neuron("leaky")


def test_impedance_of_a_leaky_membrane():
    frequencies = np.array([5.0, 20.0, 80.0]) * Hz
    found = impedance(LEAKY, frequencies, cycles=6)
    omega_tau = 2 * np.pi * np.asarray(frequencies) * 0.008
    assert np.allclose(np.asarray(found.magnitude / Mohm), 10 / np.sqrt(1 + omega_tau**2), rtol=5e-3)
    assert np.allclose(found.phase, -np.arctan(omega_tau), atol=0.02)


def test_strength_and_duration_of_a_leaky_membrane():
    widths = np.array([2.0, 5.0, 20.0]) * ms
    closed = 2.0 / (1 - np.exp(-np.array([2.0, 5.0, 20.0]) / 8))
    assert np.allclose(np.asarray(thresholds(LEAKY, widths, 40 * nA, dt=0.02 * ms) / nA), closed, rtol=0.01)


def test_strong_pulses_meet_the_absolute_refractory_period():
    model = LEAKY.with_parameters(t_ref=4 * ms)
    found = refractory_period(model, np.arange(2.0, 8.0, 0.1) * ms, strength=8.0, width=0.3 * ms, dt=0.02 * ms)
    assert float(found.period / ms) == pytest.approx(4.0, abs=0.2)


def test_an_axon_can_be_excited_again_after_ten_milliseconds():
    found = refractory_period(neuron("hodgkin-huxley"), np.arange(4.0, 20.0, 0.5) * ms)
    # two shocks on a squid axon at 6.3 degrees: relatively refractory for 10 to 15 ms after the spike
    assert 8 < float(found.period / ms) < 15


def test_phase_response_of_a_leaky_neuron_is_exponential():
    model = LEAKY.with_parameters(t_ref=0 * ms, V_reset=-70 * mV)
    found = phase_response(model, 2.5 * nA, pulse=0.1 * nA, points=12, settle=60 * ms, dt=0.01 * ms)
    # a jump in v at time s before the spike moves it by the jump over the slope at that time, exp(s/tau) smaller
    phase, advance = found.phase[2:-1], found.advance[2:-1]
    slope, _ = np.polyfit(phase, np.log(advance), 1)
    assert slope == pytest.approx(float(found.period / (8 * ms)), rel=0.1)


def test_the_phase_plane_names_its_fixed_points():
    found = phase_plane(neuron("fitzhugh-nagumo"), 0.5)
    assert found.point_kinds == "unstable focus"
    rest = phase_plane(neuron("fitzhugh-nagumo"), 0.0)
    assert rest.point_kinds == "stable focus"
    snic = phase_plane(neuron("morris-lecar:saddle-node"), 0 * neuron("morris-lecar").drive, low=-70 * mV, high=30 * mV)
    assert snic.point_kinds.split(",")[:2] == ["stable node", "saddle"]


def test_the_scan_finds_both_folds():
    found = bifurcations(neuron("morris-lecar:saddle-node"), -55 * mV, 0 * mV, 100)
    assert len(found.fold_current) == 2


@pytest.mark.parametrize(
    ("name", "peak"),
    [("izhikevich", 30.0), ("neuron:exponential", -30.0), ("adaptive-exponential:tonic", 0.0), ("leaky", 0.0)],
)
def test_figures_draw_every_spike_up_to_its_peak(name, peak):
    found = catalogue.run(name, "step")
    _, voltage, _ = found.drawn()
    tops = voltage[1:-1][(voltage[1:-1] > voltage[:-2]) & (voltage[1:-1] > voltage[2:])]
    high = tops[tops > peak - 1e-9]
    assert len(found.spikes) > 3
    assert np.allclose(high, peak)
    assert len(high) == len(found.spikes)
    assert len(voltage) == len(found.time) + len(found.spikes)


def test_an_axon_draws_its_own_spikes():
    found = step_response(neuron("hodgkin-huxley"), duration=40 * ms)
    assert np.array_equal(found.drawn()[1], np.asarray(found.voltage / mV))


def test_a_neuron_without_a_membrane_draws_its_spikes_as_strokes(tmp_path):
    found = step_response(neuron("poisson"))
    strokes, rate = found.plot().axes
    assert len(found.spikes) > 2
    assert len(strokes.collections[0].get_segments()) == len(found.spikes)
    assert (strokes.get_ylabel(), rate.get_ylabel()) == ("spikes", "rate [Hz]")
    assert np.array_equal(load(found.save(tmp_path / "poisson")).drawn()[0], found.drawn()[0])
    with pytest.raises(InputError, match="poisson has no membrane, so it has no impedance"):
        impedance(neuron("poisson"))


def test_the_axes_of_a_model_without_units_bear_none():
    figure = step_response(neuron("fitzhugh-nagumo"), duration=30 * ms).plot()
    assert [axes.get_ylabel() for axes in figure.axes] == ["v", "I"]


def test_nothing_joins_the_branches_of_a_window():
    found = catalogue.run("pair")
    line = found.plot().axes[0].lines[0]
    assert np.isnan(line.get_ydata()[line.get_xdata() == 0]).all()
    assert np.isnan(line.get_ydata()).sum() == 1


def test_refusals():
    with pytest.raises(InputError, match="currents must be a list with at least one value"):
        fi_curve(LEAKY, 2 * nA)
    with pytest.raises(InputError, match="must be shorter than duration"):
        fi_curve(LEAKY, settle=100 * ms, duration=50 * ms)
    with pytest.raises(SimulationError, match="leaky stays silent up to"):
        rheobase(LEAKY, 1 * nA, duration=50 * ms)
    with pytest.raises(SimulationError, match="leaky does not fire regularly"):
        phase_response(LEAKY, 1 * nA)
    with pytest.raises(SimulationError, match="never fires twice"):
        refractory_period(LEAKY, np.array([1.0]) * ms, width=0.2 * ms)
    with pytest.raises(InputError, match="phase plane shows exactly two"):
        phase_plane(neuron("hodgkin-huxley"))
    with pytest.raises(InputError, match="Siegert's formula is for the leaky neuron, not for izhikevich"):
        noisy_rate(neuron("izhikevich"))
    with pytest.raises(InputError, match="3 ms is not a multiple of dt = 5 ms"):
        pairing_rate(PLASTICITY["triplet"], lags=np.array([3.0]) * ms)
    with pytest.raises(InputError, match="compartment 9 does not exist; axon has 5"):
        from neurobridge.neuro.stimuli import constant

        CABLES["axon"].with_parameters(compartments=5).circuit(constant(1 * nA), at=9)
    with pytest.raises(SimulationError, match="no spike reached the end of axon"):
        conduction(CABLES["axon"].with_parameters(compartments=5), 1 * nA, duration=0.5 * ms)
