"""Bifurcation scan: all fixed points over the input, their stability, and where they turn or start to oscillate."""

from dataclasses import dataclass
from typing import final

import numpy as np
import scipy
from brian2 import Hz, Quantity
from matplotlib.figure import Figure

from neurobridge.neuro.neurons.model import NeuronModel
from neurobridge.neuro.quantities import shown
from neurobridge.neuro.result import Result
from neurobridge.neuro.vector_field import VectorField, vector_field
from neurobridge.plots.neurons import axis_label
from neurobridge.plots.phase_plane import equilibria


@final
@dataclass(frozen=True, kw_only=True)
class Bifurcations(Result):
    """The curve of fixed points of a model.

    Args:
        current: `(point,)` input at which each voltage is a fixed point, along the curve.
        voltage: `(point,)`.
        stable: `(point,)`.
        hopf_current: `(hopf,)` inputs at which a pair of eigenvalues crosses the imaginary axis.
        hopf_voltage: `(hopf,)`.
        hopf_frequency: `(hopf,)` of the oscillation that is born there.
        fold_current: `(fold,)` inputs at which two fixed points meet.
        fold_voltage: `(fold,)`.
    """

    current: Quantity
    voltage: Quantity
    stable: np.ndarray
    hopf_current: Quantity
    hopf_voltage: Quantity
    hopf_frequency: Quantity
    fold_current: Quantity
    fold_voltage: Quantity

    def plot(self) -> Figure:
        """Return voltage against input."""
        (current, unit), (voltage, volt) = shown(self.current), shown(self.voltage)
        marks = [
            (x, y, f"Hopf {x:.4g}")
            for x, y in zip(shown(self.hopf_current)[0], shown(self.hopf_voltage)[0], strict=True)
        ]
        marks += [
            (x, y, f"fold {x:.4g}")
            for x, y in zip(shown(self.fold_current)[0], shown(self.fold_voltage)[0], strict=True)
        ]
        return equilibria(
            current, voltage, self.stable, marks, (axis_label("I", unit), axis_label("v", volt)), title=self.model
        )


def bifurcations(model: NeuronModel, low: Quantity, high: Quantity, points: int = 600) -> Bifurcations:
    """Follow the fixed points of a model from one voltage to another.

    Args:
        model: the neuron; its slow variables must be linear in themselves.
        low: lowest voltage.
        high: highest voltage.
        points: how many voltages.
    """
    field = vector_field(model)
    grid = np.linspace(float(low), float(high), points)
    found = [field.point_at(v) for v in grid]
    hopf = [field.point_at(v) for v in _hopf_voltages(field, grid)]
    folds = _fold_voltages(field, grid)
    volt = Quantity(1.0, dim=low.dim) if isinstance(low, Quantity) else 1.0
    unit = Quantity(1.0, dim=model.input_unit.dim) if isinstance(model.input_unit, Quantity) else 1.0
    return Bifurcations(
        model=model.name,
        current=np.array([point.current for point in found]) * unit,
        voltage=grid * volt,
        stable=np.array([point.stable for point in found]),
        hopf_current=np.array([point.current for point in hopf]) * unit,
        hopf_voltage=np.array([point.state[0] for point in hopf]) * volt,
        hopf_frequency=np.array([_frequency(point.eigenvalues) for point in hopf]) * Hz,
        fold_current=np.array([float(field.steady_current(np.array(v))) for v in folds]) * unit,
        fold_voltage=np.array(folds) * volt,
    )


def _growth(field: VectorField, voltage: float) -> float:
    """Return the growth rate of the fastest growing oscillating mode, or NaN where none oscillates."""
    values = field.point_at(voltage).eigenvalues
    oscillating = values[np.abs(values.imag) > 1e-9 * np.abs(values).max()]
    return float(oscillating.real.max()) if len(oscillating) else np.nan


def _hopf_voltages(field: VectorField, grid: np.ndarray) -> list[float]:
    growth = np.array([_growth(field, v) for v in grid])
    crossings = np.flatnonzero(np.sign(growth[:-1]) * np.sign(growth[1:]) < 0)
    return [float(scipy.optimize.brentq(lambda v: _growth(field, v), grid[k], grid[k + 1])) for k in crossings]


def _slope(field: VectorField, voltage: float, shift: float) -> float:
    ahead, behind = field.steady_current(np.array([voltage + shift, voltage - shift]))
    return float(ahead - behind)


def _fold_voltages(field: VectorField, grid: np.ndarray) -> list[float]:
    shift = 1e-4 * (grid[-1] - grid[0])
    slope = np.array([_slope(field, v, shift) for v in grid])
    crossings = np.flatnonzero(np.sign(slope[:-1]) * np.sign(slope[1:]) < 0)
    return [float(scipy.optimize.brentq(lambda v: _slope(field, v, shift), grid[k], grid[k + 1])) for k in crossings]


def _frequency(eigenvalues: np.ndarray) -> float:
    # at a Hopf point the pair with the smallest real part is the one on the imaginary axis
    oscillating = eigenvalues[np.abs(eigenvalues.imag) > 0]
    critical = oscillating[np.abs(oscillating.real).argmin()]
    return float(abs(critical.imag) / (2 * np.pi))
