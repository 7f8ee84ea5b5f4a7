"""A neuron's equations as a numerical function: fixed points, nullclines, eigenvalues, without simulating."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import scipy
import sympy
from brian2.equations import Equations
from brian2.parsing.sympytools import str_to_sympy

from neurobridge.errors import InputError
from neurobridge.neuro.neurons.model import NeuronModel
from neurobridge.neuro.quantities import unit_of


@dataclass(frozen=True, kw_only=True)
class FixedPoint:
    """A state in which nothing changes.

    Args:
        state: value of each variable in SI units, voltage first.
        current: the input at which it exists, in SI units.
        eigenvalues: of the linearised equations, in 1/s.
    """

    state: np.ndarray
    current: float
    eigenvalues: np.ndarray

    @property
    def stable(self) -> bool:
        """Whether small perturbations die out."""
        return bool((self.eigenvalues.real < 0).all())

    @property
    def kind(self) -> str:
        """The name of the point: stable or unstable node or focus, or saddle."""
        real = self.eigenvalues.real
        if (real > 0).any() and (real < 0).any() and not np.iscomplex(self.eigenvalues[real > 0]).any():
            return "saddle"
        shape = "focus" if np.iscomplex(self.eigenvalues).any() else "node"
        return f"{'stable' if self.stable else 'unstable'} {shape}"


@dataclass(frozen=True, kw_only=True)
class VectorField:
    """The right hand sides of a model in SI units.

    Args:
        names: the state variables, voltage first.
        derivative: `(state, current)` -> time derivatives; both may carry further axes.
    """

    names: tuple[str, ...]
    derivative: Callable[[np.ndarray, np.ndarray | float], np.ndarray] = field(repr=False)

    def __call__(self, state: np.ndarray, current: np.ndarray | float) -> np.ndarray:
        """Return the time derivatives, `(variable, ...)`."""
        return self.derivative(np.asarray(state, dtype=float), current)

    def rest_of(self, voltage: np.ndarray) -> np.ndarray:
        """Return the state in which every variable but the voltage is steady, `(variable, ...)`.

        Raises:
            InputError: a variable's equation is not linear in itself, or depends on others than the voltage.
        """
        voltage = np.asarray(voltage, dtype=float)
        state = np.zeros((len(self.names), *voltage.shape))
        state[0] = voltage
        for place in range(1, len(self.names)):
            state[place] = _zero_of_line(partial(self._with, state, place), self.names[place])
        return state

    def _with(self, state: np.ndarray, place: int, value: float) -> np.ndarray:
        changed = state.copy()
        changed[place] = value
        return self(changed, 0.0)[place]

    def steady_current(self, voltage: np.ndarray) -> np.ndarray:
        """Return the input that holds the neuron at each voltage, in SI units: the exact curve of fixed points."""
        state = self.rest_of(voltage)
        without = self(state, 0.0)[0]
        per_unit = self(state, 1.0)[0] - without
        return -without / per_unit

    def fixed_points(self, current: float, low: float, high: float, points: int = 4001) -> list[FixedPoint]:
        """Return the fixed points between two voltages, from low to high."""
        voltage = np.linspace(low, high, points)
        excess = self.steady_current(voltage) - current
        found: list[FixedPoint] = []
        for place in np.flatnonzero(np.sign(excess[:-1]) * np.sign(excess[1:]) <= 0):
            zero = scipy.optimize.brentq(
                lambda v: float(self.steady_current(np.array(v))) - current, voltage[place], voltage[place + 1]
            )
            if not found or abs(found[-1].state[0] - zero) > 1e-12:
                found.append(self.point_at(zero))
        return found

    def point_at(self, voltage: float) -> FixedPoint:
        """Return the fixed point at a voltage, with the input that makes it one."""
        state = self.rest_of(np.array(voltage))
        current = float(self.steady_current(np.array(voltage)))
        return FixedPoint(state=state, current=current, eigenvalues=np.linalg.eigvals(self.jacobian(state, current)))

    def jacobian(self, state: np.ndarray, current: float) -> np.ndarray:
        """Return the derivatives of the right hand sides by the state, by central differences."""
        columns = []
        for place, value in enumerate(state):
            shift = np.zeros_like(state)
            shift[place] = 1e-6 * max(abs(value), 1e-3)
            columns.append((self(state + shift, current) - self(state - shift, current)) / (2 * shift[place]))
        return np.stack(columns, axis=1)


def _zero_of_line(at: Callable[[float], np.ndarray], name: str) -> np.ndarray:
    first, second, third = at(0.0), at(1.0), at(2.0)
    if not np.allclose(third - second, second - first, rtol=1e-6, atol=1e-12 + 1e-9 * np.max(np.abs(first))):
        raise InputError(
            f"the equation of {name!r} is not linear in {name!r}; fixed points are found only for "
            "models whose slow variables are (gates, adaptation currents)."
        )
    return -first / (second - first)


def vector_field(model: NeuronModel) -> VectorField:
    """Return the equations of a model as a function.

    Raises:
        InputError: the model has no differential equations, or noise in them.
    """
    equations = Equations(model.equations + "\nI : 1  # its unit plays no role here")
    if not equations.diff_eq_names or equations.is_stochastic:
        raise InputError(f"{model.name} has no deterministic differential equations, so it has no phase plane.")
    names = (model.voltage, *sorted(equations.diff_eq_names - {model.voltage}))
    expressions = dict(equations.get_substituted_expressions())
    sides = [str_to_sympy(expressions[name].code) for name in names]
    symbols = sorted({symbol for side in sides for symbol in side.free_symbols}, key=str)
    constants = {symbol: _value(str(symbol), model) for symbol in symbols if str(symbol) not in (*names, "I")}
    # the numbers stay arguments: put into the expression, sympy would write exprel out and leave a hole at 0
    arguments = [*(sympy.Symbol(name, real=True) for name in (*names, "I")), *constants]
    function = sympy.lambdify(arguments, sides, [{"exprel": scipy.special.exprel}, "numpy"])
    numbers = tuple(constants.values())

    def derivative(state: np.ndarray, current: np.ndarray | float) -> np.ndarray:
        return np.stack([value + 0 * state[0] for value in function(*state, current, *numbers)])

    return VectorField(names=names, derivative=derivative)


def _value(name: str, model: NeuronModel) -> float:
    """Return the number in SI units that a parameter or a unit of the equations stands for."""
    return float(model.parameters[name]) if name in model.parameters else float(unit_of(name))
