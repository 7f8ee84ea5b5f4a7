"""Refractory period: how soon after a first pulse a second one makes another spike."""

from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import Quantity, ms
from matplotlib.figure import Figure

from neurobridge.errors import SimulationError
from neurobridge.neuro.circuit import single
from neurobridge.neuro.neurons.model import NeuronModel
from neurobridge.neuro.protocols.rheobase import thresholds
from neurobridge.neuro.quantities import shown
from neurobridge.neuro.recorders import Spikes
from neurobridge.neuro.result import Result
from neurobridge.neuro.simulate import complete
from neurobridge.neuro.stimuli import pulse_pair
from neurobridge.plots.neurons import Series, curve


@final
@dataclass(frozen=True, kw_only=True)
class Recovery(Result):
    """Spikes caused by two pulses at several intervals.

    Args:
        interval: `(point,)` onset to onset.
        spikes: `(point,)` number of spikes.
        period: the shortest interval at which both pulses make a spike.
        strength: amplitude of the pulses over the threshold of a single one.
    """

    interval: Quantity
    spikes: np.ndarray
    period: Quantity
    strength: float

    def plot(self) -> Figure:
        """Return spikes against interval."""
        period = float(shown(self.period)[0])
        line = Series(x=shown(self.interval)[0], y=np.asarray(self.spikes))
        title = f"{self.model}, pulses of {self.strength:g} x threshold"
        figure = curve([line], "interval [ms]", "spikes", title, [(period, f"{period:.3g} ms")])
        figure.axes[0].set(yticks=np.unique(self.spikes), ylim=(min(self.spikes) - 0.3, max(self.spikes) + 0.6))
        return figure


def refractory_period(
    model: NeuronModel,
    intervals: Quantity | None = None,
    *,
    strength: float = 3.0,
    width: Quantity = 0.5 * ms,
    dt: Quantity | None = None,
) -> Recovery:
    """Measure the shortest interval between pulses that both make a spike.

    Args:
        model: the neuron.
        intervals: onset to onset; if None, 100 from 1 to 30 ms.
        strength: amplitude as a multiple of the threshold of one such pulse.
        width: of each pulse.
        dt: time step; half the model's own if None, since pulses open many channels at once.

    Raises:
        SimulationError: no interval lets the second pulse make a spike.
    """
    spacing = np.linspace(1, 30, 100) * ms if intervals is None else intervals
    step = model.dt / 2 if dt is None else dt
    weakest = thresholds(model, np.array([float(width / ms)]) * ms, 200 * model.drive, dt=step)[0]
    stimulus = pulse_pair(strength * weakest, 5 * ms, width, spacing)
    circuit = single(model, stimulus, len(spacing), step)
    found = complete(circuit, max(spacing) + 30 * ms, [Spikes("neurons")])
    counts = found.spikes["neurons"].counts()
    if not (counts >= 2).any():
        raise SimulationError(f"{model.name} never fires twice up to {max(spacing)}; give longer intervals.")
    first = int(np.argmax(counts >= 2))
    return Recovery(model=model.name, interval=spacing, spikes=counts, period=spacing[first], strength=strength)
