"""The spike-response model with escape noise: a filtered input, a kernel after each spike, a stochastic threshold."""

from brian2 import Hz, Mohm, ms, mV, nA

from neurobridge.neuro.neurons.model import NeuronModel

SPIKE_RESPONSE = NeuronModel(
    name="spike-response",
    equations="""
    dh/dt = (R*I - h)/tau_m : volt
    deta/dt = -eta/tau_eta : volt
    v = E_L + h + eta : volt
    intensity = rate_at_threshold*exp((v - V_th)/Delta_u) : Hz
    """,
    # the exact probability of an escape within one step
    threshold="rand() < 1 - exp(-intensity*dt)",
    reset="eta -= eta_0",
    refractory="t_ref",
    parameters={
        "E_L": -70 * mV,
        "V_th": -50 * mV,
        "R": 10 * Mohm,
        "tau_m": 10 * ms,
        "tau_eta": 20 * ms,
        "eta_0": 10 * mV,
        "Delta_u": 2 * mV,
        "rate_at_threshold": 100 * Hz,
        "t_ref": 2 * ms,
    },
    initial={"h": 0 * mV, "eta": 0 * mV},
    drive=2.2 * nA,
    peak=0 * mV,
    method="euler",
    reference="Gerstner 1995, Phys Rev E 51:738; escape rate of Jolivet et al. 2006, J Comput Neurosci 21:35",
)
