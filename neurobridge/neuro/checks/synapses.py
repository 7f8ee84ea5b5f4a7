"""Numbers of synapses: kernels, the magnesium block, gap junctions, short-term plasticity."""

from functools import cache

import numpy as np
from brian2 import Hz, ms, mV, nS

from neurobridge.neuro.checks.check import Check, percent
from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.protocols.coupling import coupling_coefficient
from neurobridge.neuro.protocols.postsynaptic import PostsynapticResponse, postsynaptic_response
from neurobridge.neuro.protocols.short_term_train import ReleaseTrain, short_term_train
from neurobridge.neuro.synapses import SHORT_TERM, SYNAPSES
from neurobridge.neuro.synapses.receptors import NMDA, magnesium_block

_CLOSED_FORM = "closed form, Gerstner et al. 2014, ch. 3.1"
_BLOCK = {
    -80: 0.0244,
    -70: 0.0445,
    -60: 0.0796,
    -50: 0.1385,
    -40: 0.2302,
    -20: 0.5081,
    0: 0.7812,
    20: 0.9250,
    40: 0.9771,
}
_RELEASE = {"depressing": (0.1811, 0.0571, 0.0241), "facilitating": (0.2174, 0.2883, 0.1697)}
_RATES = (5, 20, 50)


@cache
def _response(synapse: str) -> PostsynapticResponse:
    model = neuron("leaky").with_parameters(tau=20 * ms)
    return postsynaptic_response(model, SYNAPSES[synapse], duration=25 * ms, dt=0.01 * ms)


def _peak_time(synapse: str) -> float:
    found = _response(synapse)
    return float(found.time[found.conductance.argmax()] / ms)


def _psp() -> tuple[float, float]:
    """Return time in ms and height of the potential after an exponential current, over R imax."""
    found = _response("exponential-current")
    rise = np.asarray((found.voltage - found.voltage[0]) / mV)
    # R is 10 Mohm and imax 0.1 nA: 1 mV
    return float(found.time[rise.argmax()] / ms), float(rise.max())


def _simulated_block() -> float:
    """Return the NMDA current at -70 over that at +40 mV, over the driving forces, in a simulated neuron."""
    current = {}
    for voltage in (-70, 40):
        model = neuron("leaky").with_parameters(E_L=voltage * mV, V_th=100 * mV)
        found = postsynaptic_response(model, NMDA, weight=1e-3, duration=15 * ms, dt=0.05 * ms)
        current[voltage] = np.abs(np.asarray(found.voltage - found.voltage[0])).max() / abs(voltage)
    return current[-70] / current[40]


@cache
def _train(name: str) -> ReleaseTrain:
    return short_term_train(SHORT_TERM[name], np.array(_RATES) * Hz, spikes=300, dt=5 * ms)


CHECKS = (
    *(
        Check(
            name=f"NMDA: part left open by magnesium at {voltage} mV",
            value=lambda voltage=voltage: float(magnesium_block(voltage)),  # type: ignore[misc]
            target=target,
            tolerance=6e-5,
            source="Jahr, Stevens 1990, J Neurosci 10:3178",
        )
        for voltage, target in _BLOCK.items()
    ),
    Check(
        name="NMDA: block at -70 over block at +40 mV, simulated",
        value=_simulated_block,
        **percent(0.04449 / 0.97711, 0.5),
        source="Jahr, Stevens 1990, J Neurosci 10:3178",
    ),
    Check(
        name="alpha synapse: time of the peak [ms]",
        value=lambda: _peak_time("alpha"),
        target=5.0,
        tolerance=0.02,
        source=_CLOSED_FORM,
    ),
    Check(
        name="alpha synapse: height of the peak",
        value=lambda: float(_response("alpha").conductance.max()),
        target=1.0,
        tolerance=1e-4,
        source=_CLOSED_FORM,
    ),
    Check(
        name="double-exponential synapse: time of the peak [ms]",
        value=lambda: _peak_time("double-exponential"),
        target=7.9837,
        tolerance=0.02,
        source="rise decay/(decay - rise) ln(decay/rise)",
    ),
    Check(
        name="double-exponential synapse: height of the peak",
        value=lambda: float(_response("double-exponential").conductance.max()),
        target=1.0,
        tolerance=1e-4,
        source=_CLOSED_FORM,
    ),
    Check(
        name="exponential current: time of the peak potential [ms]",
        value=lambda: _psp()[0],
        target=9.2420,
        tolerance=0.02,
        source=_CLOSED_FORM,
    ),
    Check(
        name="exponential current: height of the peak potential",
        value=lambda: _psp()[1],
        target=0.157490,
        tolerance=1e-5,
        source=_CLOSED_FORM,
    ),
    Check(
        name="gap junction: coupling coefficient",
        value=lambda: coupling_coefficient(neuron("leaky"), 25 * nS),
        target=0.2,
        tolerance=1e-4,
        source="g/(g + 1/R), closed form",
    ),
    *(
        Check(
            name=f"{name} synapse: release in the steady state at {rate} Hz",
            value=lambda name=name, place=place: float(_train(name).released[place, -1]),  # type: ignore[misc]
            target=targets[place],
            tolerance=6e-5,
            source="Tsodyks, Pawelzik, Markram 1998, Neural Comput 10:821; fixed point of the map",
        )
        for name, targets in _RELEASE.items()
        for place, rate in enumerate(_RATES)
    ),
    *(
        Check(
            name=f"{name} synapse: largest error of the steady state against the fixed point",
            value=lambda name=name: float(  # type: ignore[misc]
                np.abs(_train(name).released[:, -1] - _train(name).steady).max()
            ),
            target=0.0,
            tolerance=1e-6,
            source="Tsodyks, Pawelzik, Markram 1998; fixed point of the map",
        )
        for name in _RELEASE
    ),
)
