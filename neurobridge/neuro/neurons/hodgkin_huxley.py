"""The squid giant axon of Hodgkin and Huxley 1952, in absolute voltages and at any temperature."""

from brian2 import cm, mS, ms, mV, uA, uF

from neurobridge.neuro.neurons.model import NeuronModel

# rates in 1/ms at 6.3 degrees; exprel(x) = (e^x - 1)/x has no hole at 0
HODGKIN_HUXLEY = NeuronModel(
    name="hodgkin-huxley",
    equations="""
    dv/dt = (I - gNa*m**3*h*(v - ENa) - gK*n**4*(v - EK) - gL*(v - EL))/C : volt
    dm/dt = phi*(alpha_m*(1 - m) - beta_m*m) : 1
    dh/dt = phi*(alpha_h*(1 - h) - beta_h*h) : 1
    dn/dt = phi*(alpha_n*(1 - n) - beta_n*n) : 1
    alpha_m = 1/exprel(-(v + 40*mV)/(10*mV))/ms : Hz
    beta_m = 4*exp(-(v + 65*mV)/(18*mV))/ms : Hz
    alpha_h = 0.07*exp(-(v + 65*mV)/(20*mV))/ms : Hz
    beta_h = 1/(1 + exp(-(v + 35*mV)/(10*mV)))/ms : Hz
    alpha_n = 0.1/exprel(-(v + 55*mV)/(10*mV))/ms : Hz
    beta_n = 0.125*exp(-(v + 65*mV)/(80*mV))/ms : Hz
    phi = Q10**((celsius - 6.3)/10) : 1
    """,
    threshold="v > -20*mV",
    refractory="v > -20*mV",
    parameters={
        "C": 1 * uF / cm**2,
        "gNa": 120 * mS / cm**2,
        "gK": 36 * mS / cm**2,
        "gL": 0.3 * mS / cm**2,
        "ENa": 50 * mV,
        "EK": -77 * mV,
        "EL": -54.387 * mV,
        "celsius": 6.3,
        "Q10": 3.0,
    },
    initial={"v": -64.9964 * mV, "m": 0.052955, "h": 0.595994, "n": 0.317732},
    input_unit=uA / cm**2,
    drive=10 * uA / cm**2,
    method="rk2",
    dt=0.05 * ms,
    reference="Hodgkin, Huxley 1952, J Physiol 117:500; voltages shifted so that rest is -65 mV",
)
