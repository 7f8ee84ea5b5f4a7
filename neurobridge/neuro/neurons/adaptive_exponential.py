"""The adaptive exponential integrate-and-fire neuron: an upswing, and a current w that tracks voltage and spikes."""

from brian2 import ms, mV, nS, pA, pF

from neurobridge.neuro.neurons.model import NeuronModel


def _pattern(C: float, g_L: float, E_L: float, a: float, tau_w: float, b: float, V_reset: float) -> dict:
    """Return a row of table 1 of Naud et al. 2008 (pF, nS, mV, nS, ms, pA, mV)."""
    return {
        "C": C * pF,
        "g_L": g_L * nS,
        "E_L": E_L * mV,
        "V_T": -50 * mV,
        "Delta_T": 2 * mV,
        "a": a * nS,
        "tau_w": tau_w * ms,
        "b": b * pA,
        "V_reset": V_reset * mV,
        "V_peak": 0 * mV,
    }


NAUD_CURRENTS = {
    "tonic": 500 * pA,
    "adaptation": 500 * pA,
    "initial-burst": 400 * pA,
    "regular-bursting": 210 * pA,
    "delayed-accelerating": 300 * pA,
    "delayed-regular-bursting": 110 * pA,
    "transient": 180 * pA,
    "irregular": 160 * pA,
}

ADAPTIVE_EXPONENTIAL = NeuronModel(
    name="adaptive-exponential",
    equations="""
    dv/dt = (g_L*(E_L - v) + g_L*Delta_T*exp((v - V_T)/Delta_T) - w + I)/C : volt
    dw/dt = (a*(v - E_L) - w)/tau_w : amp
    """,
    threshold="v > V_peak",
    reset="v = V_reset; w += b",
    parameters={
        "C": 281 * pF,
        "g_L": 30 * nS,
        "E_L": -70.6 * mV,
        "V_T": -50.4 * mV,
        "Delta_T": 2 * mV,
        "a": 4 * nS,
        "tau_w": 144 * ms,
        "b": 80.5 * pA,
        "V_reset": -70.6 * mV,
        "V_peak": 20 * mV,
    },
    initial={"v": "E_L", "w": 0 * pA},
    drive=800 * pA,
    peak="V_peak",
    method="euler",
    dt=0.01 * ms,
    reference="Brette, Gerstner 2005, J Neurophysiol 94:3637; firing patterns of Naud et al. 2008, Biol Cybern 99:335",
    variants={
        "tonic": _pattern(200, 10, -70, 2, 30, 0, -58),
        "adaptation": _pattern(200, 12, -70, 2, 300, 60, -58),
        "initial-burst": _pattern(130, 18, -58, 4, 150, 120, -50),
        "regular-bursting": _pattern(200, 10, -58, 2, 120, 100, -46),
        "delayed-accelerating": _pattern(200, 12, -70, -10, 300, 0, -58),
        "delayed-regular-bursting": _pattern(100, 10, -65, -10, 90, 30, -47),
        "transient": _pattern(100, 10, -65, 10, 90, 100, -47),
        "irregular": _pattern(100, 12, -60, -11, 130, 30, -48),
    },
)
