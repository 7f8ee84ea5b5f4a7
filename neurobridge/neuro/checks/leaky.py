"""Numbers of integrate-and-fire neurons: closed forms, Siegert's formula, rheobases."""

from functools import cache, partial

import numpy as np
from brian2 import Hz, Mohm, ms, mV, nA, pA

from neurobridge.neuro import siegert
from neurobridge.neuro.checks.check import Check, percent
from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.protocols.bifurcation import bifurcations
from neurobridge.neuro.protocols.fi_curve import fi_curve
from neurobridge.neuro.protocols.impedance import impedance
from neurobridge.neuro.protocols.noisy_rate import NoisyRate, noisy_rate
from neurobridge.neuro.protocols.phase_response import phase_response
from neurobridge.neuro.protocols.rheobase import rheobase, strength_duration

_CLOSED_FORM = "closed form, Gerstner et al. 2014, ch. 1.3"
_BRUNEL = "Brunel 2000, J Comput Neurosci 8:183, eq. 21 and appendix A1; computed to 1e-6"
_LEVELS = (1.2, 1.5, 2.0, 3.0)


@cache
def _period_errors() -> dict[float, float]:
    """Return the simulated minus the exact period in steps, at each input over threshold."""
    model = neuron("leaky").with_parameters(
        tau=10 * ms, E_L=0 * mV, V_reset=0 * mV, V_th=1 * mV, R=1 * Mohm, t_ref=2 * ms
    )
    dt = 0.01 * ms
    found = fi_curve(model, np.array(_LEVELS) * nA, duration=150 * ms, settle=40 * ms, dt=dt)
    exact = [2 + 10 * np.log(level / (level - 1)) for level in _LEVELS]
    periods = 1 / np.asarray(found.rate / Hz) * 1000
    return {level: (p - e) / 0.01 for level, p, e in zip(_LEVELS, periods, exact, strict=True)}


@cache
def _noisy() -> NoisyRate:
    model = neuron("leaky").with_parameters(
        tau=20 * ms, E_L=0 * mV, V_reset=10 * mV, V_th=20 * mV, R=1 * Mohm, t_ref=2 * ms
    )
    return noisy_rate(model, np.array([21.025]) * mV, 7.683 * mV, neurons=1500, duration=1500 * ms, seed=1)


def _siegert(mean: float, deviation: float) -> float:
    found = siegert.rate(mean * mV, deviation * mV, 20 * ms, 20 * mV, 10 * mV, 2 * ms)
    return float(found / Hz)


def _variation(mean: float, deviation: float) -> float:
    return siegert.variation(mean * mV, deviation * mV, 20 * ms, 20 * mV, 10 * mV, 2 * ms)


def _nest_siegert() -> float:
    return float(siegert.rate(15 * mV, np.sqrt(1.5) * mV, 10 * ms, 15 * mV, 0 * mV, 2 * ms) / Hz)


def _quadratic() -> float:
    found = fi_curve(
        neuron("quadratic:normal-form"), np.array([0.25]) * nA, duration=350 * ms, settle=50 * ms, dt=0.02 * ms
    )
    return float(found.rate[0] / Hz)


def _exponential_fold() -> float:
    return float(bifurcations(neuron("exponential"), -64 * mV, -50 * mV).fold_current[0] / nA)


def _adex_hopf() -> float:
    return float(bifurcations(neuron("adaptive-exponential"), -65 * mV, -45 * mV).hopf_current[0] / pA)


def _adex_fold() -> float:
    model = neuron("adaptive-exponential").with_parameters(a=0 * nA / mV)
    return float(bifurcations(model, -65 * mV, -45 * mV).fold_current[0] / pA)


def _chronaxie() -> float:
    found = strength_duration(neuron("leaky"), np.array([5.0]) * ms, dt=0.02 * ms)
    return float(found.chronaxie / ms)


def _cutoff() -> float:
    """Return |Z| / R at the frequency 1 / (2 pi tau)."""
    model = neuron("leaky")
    corner = 1 / (2 * np.pi * model.parameters["tau"])
    found = impedance(model, np.array([float(corner / Hz)]) * Hz, cycles=8)
    return float(found.magnitude[0] / model.parameters["R"])


def _quadratic_phase_response() -> float:
    """Return the correlation of the quadratic neuron's response with 1 - cos(2 pi phase)."""
    found = phase_response(
        neuron("quadratic:normal-form"), 0.25 * nA, pulse=0.05 * nA, points=24, settle=100 * ms, dt=0.02 * ms
    )
    return float(np.corrcoef(found.advance, 1 - np.cos(2 * np.pi * (found.phase + 0.25 / 62.8)))[0, 1])


CHECKS = (
    *(
        Check(
            name=f"leaky: error of the period at {level} x threshold [steps]",
            value=lambda level=level: _period_errors()[level],  # type: ignore[misc]
            target=0.0,
            tolerance=1.0,
            source=_CLOSED_FORM,
        )
        for level in _LEVELS
    ),
    Check(
        name="leaky: rheobase [nA]",
        value=lambda: float(rheobase(neuron("leaky"), 4 * nA) / nA),
        **percent(2.0, 0.5),
        source="(V_th - E_L)/R, closed form",
    ),
    Check(
        name="leaky: chronaxie [ms]",
        value=_chronaxie,
        **percent(8 * np.log(2), 1),
        source="tau ln 2, Lapicque 1907",
    ),
    Check(
        name="leaky: |Z|/R at 1/(2 pi tau)",
        value=_cutoff,
        **percent(1 / np.sqrt(2), 0.5),
        source="1/sqrt(1 + (omega tau)^2), closed form",
    ),
    Check(
        name="Siegert's rate, case of NEST's test [Hz]",
        value=_nest_siegert,
        target=27.1095934379,
        tolerance=1e-8,
        source="NEST, testsuite/pytests/neurons/test_siegert_neuron.py",
    ),
    *(
        Check(
            name=f"Siegert's rate at mean {mean}, sigma {deviation} [Hz]",
            value=partial(_siegert, mean, deviation),
            target=target,
            tolerance=1e-6,
            source=_BRUNEL,
        )
        for mean, deviation, target in (
            (10, 5, 0.881923),
            (15, 5, 9.460800),
            (20, 5, 27.340567),
            (18, 3, 12.511528),
            (14, 2, 0.009765),
        )
    ),
    *(
        Check(
            name=f"CV under noise at mean {mean}, sigma {deviation}",
            value=partial(_variation, mean, deviation),
            target=target,
            tolerance=1e-4,
            source=_BRUNEL,
        )
        for mean, deviation, target in (
            (10, 5, 0.9864),
            (15, 5, 0.8148),
            (20, 5, 0.5826),
            (14, 2, 0.9994),
            (30, 3, 0.2219),
        )
    ),
    Check(
        name="leaky under noise: simulated over predicted rate",
        value=lambda: float(_noisy().rate[0] / _noisy().theory[0]),
        target=1.0,
        tolerance=0.01,
        source="Siegert with the threshold raised by 0.5826 sigma sqrt(dt/tau)",
    ),
    Check(
        name="leaky under noise: CV, simulated",
        value=lambda: float(_noisy().variation[0]),
        **percent(0.675, 3),
        source=_BRUNEL,
    ),
    Check(
        name="quadratic: rate at I = 0.25 [Hz]",
        value=_quadratic,
        **percent(15.9155, 1),
        source="sqrt(I)/(pi tau), Ermentrout 1996, Neural Comput 8:979",
    ),
    Check(
        name="quadratic: phase response against 1 - cos",
        value=_quadratic_phase_response,
        target=1.0,
        tolerance=0.02,
        source="Ermentrout 1996, Neural Comput 8:979",
    ),
    Check(
        name="exponential: current of the fold [nA]",
        value=_exponential_fold,
        target=0.4,
        tolerance=1e-4,
        source="g_L (V_T - E_L - Delta_T), Fourcaud-Trocme et al. 2003",
    ),
    Check(
        name="exponential: rheobase, simulated [nA]",
        value=lambda: float(rheobase(neuron("exponential"), 0.8 * nA, dt=0.05 * ms, duration=1000 * ms) / nA),
        **percent(0.4, 1),
        source="g_L (V_T - E_L - Delta_T), Fourcaud-Trocme et al. 2003",
    ),
    Check(
        name="adaptive-exponential: rheobase, Hopf [pA]",
        value=_adex_hopf,
        target=627.18,
        tolerance=0.05,
        source="Touboul, Brette 2008, Biol Cybern 99:319, with the values of Brette, Gerstner 2005",
    ),
    Check(
        name="adaptive-exponential, a = 0: rheobase, fold [pA]",
        value=_adex_fold,
        target=546.0,
        tolerance=0.05,
        source="Touboul, Brette 2008, Biol Cybern 99:319",
    ),
)
