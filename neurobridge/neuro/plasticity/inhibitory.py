"""Inhibitory plasticity: coincident spikes strengthen, lone presynaptic ones weaken, until the target holds."""

from brian2 import Hz, ms

from neurobridge.neuro.plasticity.model import PlasticityRule

INHIBITORY = PlasticityRule(
    name="inhibitory",
    equations="""
    da_plus/dt = -a_plus/tau : 1 (event-driven)
    da_minus/dt = -a_minus/tau : 1 (event-driven)
    """,
    # alpha = 2 target tau: what a lone presynaptic spike takes away
    on_pre="""
    a_plus += 1
    w = clip(w + eta*(a_minus - 2*target_rate*tau), 0, w_max)
    """,
    on_post="""
    a_minus += 1
    w = clip(w + eta*a_plus, 0, w_max)
    """,
    parameters={"eta": 0.005, "tau": 20 * ms, "target_rate": 5 * Hz, "w_max": 100.0},
    reference="Vogels, Sprekeler, Zenke, Clopath, Gerstner 2011, Science 334:1569",
)
