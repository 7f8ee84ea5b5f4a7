"""Song, Miller and Abbott 2000: synapses of one neuron compete by the timing of their spikes, and part in two."""

from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import BrianObject, Clock, Hz, NeuronGroup, PoissonGroup, Quantity, ms, second
from matplotlib.figure import Figure

from neurobridge.neuro.circuit import Circuit
from neurobridge.neuro.plasticity import PLASTICITY
from neurobridge.neuro.recorders import Final, Spikes
from neurobridge.neuro.result import Result
from neurobridge.neuro.simulate import simulate
from neurobridge.plots.neurons import Chart, Series, curves


@final
@dataclass(frozen=True, kw_only=True)
class Competed(Result):
    """Weights and rates after the competition.

    Args:
        weights: `(synapse,)` at the end, over the largest possible.
        time: `(bin,)`.
        rate: `(bin,)` of the neuron.
    """

    weights: np.ndarray
    time: Quantity
    rate: Quantity

    @property
    def outer(self) -> float:
        """Part of the weights in the lowest and the highest fifth."""
        return float(((self.weights < 0.2) | (self.weights > 0.8)).mean())

    @property
    def fallen(self) -> float:
        """Rate in the last bin over that in the first."""
        return float(self.rate[-1] / self.rate[0])

    def plot(self) -> Figure:
        """Return the distribution of the weights, and the rate over time."""
        number, edges = np.histogram(self.weights, bins=20, range=(0, 1))
        shares = Series(x=0.5 * (edges[1:] + edges[:-1]), y=number / len(self.weights))
        rates = Series(x=np.asarray(self.time / second), y=np.asarray(self.rate / Hz))
        return curves(
            [
                Chart(
                    series=[shares],
                    across="weight over the largest",
                    up="share of synapses",
                    title=self.model,
                ),
                Chart(series=[rates], across="time [s]", up="rate [Hz]"),
            ]
        )


@final
@dataclass(frozen=True, kw_only=True)
class Competition:
    """A neuron behind plastic synapses, Song, Miller, Abbott 2000, Nat Neurosci 3:919.

    Args:
        synapses: how many.
        input_rate: of each presynaptic Poisson train in Hz.
        strongest: conductance of the strongest possible synapse over the leak.
    """

    synapses: int = 1000
    input_rate: float = 15.0
    strongest: float = 0.01

    def circuit(self) -> Circuit:
        """Return the network, with `inputs`, `neuron` and `plastic_synapses`."""
        return Circuit(build=self._build, neurons=self.synapses + 1, dt=0.1 * ms, synapses=self.synapses)

    def _build(self, clock: Clock) -> dict[str, BrianObject]:
        inputs = PoissonGroup(self.synapses, self.input_rate * Hz, clock=clock, name="inputs")
        neuron = NeuronGroup(
            1,
            """
            dv/dt = (ge*(0*mV - v) + (-74*mV - v))/(10*ms) : volt
            dge/dt = -ge/(5*ms) : 1
            """,
            threshold="v > -54*mV",
            reset="v = -60*mV",
            method="euler",
            clock=clock,
            name="neuron",
        )
        neuron.v = "-60*mV"
        plastic = PLASTICITY["pair"].connect(inputs, neuron, clock, effect=f"ge_post += {self.strongest}*w")
        plastic.connect()
        plastic.w = "rand()"
        return {"inputs": inputs, "neuron": neuron, "plastic_synapses": plastic}

    def run(self, duration: Quantity = 100 * second, bin_width: Quantity = 5 * second, **options: object) -> Competed:
        """Simulate and return weights and rates; options go to `simulate`."""
        record = (Spikes("neuron"), Final("plastic_synapses", ("w",)))
        found = simulate(self.circuit(), duration, record, **options)  # type: ignore[arg-type]
        bins, width = max(1, round(float(duration / bin_width))), float(bin_width)
        counts = np.histogram(np.asarray(found.spikes["neuron"].time), bins, (0, bins * width))[0]
        return Competed(
            model="competitive STDP",
            weights=np.asarray(found.final["plastic_synapses"]["w"]),
            time=(np.arange(bins) + 0.5) * width * second,
            rate=counts / width * Hz,
        )
