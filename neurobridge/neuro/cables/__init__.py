"""Multicompartment neurons by name."""

from neurobridge.neuro.cables.axon import AXON
from neurobridge.neuro.cables.ball_and_stick import BALL_AND_STICK
from neurobridge.neuro.cables.model import CableModel
from neurobridge.neuro.cables.passive import PASSIVE_CABLE

CABLES: dict[str, CableModel] = {
    "passive-cable": PASSIVE_CABLE,
    "axon": AXON,
    "ball-and-stick": BALL_AND_STICK,
}
