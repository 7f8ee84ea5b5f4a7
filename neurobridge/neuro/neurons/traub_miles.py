"""The cortical variant of the Hodgkin-Huxley equations by Traub and Miles, as in the simulator benchmarks of 2007."""

from brian2 import cm, mS, ms, mV, uA, uF

from neurobridge.neuro.neurons.model import NeuronModel

# With the benchmark's leak at -60 mV it has no rest: without input it fires slowly.
TRAUB_MILES = NeuronModel(
    name="traub-miles",
    equations="""
    dv/dt = (I - gNa*m**3*h*(v - ENa) - gK*n**4*(v - EK) - gL*(v - EL))/C : volt
    dm/dt = alpha_m*(1 - m) - beta_m*m : 1
    dh/dt = alpha_h*(1 - h) - beta_h*h : 1
    dn/dt = alpha_n*(1 - n) - beta_n*n : 1
    alpha_m = 0.32*4/exprel((13*mV - v + VT)/(4*mV))/ms : Hz
    beta_m = 0.28*5/exprel((v - VT - 40*mV)/(5*mV))/ms : Hz
    alpha_h = 0.128*exp((17*mV - v + VT)/(18*mV))/ms : Hz
    beta_h = 4/(1 + exp((40*mV - v + VT)/(5*mV)))/ms : Hz
    alpha_n = 0.032*5/exprel((15*mV - v + VT)/(5*mV))/ms : Hz
    beta_n = 0.5*exp((10*mV - v + VT)/(40*mV))/ms : Hz
    """,
    threshold="v > -20*mV",
    refractory="v > -20*mV",
    parameters={
        "C": 1 * uF / cm**2,
        "gNa": 100 * mS / cm**2,
        "gK": 30 * mS / cm**2,
        "gL": 0.05 * mS / cm**2,
        "ENa": 50 * mV,
        "EK": -90 * mV,
        "EL": -60 * mV,
        "VT": -63 * mV,
    },
    initial={"v": -60 * mV, "m": 0.03, "h": 0.99, "n": 0.03},
    input_unit=uA / cm**2,
    drive=2 * uA / cm**2,
    method="rk2",
    dt=0.025 * ms,
    reference="Traub, Miles 1991, Neuronal Networks of the Hippocampus; Brette et al. 2007, J Comput Neurosci 23:349",
)
