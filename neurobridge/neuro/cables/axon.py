"""The squid giant axon of Hodgkin and Huxley as a cable, in which a spike travels."""

from collections.abc import Mapping

from brian2 import Cylinder, Morphology, Quantity, cm, ms, ohm, um

from neurobridge.neuro.cables.model import CableModel
from neurobridge.neuro.neurons.hodgkin_huxley import HODGKIN_HUXLEY

_GATES = "\n".join(line for line in HODGKIN_HUXLEY.equations.splitlines() if "dv/dt" not in line)
_MEMBRANE = {name: value for name, value in HODGKIN_HUXLEY.parameters.items() if name != "C"}


def _cylinder(parameters: Mapping[str, Quantity]) -> Morphology:
    return Cylinder(diameter=parameters["diameter"], length=parameters["length"], n=int(parameters["compartments"]))


AXON = CableModel(
    name="axon",
    equations="Im = gNa*m**3*h*(ENa - v) + gK*n**4*(EK - v) + gL*(EL - v) : amp/meter**2\n" + _GATES,
    parameters={
        **_MEMBRANE,
        "Cm": HODGKIN_HUXLEY.parameters["C"],
        "celsius": 18.5,
        "diameter": 476 * um,
        "length": 8 * cm,
        "compartments": 400,
        "Ri": 35.4 * ohm * cm,
    },
    shape=_cylinder,
    initial=HODGKIN_HUXLEY.initial,
    dt=0.005 * ms,
    reference="Hodgkin, Huxley 1952, J Physiol 117:500, part III: radius 238 um, 35.4 ohm cm, 18.5 degrees",
)
