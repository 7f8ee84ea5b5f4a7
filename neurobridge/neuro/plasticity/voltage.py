"""The voltage-based rule of Clopath: presynaptic spikes depress, voltage potentiates, both above thresholds."""

from brian2 import ms, mV

from neurobridge.neuro.plasticity.model import PlasticityRule

# The neuron carries its low-pass filtered voltages v_minus and v_plus; the trace x is in 1/s, of integral 1 a spike.
NEURON_EQUATIONS = """
dv_minus/dt = (v - v_minus)/tau_v_minus : volt
dv_plus/dt = (v - v_plus)/tau_v_plus : volt
"""
NEURON_PARAMETERS = {"tau_v_minus": 10 * ms, "tau_v_plus": 7 * ms}

VOLTAGE = PlasticityRule(
    name="voltage",
    equations="""
    dx/dt = -x/tau_x : Hz (clock-driven)
    dw/dt = A_LTP*x*above_plus*above_minus : 1 (clock-driven)
    above_plus = clip((v_post - theta_plus)/mV, 0, 1e9) : 1
    above_minus = clip((v_plus_post - theta_minus)/mV, 0, 1e9) : 1
    """,
    on_pre="""
    w = clip(w - A_LTD*clip((v_minus_post - theta_minus)/mV, 0, 1e9), 0, w_max)
    x += 1/tau_x
    """,
    on_post="",
    parameters={
        "A_LTD": 14e-5,
        "A_LTP": 8e-5,
        "theta_minus": -70.6 * mV,
        "theta_plus": -45.3 * mV,
        "tau_x": 15 * ms,
        "w_max": 100.0,
    },
    reference="Clopath, Busing, Vasilaki, Gerstner 2010, Nat Neurosci 13:344, table 1, visual cortex",
    method="euler",
)
