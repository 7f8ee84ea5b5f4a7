"""Phase plane of a two-variable model: flow, nullclines, fixed points with their stability, and a trajectory."""

from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import Quantity, ms
from matplotlib.figure import Figure

from neurobridge.errors import InputError
from neurobridge.neuro.circuit import single
from neurobridge.neuro.neurons.model import NeuronModel
from neurobridge.neuro.quantities import shown, text, unit_name
from neurobridge.neuro.recorders import Traces
from neurobridge.neuro.result import Result
from neurobridge.neuro.simulate import simulate
from neurobridge.neuro.stimuli import constant
from neurobridge.neuro.vector_field import vector_field
from neurobridge.plots import phase_plane as drawing
from neurobridge.plots.neurons import axis_label


@final
@dataclass(frozen=True, kw_only=True)
class PhasePlane(Result):
    """The flow of two variables under a constant input.

    Args:
        first: `(column,)` grid of the voltage.
        second: `(row,)` grid of the other variable.
        flow_first: `(row, column)` derivative of the voltage in SI units.
        flow_second: `(row, column)` derivative of the other variable in SI units.
        points_first: `(point,)` voltage of each fixed point.
        points_second: `(point,)` other variable of each fixed point.
        stable: `(point,)`.
        point_kinds: names of the fixed points, joined by commas.
        path_first: `(sample,)` trajectory.
        path_second: `(sample,)` trajectory.
        names: of the two variables, joined by a comma.
        title: the input, in words.
    """

    first: Quantity
    second: Quantity
    flow_first: np.ndarray
    flow_second: np.ndarray
    points_first: Quantity
    points_second: Quantity
    stable: np.ndarray
    point_kinds: str
    path_first: Quantity
    path_second: Quantity
    names: str
    title: str

    def plot(self) -> Figure:
        """Return the phase plane."""
        (x, unit_x), (y, unit_y) = shown(self.first), shown(self.second)
        names = self.names.split(",")
        plane = drawing.Plane(
            x=x,
            y=y,
            flow_x=self.flow_first / np.ptp(np.asarray(self.first)) * np.ptp(x),
            flow_y=self.flow_second / np.ptp(np.asarray(self.second)) * np.ptp(y),
            labels=(axis_label(names[0], unit_x), axis_label(names[1], unit_y)),
        )
        points = np.stack([shown(self.points_first)[0], shown(self.points_second)[0]], axis=-1)
        path = (shown(self.path_first)[0], shown(self.path_second)[0])
        return drawing.phase_plane(plane, points, self.stable, [path], f"{self.model}, {self.title}")


def phase_plane(
    model: NeuronModel,
    current: Quantity | None = None,
    *,
    low: Quantity | None = None,
    high: Quantity | None = None,
    duration: Quantity = 200 * ms,
    points: int = 60,
) -> PhasePlane:
    """Compute the phase plane of a model with two variables.

    Args:
        model: the neuron.
        current: constant input, the model's drive if None.
        low: lowest voltage of the plane; taken from a trajectory if None.
        high: highest voltage of the plane; taken from a trajectory if None.
        duration: length of the trajectory.
        points: grid lines in each direction.

    Raises:
        InputError: the model has not two variables.
    """
    field = vector_field(model)
    if len(field.names) != 2:
        raise InputError(f"{model.name} has the variables {', '.join(field.names)}; a phase plane shows exactly two.")
    level = model.drive if current is None else current
    path = simulate(single(model, constant(level)), duration, [Traces("neurons", field.names)]).traces["neurons"]
    voltage, other = path[field.names[0]][0], path[field.names[1]][0]
    x = np.linspace(*_range(voltage, low, high), points)
    found = field.fixed_points(float(level), x[0], x[-1])
    y = np.linspace(*_range(np.append(np.asarray(other), [point.state[1] for point in found]), None, None), points)
    flow = field(np.stack(np.meshgrid(x, y)), float(level))
    units = [_si(voltage), _si(other)]
    return PhasePlane(
        model=model.name, first=x * units[0], second=y * units[1], flow_first=flow[0], flow_second=flow[1],
        points_first=np.array([point.state[0] for point in found]) * units[0],
        points_second=np.array([point.state[1] for point in found]) * units[1],
        stable=np.array([point.stable for point in found], dtype=bool),
        point_kinds=",".join(point.kind for point in found),
        path_first=voltage, path_second=other, names=",".join(field.names), title=f"I = {text(level)}",
    )  # fmt: skip


def _range(values: np.ndarray, low: Quantity | None, high: Quantity | None) -> tuple[float, float]:
    plain = np.asarray(values)
    margin = 0.15 * max(float(np.ptp(plain)), 1e-12)
    return (
        plain.min() - margin if low is None else float(low),
        plain.max() + margin if high is None else float(high),
    )


def _si(value: Quantity) -> Quantity | float:
    return 1.0 if unit_name(value) == "1" else Quantity(1.0, dim=value.dim)
