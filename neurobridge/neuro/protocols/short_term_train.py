"""Short-term plasticity: what each spike of a regular train releases, all rates in one run."""

from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import Clock, Hz, NeuronGroup, Quantity, SpikeGeneratorGroup, ms
from matplotlib.figure import Figure

from neurobridge.neuro.circuit import Circuit
from neurobridge.neuro.quantities import shown
from neurobridge.neuro.recorders import Traces
from neurobridge.neuro.result import Result
from neurobridge.neuro.simulate import complete
from neurobridge.neuro.synapses.short_term import ShortTermPlasticity
from neurobridge.plots.neurons import Series, curve

_RATES = np.array([5, 20, 50]) * Hz


@final
@dataclass(frozen=True, kw_only=True)
class ReleaseTrain(Result):
    """Release over a train.

    Args:
        rate: `(rate,)` of the trains.
        released: `(rate, spike)` u x at each spike.
        steady: `(rate,)` u x that theory gives for a long train.
    """

    rate: Quantity
    released: np.ndarray
    steady: np.ndarray

    def plot(self) -> Figure:
        """Return the release against the number of the spike, one line a rate."""
        number = np.arange(1, self.released.shape[1] + 1)
        lines = [
            Series(x=number, y=row, name=f"{rate:g} Hz")
            for rate, row in zip(shown(self.rate)[0], self.released, strict=True)
        ]
        return curve(lines, "spike", "release u x", self.model)


def short_term_train(
    synapse: ShortTermPlasticity, rates: Quantity = _RATES, spikes: int = 30, dt: Quantity = 1 * ms
) -> ReleaseTrain:
    """Send a regular train of each rate through a synapse.

    Args:
        synapse: with its parameters.
        rates: of the trains; the intervals are rounded to `dt`.
        spikes: in each train.
        dt: time step.
    """
    steps = np.round(1 / np.asarray(rates * dt)).astype(int)
    which = np.repeat(np.arange(len(steps)), spikes)
    times = (np.outer(steps, np.arange(spikes)).ravel()) * dt

    def build(clock: Clock) -> dict[str, object]:
        source = SpikeGeneratorGroup(len(steps), which, times, clock=clock, name="source")
        target = NeuronGroup(len(steps), "total : 1", clock=clock, name="target")
        connection = synapse.connect(source, target, "total_post += released", clock)
        connection.connect(j="i")
        connection.w, connection.x, connection.u = 1, 1, 0
        return {"source": source, "target": target, "synapses": connection}

    circuit = Circuit(build=build, neurons=2 * len(steps), dt=dt)
    duration = (max(steps) * (spikes - 1) + 2) * dt
    found = complete(circuit, duration, [Traces("target", ("total",), which=tuple(range(len(steps))))])
    total = np.asarray(found.traces["target"]["total"])
    # a recording holds the start of a step: what a spike releases shows one step later
    after = np.stack([row[gap * np.arange(spikes) + 1] for row, gap in zip(total, steps, strict=True)])
    u, x = synapse.steady_state(rates)
    return ReleaseTrain(
        model=synapse.name, rate=rates, released=np.diff(after, axis=1, prepend=0.0), steady=np.asarray(u * x)
    )
