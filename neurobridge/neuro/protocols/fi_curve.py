"""f-I curve: the firing rate at many constant currents, measured in one vectorised run."""

from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import Hz, Quantity, ms
from matplotlib.figure import Figure

from neurobridge.errors import InputError
from neurobridge.neuro.circuit import single
from neurobridge.neuro.neurons.model import NeuronModel
from neurobridge.neuro.quantities import shown
from neurobridge.neuro.recorders import Spikes
from neurobridge.neuro.result import Result
from neurobridge.neuro.simulate import complete
from neurobridge.neuro.stimuli import constant
from neurobridge.plots.neurons import Series, axis_label, curve


@final
@dataclass(frozen=True, kw_only=True)
class FICurve(Result):
    """Rate against current.

    Args:
        current: `(point,)`.
        rate: `(point,)` inverse of the mean interval between spikes, 0 below two spikes.
        first_interval: `(point,)` between the first two spikes, NaN where there is none.
        theory: `(point,)` rate that a formula gives, empty without one.
    """

    current: Quantity
    rate: Quantity
    first_interval: Quantity
    theory: Quantity

    def plot(self) -> Figure:
        """Return rate against current."""
        (current, unit), (rate, _) = shown(self.current), shown(self.rate)
        lines = [Series(x=current, y=rate, name="simulated" if len(self.theory) else "")]
        if len(self.theory):
            lines.append(Series(x=current, y=shown(self.theory)[0], name="theory", theory=True))
        return curve(lines, axis_label("I", unit), "rate [Hz]", title=self.model)


def fi_curve(
    model: NeuronModel,
    currents: Quantity | None = None,
    *,
    duration: Quantity = 500 * ms,
    settle: Quantity = 100 * ms,
    points: int = 50,
    dt: Quantity | None = None,
    seed: int | None = None,
) -> FICurve:
    """Measure the rate at each current, all currents in one simulation.

    Args:
        model: the neuron.
        currents: `(point,)`; if None, `points` values from zero to twice the model's drive.
        duration: length of the simulation.
        settle: spikes before this time are not used for the rate.
        points: how many currents when `currents` is None.
        dt: time step, the model's own if None.
        seed: start of the random numbers; that of `manner.running` if None.

    Raises:
        InputError: fewer than one current, or nothing is left to measure after `settle`.
    """
    values = np.linspace(0, 2, points) * model.drive if currents is None else currents
    if np.ndim(values) != 1 or len(values) == 0:
        raise InputError("currents must be a list with at least one value, such as [1, 2, 3]*nA.")
    if not settle < duration:
        raise InputError(f"settle ({settle}) must be shorter than duration ({duration}), or no spikes are counted.")
    found = complete(single(model, constant(values), len(values), dt), duration, [Spikes("neurons")], seed=seed)
    trains = found.spikes["neurons"].trains()
    return FICurve(
        model=model.name,
        current=values,
        rate=np.array([_rate(train[train >= float(settle)]) for train in trains]) * Hz,
        first_interval=np.array([train[1] - train[0] if len(train) > 1 else np.nan for train in trains]) / Hz,
        theory=np.array([]) * Hz,
    )


def _rate(train: np.ndarray) -> float:
    return (len(train) - 1) / (train[-1] - train[0]) if len(train) > 1 else 0.0
