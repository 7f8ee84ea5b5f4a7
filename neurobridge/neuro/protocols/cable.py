"""Cables: how a steady voltage falls with distance, and how fast a spike travels."""

from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import Quantity, metre, ms, nA, uA
from matplotlib.figure import Figure

from neurobridge.errors import SimulationError
from neurobridge.neuro.cables.model import CableModel, length_constant
from neurobridge.neuro.quantities import shown
from neurobridge.neuro.recorders import Final, Traces
from neurobridge.neuro.result import Result
from neurobridge.neuro.simulate import complete
from neurobridge.neuro.stimuli import constant, step
from neurobridge.plots.neurons import Row, Series, axis_label, curve, traces


@final
@dataclass(frozen=True, kw_only=True)
class Attenuation(Result):
    """Steady voltage along a cable.

    Args:
        distance: `(compartment,)` from the injected end.
        deflection: `(compartment,)` voltage above rest.
        resistance: voltage at the injected end over the current.
        length_constant: distance over which the theory's voltage falls to 1/e.
    """

    distance: Quantity
    deflection: Quantity
    resistance: Quantity
    length_constant: Quantity

    def plot(self) -> Figure:
        """Return voltage against distance, with the exponential of cable theory."""
        distance, deflection = shown(self.distance)[0], shown(self.deflection)[0]
        theory = deflection[0] * np.exp(-(distance - distance[0]) / float(shown(self.length_constant)[0]))
        lines = [
            Series(x=distance, y=deflection, name="simulated"),
            Series(x=distance, y=theory, name="endless cable, exp(-x/λ)", theory=True),
        ]
        return curve(lines, axis_label("distance", "um"), "v - rest [mV]", self.model)


@final
@dataclass(frozen=True, kw_only=True)
class Conduction(Result):
    """A spike that travels along a cable.

    Args:
        time: `(sample,)`.
        voltage: `(place, sample)`.
        place: `(place,)` distance from the injected end.
        velocity: distance over time between the second and the second last place.
    """

    time: Quantity
    voltage: Quantity
    place: Quantity
    velocity: Quantity

    def plot(self) -> Figure:
        """Return the voltage at each place."""
        names = tuple(f"{1e3 * float(place):.3g} mm" for place in self.place)
        rows = [Row(label="v [mV]", values=shown(self.voltage)[0], height=1.6, names=names)]
        return traces(shown(self.time)[0], rows, f"{self.model}, {float(self.velocity):.2f} m/s")


def attenuation(model: CableModel, current: Quantity = 0.01 * nA, duration: Quantity = 200 * ms) -> Attenuation:
    """Inject a constant current into one end of a passive cable until nothing changes."""
    found = complete(model.circuit(constant(current)), duration, [Final("cable", ("v", "distance"))]).final["cable"]
    deflection = found["v"] - model.parameters["EL"]
    # the current enters at the middle of the first compartment, half of which the theory does not see
    end = deflection[0] * np.exp(float(found["distance"][0] / length_constant(model.parameters)))
    return Attenuation(
        model=model.name,
        distance=found["distance"],
        deflection=deflection,
        resistance=end / current,
        length_constant=length_constant(model.parameters),
    )


def conduction(
    model: CableModel, amplitude: Quantity = 100 * uA, width: Quantity = 0.2 * ms, duration: Quantity = 6 * ms
) -> Conduction:
    """Start a spike at one end of an axon and measure how fast it runs.

    Raises:
        SimulationError: the spike does not arrive.
    """
    compartments = model.shape(model.parameters).total_compartments
    which = tuple(int(part * (compartments - 1)) for part in (0.0, 0.25, 0.5, 0.75, 1.0))
    record = (Traces("cable", ("v",), which=which), Final("cable", ("distance",)))
    found = complete(model.circuit(step(amplitude, 0.1 * ms, width)), duration, record)
    voltage, time = found.traces["cable"]["v"], found.traces["cable"].time
    places = np.asarray(found.final["cable"]["distance"])[list(which)]
    crossing = [_crossing(np.asarray(time), np.asarray(row)) for row in voltage]
    if not np.isfinite(crossing).all():
        raise SimulationError(
            f"no spike reached the end of {model.name}; inject more than {amplitude}, or wait longer."
        )
    velocity = (places[3] - places[1]) / (crossing[3] - crossing[1]) * metre / (1000 * ms)
    return Conduction(model=model.name, time=time, voltage=voltage, place=places * metre, velocity=velocity)


def _crossing(time: np.ndarray, voltage: np.ndarray, level: float = -0.02) -> float:
    """Return when the voltage first rises through -20 mV, between samples, or NaN."""
    above = np.flatnonzero((voltage[1:] > level) & (voltage[:-1] <= level))
    if not len(above):
        return np.nan
    k = above[0]
    return float(time[k] + (time[k + 1] - time[k]) * (level - voltage[k]) / (voltage[k + 1] - voltage[k]))
