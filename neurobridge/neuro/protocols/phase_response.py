"""Phase response curve: how far a short pulse moves the next spike, depending on when in the cycle it comes."""

from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import Quantity, ms, second
from matplotlib.figure import Figure

from neurobridge.errors import SimulationError
from neurobridge.neuro.circuit import single
from neurobridge.neuro.neurons.model import NeuronModel
from neurobridge.neuro.recorders import Spikes
from neurobridge.neuro.result import Result
from neurobridge.neuro.simulate import complete
from neurobridge.neuro.stimuli import constant, step
from neurobridge.plots.neurons import Series, curve


@final
@dataclass(frozen=True, kw_only=True)
class PhaseResponse(Result):
    """Advance of the next spike by a pulse at each phase.

    Args:
        phase: `(point,)` of the pulse, 0 at a spike and 1 at the next.
        advance: `(point,)` of the next spike, as a part of the period; negative for a delay.
        period: of the undisturbed neuron.
    """

    phase: np.ndarray
    advance: np.ndarray
    period: Quantity

    def plot(self) -> Figure:
        """Return advance against phase."""
        title = f"{self.model}, period {float(self.period / ms):.3g} ms"
        zero = Series(x=np.array([0.0, 1.0]), y=np.zeros(2), theory=True)
        return curve([Series(x=self.phase, y=self.advance), zero], "phase of the pulse", "advance of the spike", title)


def phase_response(
    model: NeuronModel,
    current: Quantity | None = None,
    *,
    pulse: Quantity | None = None,
    width: Quantity = 0.5 * ms,
    points: int = 40,
    settle: Quantity = 150 * ms,
    dt: Quantity | None = None,
) -> PhaseResponse:
    """Measure the phase response curve, one neuron a phase, in one simulation.

    Args:
        model: a neuron that fires regularly under `current`.
        current: constant input, the model's drive if None.
        pulse: amplitude of the pulses, a fifth of the current if None.
        width: of the pulses.
        points: how many phases.
        settle: time until the firing is regular.
        dt: time step; a quarter of the model's own if None, since a spike moves by less than a step otherwise.

    Raises:
        SimulationError: the neuron does not fire regularly.
    """
    level = model.drive if current is None else current
    height = 0.2 * level if pulse is None else pulse
    fine = model.dt / 4 if dt is None else dt
    start, period = _cycle(model, level, settle, fine)
    phase = (np.arange(points) + 0.5) / points
    # the last neuron gets no pulse: what it does is what the others are compared with
    onset = np.append(start + phase * period, start) * second
    heights = np.append(np.ones(points), 0.0) * height
    stimulus = step(heights, onset, width, holding=level)
    found = complete(single(model, stimulus, points + 1, fine), (start + 3 * period) * second, [Spikes("neurons")])
    following = np.array([_first_after(train, start + 0.01 * period) for train in found.spikes["neurons"].trains()])
    advance = (following[-1] - following[:-1]) / period
    return PhaseResponse(model=model.name, phase=phase, advance=advance, period=period * second)


def _cycle(model: NeuronModel, level: Quantity, settle: Quantity, dt: Quantity) -> tuple[float, float]:
    """Return the time of a spike after `settle` and the period, in seconds."""
    found = complete(single(model, constant(level), dt=dt), 3 * settle, [Spikes("neurons")]).spikes["neurons"]
    late = np.asarray(found.time)[np.asarray(found.time) > float(settle)]
    intervals = np.diff(late)
    if len(intervals) < 2 or np.ptp(intervals) > 0.05 * intervals.mean():
        raise SimulationError(
            f"{model.name} does not fire regularly at {level} ({len(late)} spikes after {settle}); "
            "choose another current."
        )
    return float(late[0]), float(intervals.mean())


def _first_after(train: np.ndarray, time: float) -> float:
    later = train[train > time]
    return float(later[0]) if len(later) else np.nan
