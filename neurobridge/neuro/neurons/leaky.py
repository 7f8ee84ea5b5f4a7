"""The leaky integrate-and-fire neuron: tau dv/dt = E_L - v + R I, a spike and a reset at V_th."""

from brian2 import Mohm, ms, mV, nA

from neurobridge.neuro.neurons.model import NeuronModel

LEAKY = NeuronModel(
    name="leaky",
    equations="dv/dt = (E_L - v + R*I)/tau : volt (unless refractory)",
    threshold="v > V_th",
    reset="v = V_reset",
    refractory="t_ref",
    parameters={
        "E_L": -70 * mV,
        "V_th": -50 * mV,
        "V_reset": -65 * mV,
        "R": 10 * Mohm,
        "tau": 8 * ms,
        "t_ref": 2 * ms,
    },
    initial={"v": "E_L"},
    drive=2.5 * nA,
    peak=0 * mV,
    method="exact",
    reference="Gerstner, Kistler, Naud, Paninski 2014, Neuronal Dynamics, ch. 1, with the values of its exercises",
)
