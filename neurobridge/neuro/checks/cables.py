"""Numbers of cables: length constant, input resistance, time constant, Rall's equivalent cylinder, velocity."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
from brian2 import Cylinder, Morphology, Quantity, cm, metre, ms, mV, nA, second, um

from neurobridge.neuro.cables import CABLES
from neurobridge.neuro.cables.model import CableModel, input_conductance
from neurobridge.neuro.checks.check import Check, percent
from neurobridge.neuro.protocols.cable import Attenuation, attenuation, conduction
from neurobridge.neuro.recorders import Traces
from neurobridge.neuro.simulate import simulate
from neurobridge.neuro.stimuli import constant, step

_RALL = "Rall 1977, closed form"


@cache
def _attenuation() -> Attenuation:
    return attenuation(CABLES["passive-cable"])


def _fall() -> float:
    """Return the length constant read off the voltage between the end and one length constant, in mm."""
    found = _attenuation()
    x, v = np.asarray(found.distance), np.asarray(found.deflection)
    near = x < float(found.length_constant)
    slope, _ = np.polyfit(x[near], np.log(v[near]), 1)
    return -1e3 / slope


def _time_constant() -> float:
    """Return the decay time in ms of a voltage that is the same everywhere."""
    model = CABLES["passive-cable"].with_parameters(compartments=20)
    model = replace(model, initial={"v": "EL + 10*mV"})
    found = simulate(model.circuit(constant(0 * nA)), 40 * ms, [Traces("cable", ("v",))]).traces["cable"]
    above = np.asarray(found["v"][0] - model.parameters["EL"])
    slope, _ = np.polyfit(np.asarray(found.time), np.log(above), 1)
    return -1e3 / slope


def _tree(parameters: Mapping[str, Quantity]) -> Morphology:
    """Return a trunk that branches in two; the daughters' diameters to the power 3/2 add up to the trunk's."""
    daughter = parameters["diameter"] * 0.5 ** (2 / 3)
    # the same electrotonic length needs a length that goes with the root of the diameter
    length = 500 * um * 0.5 ** (1 / 3)
    shape = Cylinder(diameter=parameters["diameter"], length=500 * um, n=100)
    shape.left = Cylinder(diameter=daughter, length=length, n=100)
    shape.right = Cylinder(diameter=daughter, length=length, n=100)
    return shape


def _equivalent_cylinder() -> float:
    """Return the largest difference between tree and cylinder at the near end, over the largest deflection."""
    pulse = step(0.05 * nA, 5 * ms, 20 * ms)
    cylinder = CABLES["passive-cable"].with_parameters(length=1000 * um, compartments=200)
    tree = replace(CABLES["passive-cable"], shape=_tree)
    first, second_ = (_near_end(model, pulse) for model in (cylinder, tree))
    return float(np.abs(first - second_).max() / np.ptp(first))


def _near_end(model: CableModel, pulse: object) -> np.ndarray:
    found = simulate(model.circuit(pulse), 50 * ms, [Traces("cable", ("v",))])  # type: ignore[arg-type]
    return np.asarray(found.traces["cable"]["v"][0] / mV)


def _velocity() -> float:
    model = replace(CABLES["axon"].with_parameters(length=5 * cm, compartments=200), dt=0.01 * ms)
    return float(conduction(model, duration=3.5 * ms).velocity / (metre / second))


CHECKS = (
    Check(
        name="passive cable: length constant [mm]", value=_fall, **percent(1.0, 1), source="sqrt(d Rm/(4 Ri)), " + _RALL
    ),
    Check(
        name="passive cable: input resistance x (pi/2) d^(3/2) / sqrt(Rm Ri)",
        value=lambda: float(_attenuation().resistance * input_conductance(CABLES["passive-cable"].parameters)),
        **percent(1.0, 1),
        source=_RALL,
    ),
    Check(name="passive cable: time constant [ms]", value=_time_constant, **percent(20.0, 1), source="Rm Cm, " + _RALL),
    Check(
        name="branched tree against its equivalent cylinder: relative difference",
        value=_equivalent_cylinder,
        target=0.0,
        tolerance=0.01,
        source="Rall 1962, Ann N Y Acad Sci 96:1071, the 3/2 power law",
    ),
    Check(
        name="squid axon: conduction velocity [m/s]",
        value=_velocity,
        **percent(18.8, 2),
        source="Hodgkin, Huxley 1952, p. 530",
    ),
)
