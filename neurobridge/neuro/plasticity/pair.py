"""Pair rules: each pair of spikes counts, by its lag; additive or multiplicative, all pairs or nearest neighbours."""

from dataclasses import replace

from brian2 import ms

from neurobridge.neuro.plasticity.model import PlasticityRule

_TRACES = """
da_plus/dt = -a_plus/tau_plus : 1 (event-driven)
da_minus/dt = -a_minus/tau_minus : 1 (event-driven)
"""

ADDITIVE = PlasticityRule(
    name="pair",
    equations=_TRACES,
    on_pre="""
    a_plus += 1
    w = clip(w - A_minus*a_minus, 0, w_max)
    """,
    on_post="""
    a_minus += 1
    w = clip(w + A_plus*a_plus, 0, w_max)
    """,
    parameters={"A_plus": 0.01, "A_minus": 0.0105, "tau_plus": 20 * ms, "tau_minus": 20 * ms, "w_max": 1.0},
    reference="Song, Miller, Abbott 2000, Nat Neurosci 3:919",
)
NEAREST = replace(
    ADDITIVE,
    name="pair-nearest",
    on_pre=ADDITIVE.on_pre.replace("a_plus += 1", "a_plus = 1"),
    on_post=ADDITIVE.on_post.replace("a_minus += 1", "a_minus = 1"),
    reference="Morrison, Diesmann, Gerstner 2008, Biol Cybern 98:459, nearest neighbours",
)
MULTIPLICATIVE = replace(
    ADDITIVE,
    name="pair-multiplicative",
    on_pre="""
    a_plus += 1
    w = clip(w - A_minus*w*a_minus, 0, w_max)
    """,
    on_post="""
    a_minus += 1
    w = clip(w + A_plus*(w_max - w)*a_plus, 0, w_max)
    """,
    reference="Rubin, Lee, Sompolinsky 2001, Phys Rev Lett 86:364",
)
