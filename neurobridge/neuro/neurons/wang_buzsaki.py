"""The fast-spiking hippocampal interneuron of Wang and Buzsaki 1996, a type I Hodgkin-Huxley neuron."""

from brian2 import cm, mS, ms, mV, uA, uF

from neurobridge.neuro.neurons.model import NeuronModel

WANG_BUZSAKI = NeuronModel(
    name="wang-buzsaki",
    equations="""
    dv/dt = (I - gNa*m_inf**3*h*(v - ENa) - gK*n**4*(v - EK) - gL*(v - EL))/C : volt
    dh/dt = phi*(alpha_h*(1 - h) - beta_h*h) : 1
    dn/dt = phi*(alpha_n*(1 - n) - beta_n*n) : 1
    m_inf = alpha_m/(alpha_m + beta_m) : 1
    alpha_m = 1/exprel(-(v + 35*mV)/(10*mV))/ms : Hz
    beta_m = 4*exp(-(v + 60*mV)/(18*mV))/ms : Hz
    alpha_h = 0.07*exp(-(v + 58*mV)/(20*mV))/ms : Hz
    beta_h = 1/(1 + exp(-(v + 28*mV)/(10*mV)))/ms : Hz
    alpha_n = 0.1/exprel(-(v + 34*mV)/(10*mV))/ms : Hz
    beta_n = 0.125*exp(-(v + 44*mV)/(80*mV))/ms : Hz
    """,
    threshold="v > -20*mV",
    refractory="v > -20*mV",
    parameters={
        "C": 1 * uF / cm**2,
        "gNa": 35 * mS / cm**2,
        "gK": 9 * mS / cm**2,
        "gL": 0.1 * mS / cm**2,
        "ENa": 55 * mV,
        "EK": -90 * mV,
        "EL": -65 * mV,
        "phi": 5.0,
    },
    initial={"v": -64 * mV, "h": 0.78, "n": 0.09},
    input_unit=uA / cm**2,
    drive=1 * uA / cm**2,
    method="rk2",
    dt=0.025 * ms,
    reference="Wang, Buzsaki 1996, J Neurosci 16:6402",
)
