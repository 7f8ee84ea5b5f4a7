"""The triplet rule: a second, slower trace makes the change depend on the rate of pairing."""

from brian2 import ms

from neurobridge.neuro.plasticity.model import PlasticityRule

# The fast traces are read after, the slow ones before their own jump: a spike forms no triplet with itself.
TRIPLET = PlasticityRule(
    name="triplet",
    equations="""
    dr1/dt = -r1/tau_plus : 1 (event-driven)
    dr2/dt = -r2/tau_x : 1 (event-driven)
    do1/dt = -o1/tau_minus : 1 (event-driven)
    do2/dt = -o2/tau_y : 1 (event-driven)
    """,
    on_pre="""
    w = clip(w - o1*(A2_minus + A3_minus*r2), w_min, w_max)
    r1 += 1
    r2 += 1
    """,
    on_post="""
    w = clip(w + r1*(A2_plus + A3_plus*o2), w_min, w_max)
    o1 += 1
    o2 += 1
    """,
    parameters={
        "A2_plus": 5e-10,
        "A3_plus": 6.2e-3,
        "A2_minus": 7e-3,
        "A3_minus": 2.3e-4,
        "tau_plus": 16.8 * ms,
        "tau_minus": 33.7 * ms,
        "tau_x": 101 * ms,
        "tau_y": 125 * ms,
        "w_min": 0.0,
        "w_max": 100.0,
    },
    reference="Pfister, Gerstner 2006, J Neurosci 26:9673, table 3, visual cortex, all to all",
)
