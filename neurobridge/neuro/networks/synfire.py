"""Synfire chain: a volley of spikes that is strong and sharp enough travels through layers, any other dies out."""

from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import BrianObject, Clock, NeuronGroup, Quantity, SpikeGeneratorGroup, Synapses, ms
from matplotlib.figure import Figure

from neurobridge.neuro import manner
from neurobridge.neuro.circuit import Circuit
from neurobridge.neuro.recorders import Spikes
from neurobridge.neuro.result import Result
from neurobridge.neuro.simulate import simulate
from neurobridge.plots.networks import Population, population_raster

_ONSET = 50.0  # ms
_BIN = 0.5  # ms


@final
@dataclass(frozen=True, kw_only=True)
class Volley(Result):
    """What arrives in each layer.

    Args:
        layer: `(layer,)` counted from 1.
        spikes: `(layer,)` how many neurons fire in the volley.
        spread: `(layer,)` standard deviation of their times.
        spike_time: `(spike,)` all spikes.
        spike_neuron: `(spike,)` neuron of each.
        width: number of neurons in a layer.
    """

    layer: np.ndarray
    spikes: np.ndarray
    spread: Quantity
    spike_time: Quantity
    spike_neuron: np.ndarray
    width: int

    def plot(self) -> Figure:
        """Return the raster of the chain, a colour a layer."""
        time, end = np.asarray(self.spike_time / ms), float(max(self.spike_time) / ms)
        edges = np.arange(0, end + _BIN, _BIN)
        groups = []
        for layer in self.layer:
            mine = self.spike_neuron // self.width == layer - 1
            rate = np.histogram(time[mine], edges)[0] / (self.width * _BIN * 1e-3)
            neurons = self.spike_neuron[mine] % self.width
            groups.append(Population(name=f"{layer}", time=time[mine], index=neurons, size=self.width, rate=rate))
        title = f"{self.model}: {self.spikes[0]} spikes in the first layer, {self.spikes[-1]} in the last"
        return population_raster(groups, edges[:-1] + 0.5 * _BIN, title)


@final
@dataclass(frozen=True, kw_only=True)
class Synfire:
    """The chain of Diesmann, Gewaltig, Aertsen 1999, Nature 402:529.

    Args:
        layers: how many.
        width: neurons in a layer, all connected to all of the next.
        spikes: in the volley that starts it.
        spread: standard deviation of their times in ms.
    """

    layers: int = 10
    width: int = 100
    spikes: int = 85
    spread: float = 1.0

    def circuit(self, seed: int | None = None) -> Circuit:
        """Return the chain, called `neurons`, layer after layer."""

        def build(clock: Clock) -> dict[str, BrianObject]:
            return self._build(clock, np.random.default_rng(manner.seed(seed)))

        size = self.layers * self.width
        return Circuit(build=build, neurons=size, dt=0.1 * ms, synapses=size * self.width)

    def _build(self, clock: Clock, random: np.random.Generator) -> dict[str, BrianObject]:
        size = self.layers * self.width
        neurons = NeuronGroup(
            size,
            """
            dv/dt = (-(v + 70*mV) + x)/(10*ms) : volt (unless refractory)
            dx/dt = (-x + y)/(0.325*ms) : volt
            dy/dt = -y/(0.325*ms) + 25.27*mV/ms + 39.24*mV/ms**0.5*xi : volt
            """,
            threshold="v > -55*mV",
            reset="v = -70*mV",
            refractory=1 * ms,
            method="euler",
            clock=clock,
            name="neurons",
        )
        neurons.v = "-70*mV + rand()*15*mV"
        times = np.clip(random.normal(_ONSET, self.spread, self.spikes), 0.1, None)
        # one source a spike: a source cannot fire twice in a step
        source = SpikeGeneratorGroup(self.spikes, np.arange(self.spikes), times * ms, clock=clock, name="volley")
        first = Synapses(source, neurons, on_pre="y += 4.86*mV", clock=clock, name="first_layer")
        first.connect(condition=f"j < {self.width}")
        chain = Synapses(neurons, neurons, on_pre="y += 4.86*mV", delay=5 * ms, clock=clock, name="chain")
        chain.connect(j=f"k for k in range((i//{self.width} + 1)*{self.width}, (i//{self.width} + 2)*{self.width})"
                      f" if i < {size - self.width}")  # fmt: skip
        return {"neurons": neurons, "volley": source, "first_layer": first, "chain": chain}

    def run(self, duration: Quantity = 120 * ms, seed: int | None = None, **options: object) -> Volley:
        """Simulate and return the volley in each layer; options go to `simulate`."""
        found = simulate(self.circuit(seed), duration, [Spikes("neurons")], seed=seed, **options)  # type: ignore[arg-type]
        spikes = found.spikes["neurons"]
        time, layer = np.asarray(spikes.time / ms), spikes.index // self.width
        counts, spreads = [], []
        for k in range(self.layers):
            # a layer answers about 5.5 ms after the one before
            expected = _ONSET + 1 + 5.4 * k
            mine = time[(layer == k) & (np.abs(time - expected) < 6)]
            volley = mine[np.abs(mine - np.median(mine)) < 3] if len(mine) else mine
            counts.append(len(volley))
            spreads.append(volley.std() if len(volley) > 1 else np.nan)
        return Volley(
            model=f"synfire chain, {self.spikes} spikes +- {self.spread:g} ms",
            layer=np.arange(1, self.layers + 1),
            spikes=np.array(counts),
            spread=np.array(spreads) * ms,
            spike_time=spikes.time,
            spike_neuron=spikes.index,
            width=self.width,
        )
