"""Brunel 2000: sparse random excitation and inhibition, with four regimes of activity."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import final

import numpy as np
import scipy
from brian2 import BrianObject, Clock, Hz, NeuronGroup, Quantity, Synapses, ms, mV, second

from neurobridge.neuro import siegert
from neurobridge.neuro.circuit import Circuit
from neurobridge.neuro.networks.activity import Activity, activity
from neurobridge.neuro.recorders import Spikes
from neurobridge.neuro.simulate import Program, simulate
from neurobridge.neuro.target import choose

# name of the regime in figure 8 of the paper -> (g, external rate over the threshold rate)
REGIMES = {
    "synchronous-regular": (3.0, 2.0),
    "fast-oscillation": (6.0, 4.0),
    "asynchronous-irregular": (5.0, 2.0),
    "slow-oscillation": (4.5, 0.9),
}


@final
@dataclass(frozen=True, kw_only=True)
class Brunel:
    """Model A of Brunel 2000, J Comput Neurosci 8:183.

    Args:
        g: strength of inhibition over that of excitation.
        eta: external rate over the rate that reaches the threshold.
        excitatory: number of excitatory neurons; a quarter as many are inhibitory.
        connectivity: part of the neurons that each one listens to; the in-degree is fixed.
        jump: of the potential by an excitatory spike.
    """

    g: float = 5.0
    eta: float = 2.0
    excitatory: int = 10000
    connectivity: float = 0.1
    jump: Quantity = field(default_factory=lambda: 0.1 * mV)

    @property
    def inputs(self) -> int:
        """Number of excitatory synapses on a neuron."""
        return round(self.connectivity * self.excitatory)

    def circuit(self) -> Circuit:
        """Return the network; `neurons.g` and `neurons.arrivals` can be set without compiling again."""
        neurons = self.excitatory + self.excitatory // 4
        return Circuit(build=self._build, neurons=neurons, dt=0.1 * ms, synapses=int(1.25 * self.inputs) * neurons)

    def parameters(self) -> dict[str, float]:
        """Return what distinguishes this network from others with the same number of neurons."""
        return {"neurons.g": self.g, "neurons.arrivals": self.arrivals()}

    def arrivals(self) -> float:
        """Return the mean number of external spikes on a neuron in a step of 0.1 ms."""
        threshold_rate = 20 * mV / (self.jump * self.inputs * 20 * ms)
        return float(self.eta * threshold_rate * self.inputs * 0.1 * ms)

    def _build(self, clock: Clock) -> dict[str, BrianObject]:
        size = self.excitatory + self.excitatory // 4
        neurons = NeuronGroup(
            size,
            """
            dv/dt = -v/(20*ms) : volt (unless refractory)
            g : 1 (shared, constant)
            arrivals : 1 (shared, constant)
            """,
            threshold="v > 20*mV",
            reset="v = 10*mV",
            refractory=2 * ms,
            method="exact",
            namespace={"J": self.jump},
            clock=clock,
            name="neurons",
        )
        neurons.g, neurons.arrivals = self.g, self.arrivals()
        neurons.v = "rand()*20*mV"
        neurons.run_regularly("v += J*poisson(arrivals)", clock=clock, when="synapses", name="external_input")
        objects: dict[str, BrianObject] = {"neurons": neurons}
        for name, first, last, effect in (
            ("excitation", 0, self.excitatory, "v_post += J"),
            ("inhibition", self.excitatory, size, "v_post -= g_post*J"),
        ):
            synapses = Synapses(
                neurons, neurons, on_pre=effect, delay=1.5 * ms, namespace={"J": self.jump}, clock=clock, name=name
            )
            number = round(self.connectivity * (last - first))
            synapses.connect(i=f"k for k in sample({first}, {last}, size={number})")
            objects[name] = synapses
        return objects

    def mean_field(self) -> Quantity:
        """Return the rate at which a neuron's input makes it fire as its inputs do (formula 3 of the paper)."""

        def excess(rate: float) -> float:
            return self._response(rate) - rate

        grid = np.geomspace(0.1, 450, 200)
        values = np.array([excess(rate) for rate in grid])
        place = np.flatnonzero((values[:-1] > 0) & (values[1:] <= 0))[-1]
        return scipy.optimize.brentq(excess, grid[place], grid[place + 1]) * Hz

    def _response(self, rate: float) -> float:
        tau, jump = 0.020, float(self.jump)
        external = self.eta * 0.020 / (jump * self.inputs * tau)
        inhibition = 0.25 * self.g
        mean = self.inputs * jump * tau * (external + rate * (1 - inhibition))
        variance = jump**2 * self.inputs * tau * (external + rate * (1 + inhibition * self.g))
        deviation = np.sqrt(variance)
        found = siegert.rate(mean * 1000 * mV, deviation * 1000 * mV, 20 * ms, 20 * mV, 10 * mV, 2 * ms)
        return float(found / Hz)

    def run(self, duration: Quantity = 1 * second, start: Quantity = 0.2 * second, **options: object) -> Activity:
        """Simulate and return the activity after `start`; options go to `simulate`."""
        found = simulate(self.circuit(), duration, [Spikes("neurons")], **options)  # type: ignore[arg-type]
        return activity(f"Brunel, g = {self.g:g}, eta = {self.eta:g}", found, start)


def run_regimes(
    networks: Sequence[Brunel], duration: Quantity = 1 * second, start: Quantity = 0.2 * second, seed: int = 1
) -> list[Activity]:
    """Simulate networks that differ in `g` and `eta`, compiling once where compiling pays."""
    first = networks[0].circuit()
    if choose("auto", round(float(duration / first.dt)), first.neurons, first.synapses).target == "numpy":
        return [network.run(duration, start, seed=seed) for network in networks]
    with Program(first, duration, [Spikes("neurons")], seed=seed) as program:
        return [
            activity(f"Brunel, g = {network.g:g}, eta = {network.eta:g}", program.run(network.parameters()), start)
            for network in networks
        ]
