"""Synapse models by name."""

from neurobridge.neuro.synapses.kernels import (
    ALPHA,
    ALPHA_CURRENT,
    DELTA,
    DOUBLE_EXPONENTIAL,
    EXPONENTIAL,
    EXPONENTIAL_CURRENT,
)
from neurobridge.neuro.synapses.model import SynapseModel
from neurobridge.neuro.synapses.receptors import AMPA, GABA_A, GABA_B, NMDA
from neurobridge.neuro.synapses.short_term import DEPRESSING, FACILITATING, ShortTermPlasticity

SYNAPSES: dict[str, SynapseModel] = {
    "delta": DELTA,
    "exponential-current": EXPONENTIAL_CURRENT,
    "exponential": EXPONENTIAL,
    "alpha-current": ALPHA_CURRENT,
    "alpha": ALPHA,
    "double-exponential": DOUBLE_EXPONENTIAL,
    "ampa": AMPA,
    "nmda": NMDA,
    "gaba-a": GABA_A,
    "gaba-b": GABA_B,
}
SHORT_TERM: dict[str, ShortTermPlasticity] = {"depressing": DEPRESSING, "facilitating": FACILITATING}
