"""The passive cable: a cylinder with a leak, whose steady voltage falls as exp(-x/lambda)."""

from collections.abc import Mapping

from brian2 import Cylinder, Morphology, Quantity, cm, ms, mV, ohm, uF, um
from brian2 import siemens as S

from neurobridge.neuro.cables.model import CableModel


def _cylinder(parameters: Mapping[str, Quantity]) -> Morphology:
    return Cylinder(diameter=parameters["diameter"], length=parameters["length"], n=int(parameters["compartments"]))


PASSIVE_CABLE = CableModel(
    name="passive-cable",
    equations="Im = gL*(EL - v) : amp/meter**2",
    parameters={
        "diameter": 2 * um,
        "length": 8000 * um,
        "compartments": 800,
        "gL": 5e-5 * S / cm**2,
        "EL": -65 * mV,
        "Cm": 1 * uF / cm**2,
        "Ri": 100 * ohm * cm,
    },
    shape=_cylinder,
    initial={"v": "EL"},
    dt=0.1 * ms,
    reference="Rall 1977, Handbook of Physiology, ch. 3; Koch 1999, Biophysics of Computation, ch. 2",
)
