"""Ball and stick: an active soma with one passive dendrite, the smallest neuron with a shape."""

from collections.abc import Mapping

from brian2 import Cylinder, Morphology, Quantity, Soma, cm, mS, ms, mV, ohm, uF, um

from neurobridge.neuro.cables.model import CableModel
from neurobridge.neuro.neurons.traub_miles import TRAUB_MILES

_GATES = "\n".join(line for line in TRAUB_MILES.equations.splitlines() if "dv/dt" not in line)


def _soma_and_dendrite(parameters: Mapping[str, Quantity]) -> Morphology:
    shape = Soma(diameter=parameters["soma"])
    shape.dendrite = Cylinder(
        diameter=parameters["diameter"], length=parameters["length"], n=int(parameters["compartments"])
    )
    return shape


BALL_AND_STICK = CableModel(
    name="ball-and-stick",
    equations="""
    Im = gL*(EL - v) + active*(gNa*m**3*h*(ENa - v) + gK*n**4*(EK - v)) : amp/meter**2
    active = int(i == 0) : 1
    """
    + _GATES,
    parameters={
        **{name: TRAUB_MILES.parameters[name] for name in ("gNa", "gK", "ENa", "EK", "VT")},
        "gL": 0.05 * mS / cm**2,
        "EL": -65 * mV,
        "Cm": 1 * uF / cm**2,
        "Ri": 150 * ohm * cm,
        "soma": 30 * um,
        "diameter": 2 * um,
        "length": 600 * um,
        "compartments": 60,
    },
    shape=_soma_and_dendrite,
    initial={"v": "EL", "m": 0.02, "h": 0.99, "n": 0.02},
    dt=0.025 * ms,
    reference="Rall 1962, Biophys J 2:145, with the sodium and potassium currents of Traub and Miles in the soma",
)
