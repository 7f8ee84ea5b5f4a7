"""Reward-modulated plasticity: pairs leave an eligibility trace, dopamine turns what is left of it into weight."""

from brian2 import ms, second

from neurobridge.neuro.plasticity.model import PlasticityRule

# `dopamine` is a variable of the synapse that decays; a reward adds to it through `run_regularly` or another pathway.
REWARD = PlasticityRule(
    name="reward",
    equations="""
    da_plus/dt = -a_plus/tau_plus : 1 (clock-driven)
    da_minus/dt = -a_minus/tau_minus : 1 (clock-driven)
    deligibility/dt = -eligibility/tau_c : 1 (clock-driven)
    ddopamine/dt = -dopamine/tau_d : 1 (clock-driven)
    dw/dt = eligibility*dopamine/second : 1 (clock-driven)
    """,
    on_pre="""
    a_plus += 1
    eligibility -= A_minus*a_minus
    """,
    on_post="""
    a_minus += 1
    eligibility += A_plus*a_plus
    """,
    parameters={
        "A_plus": 0.1,
        "A_minus": 0.15,
        "tau_plus": 20 * ms,
        "tau_minus": 20 * ms,
        "tau_c": 1 * second,
        "tau_d": 200 * ms,
    },
    reference="Izhikevich 2007, Cereb Cortex 17:2443",
    method="rk4",
)
