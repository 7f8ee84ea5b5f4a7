"""The quadratic integrate-and-fire neuron: tau dv/dt = k (v - E_L)(v - V_c) + R I, cut off at V_peak."""

from brian2 import Mohm, ms, mV, nA

from neurobridge.neuro.neurons.model import NeuronModel

QUADRATIC = NeuronModel(
    name="quadratic",
    equations="dv/dt = (k*(v - E_L)*(v - V_c) + R*I)/tau : volt (unless refractory)",
    threshold="v > V_peak",
    reset="v = V_reset",
    refractory="t_ref",
    parameters={
        "k": 0.1 / mV,
        "E_L": -60 * mV,
        "V_c": -45 * mV,
        "V_peak": -30 * mV,
        "V_reset": -63 * mV,
        "R": 10 * Mohm,
        "tau": 5 * ms,
        "t_ref": 2 * ms,
    },
    initial={"v": "E_L"},
    drive=1.5 * nA,
    peak="V_peak",
    dt=0.01 * ms,
    reference="Latham et al. 2000, J Neurophysiol 83:808; values of Gerstner et al. 2014, ch. 5.3",
    variants={
        # tau dv/dt = v^2 + I in millivolts, from -infinity to +infinity: the rate is sqrt(I)/(pi tau)
        "normal-form": {
            "k": 1 / mV,
            "E_L": 0 * mV,
            "V_c": 0 * mV,
            "V_peak": 200 * mV,
            "V_reset": -200 * mV,
            "R": 1 * Mohm,
            "tau": 10 * ms,
            "t_ref": 0 * ms,
        }
    },
)
