"""Rheobase and chronaxie: the weakest step that makes a spike, and how short it may be at twice that strength."""

from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import Quantity, ms
from matplotlib.figure import Figure

from neurobridge.errors import SimulationError
from neurobridge.neuro.circuit import single
from neurobridge.neuro.neurons.model import NeuronModel
from neurobridge.neuro.quantities import shown
from neurobridge.neuro.recorders import Spikes
from neurobridge.neuro.result import Result
from neurobridge.neuro.simulate import complete
from neurobridge.neuro.stimuli import step
from neurobridge.plots.neurons import Series, axis_label, curve

_START = 5 * ms


@final
@dataclass(frozen=True, kw_only=True)
class StrengthDuration(Result):
    """The weakest effective pulse of each width.

    Args:
        width: `(point,)` of the pulses, shortest first.
        threshold: `(point,)` weakest amplitude that makes a spike.
        rheobase: threshold of a pulse without end.
        chronaxie: width at which the threshold is twice the rheobase.
    """

    width: Quantity
    threshold: Quantity
    rheobase: Quantity
    chronaxie: Quantity

    def plot(self) -> Figure:
        """Return threshold against width."""
        (width, _), (threshold, unit) = shown(self.width), shown(self.threshold)
        rheobase, chronaxie = float(shown(self.rheobase)[0]), float(shown(self.chronaxie)[0])
        line = Series(x=width, y=threshold)
        level = Series(x=width, y=np.full_like(width, rheobase), name="rheobase", theory=True)
        mark = (chronaxie, f"chronaxie {chronaxie:.3g} ms")
        return curve([line, level], "pulse width [ms]", axis_label("threshold", unit), self.model, [mark], "x")


def rheobase(
    model: NeuronModel,
    highest: Quantity | None = None,
    *,
    duration: Quantity = 500 * ms,
    rounds: int = 3,
    points: int = 30,
    dt: Quantity | None = None,
) -> Quantity:
    """Return the weakest step that makes a spike within `duration`.

    Args:
        model: the neuron.
        highest: an amplitude that certainly makes it fire, four times its drive if None.
        duration: how long the step lasts.
        rounds: each makes the bracket `points` times narrower.
        points: amplitudes tried at once.
        dt: time step, the model's own if None.

    Raises:
        SimulationError: not even `highest` makes a spike.
    """
    return thresholds(model, np.array([float(duration)]) * ms * 1000, highest, rounds=rounds, points=points, dt=dt)[0]


def thresholds(
    model: NeuronModel,
    widths: Quantity,
    highest: Quantity | None = None,
    *,
    rounds: int = 3,
    points: int = 30,
    dt: Quantity | None = None,
) -> Quantity:
    """Return the weakest pulse of each width that makes a spike, all widths in one simulation a round.

    Raises:
        SimulationError: not even `highest` makes a spike at some width.
    """
    top = 4 * model.drive if highest is None else highest
    low, high = np.zeros(len(widths)), np.full(len(widths), float(top))
    unit = Quantity(1.0, dim=getattr(top, "dim", None)) if isinstance(top, Quantity) else 1.0
    for _ in range(rounds):
        grid = low + (high - low) * np.linspace(0, 1, points + 1)[1:, None]
        fired = _fires(model, grid.ravel() * unit, np.tile(np.asarray(widths), points), dt).reshape(grid.shape)
        if not fired.any(axis=0).all():
            raise SimulationError(
                f"{model.name} stays silent up to {top} at a width of {widths[int(np.argmin(fired.any(axis=0)))]}; "
                "give a larger `highest`, or longer pulses."
            )
        first = fired.argmax(axis=0)
        step_size = (high - low) / points
        high = np.take_along_axis(grid, first[None], axis=0)[0]
        low = high - step_size
    return 0.5 * (low + high) * unit


def _fires(model: NeuronModel, amplitudes: Quantity, widths: np.ndarray, dt: Quantity | None) -> np.ndarray:
    stimulus = step(amplitudes, _START, widths * 1000 * ms)
    # a spike may follow the end of a short pulse
    duration = _START + max(widths) * 1000 * ms + 20 * ms
    circuit = single(model, stimulus, len(amplitudes), dt)
    return complete(circuit, duration, [Spikes("neurons")]).spikes["neurons"].counts() > 0


def strength_duration(
    model: NeuronModel, widths: Quantity | None = None, *, duration: Quantity = 200 * ms, dt: Quantity | None = None
) -> StrengthDuration:
    """Measure the threshold at each pulse width, the rheobase and the chronaxie.

    Args:
        model: the neuron.
        widths: of the pulses; if None, 15 from 1 to 100 ms.
        duration: of the pulse that stands for one without end.
        dt: time step, the model's own if None.
    """
    width = np.geomspace(1, 100, 15) * ms if widths is None else widths
    weakest = rheobase(model, duration=duration, dt=dt)
    return StrengthDuration(
        model=model.name,
        width=width,
        threshold=thresholds(model, width, 200 * weakest, rounds=3, points=25, dt=dt),
        rheobase=weakest,
        chronaxie=_chronaxie(model, weakest, dt),
    )


def _chronaxie(
    model: NeuronModel, weakest: Quantity, dt: Quantity | None, rounds: int = 3, points: int = 30
) -> Quantity:
    low, high = 0.0, 0.1
    for _ in range(rounds):
        widths = low + (high - low) * np.arange(1, points + 1) / points
        fired = _fires(model, np.full(points, 2.0) * weakest, widths, dt)
        high = widths[fired.argmax()]
        low = high - (high - low) / points if fired.argmax() == 0 else widths[fired.argmax() - 1]
    return 0.5 * (low + high) * 1000 * ms
