"""Rules of plasticity by name."""

from neurobridge.neuro.plasticity.inhibitory import INHIBITORY
from neurobridge.neuro.plasticity.model import PlasticityRule
from neurobridge.neuro.plasticity.pair import ADDITIVE, MULTIPLICATIVE, NEAREST
from neurobridge.neuro.plasticity.rates import BCM, HEBB, OJA, RateRule
from neurobridge.neuro.plasticity.reward import REWARD
from neurobridge.neuro.plasticity.triplet import TRIPLET
from neurobridge.neuro.plasticity.voltage import VOLTAGE

PLASTICITY: dict[str, PlasticityRule] = {
    "pair": ADDITIVE,
    "pair-nearest": NEAREST,
    "pair-multiplicative": MULTIPLICATIVE,
    "triplet": TRIPLET,
    "voltage": VOLTAGE,
    "inhibitory": INHIBITORY,
    "reward": REWARD,
}
RATE_RULES: dict[str, RateRule] = {"hebb": HEBB, "oja": OJA, "bcm": BCM}
