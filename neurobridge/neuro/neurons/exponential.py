"""The exponential integrate-and-fire neuron: a leak, and an upswing exp((v - V_T)/Delta_T) that grows without bound."""

from brian2 import Mohm, ms, mV, nA

from neurobridge.neuro.neurons.model import NeuronModel

EXPONENTIAL = NeuronModel(
    name="exponential",
    equations="dv/dt = (E_L - v + Delta_T*exp((v - V_T)/Delta_T) + R*I)/tau : volt",
    threshold="v > V_peak",
    reset="v = V_reset",
    parameters={
        "E_L": -65 * mV,
        "V_T": -55 * mV,
        "Delta_T": 2 * mV,
        "V_peak": -30 * mV,
        "V_reset": -60 * mV,
        "R": 20 * Mohm,
        "tau": 12 * ms,
    },
    initial={"v": "E_L"},
    drive=0.6 * nA,
    peak="V_peak",
    method="euler",
    dt=0.01 * ms,
    reference="Fourcaud-Trocme et al. 2003, J Neurosci 23:11628; values of Gerstner et al. 2014, ch. 5.2",
)
