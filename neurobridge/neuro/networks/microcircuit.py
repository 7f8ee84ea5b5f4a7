"""Potjans and Diesmann 2014: four layers under a square millimetre of cortex, at a chosen scale."""

from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import BrianObject, Clock, Hz, NeuronGroup, Quantity, Synapses, amp, ms, pA, second

from neurobridge.neuro import manner
from neurobridge.neuro.circuit import Circuit
from neurobridge.neuro.networks.activity import Activity, activity
from neurobridge.neuro.recorders import Spikes
from neurobridge.neuro.simulate import simulate

POPULATIONS = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
SIZES = (20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948)
EXTERNAL = (1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100)
# Hz at full scale, as in NEST's network parameters
RATES = (0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829)
# row: target, column: source; table 5 of the paper
PROBABILITIES = np.array(
    [
        [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
        [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
        [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0],
        [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
        [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
        [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0],
        [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
        [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443],
    ]
)
_WEIGHT = 87.8  # pA, makes a potential of 0.15 mV
_TAU_SYN = 0.5e-3


@final
@dataclass(frozen=True, kw_only=True)
class Microcircuit:
    """The model of Potjans, Diesmann 2014, Cereb Cortex 24:785.

    A smaller network keeps the variance of the input by weights that grow as 1/sqrt(scale), and its mean by a constant
    current for what is missing (van Albada, Helias, Diesmann 2015).

    Args:
        scale: part of the neurons, and of the synapses on each, that are simulated.
    """

    scale: float = 0.1

    def sizes(self) -> np.ndarray:
        """Return the number of neurons in each population."""
        return np.round(np.array(SIZES) * self.scale).astype(int)

    def in_degrees(self) -> np.ndarray:
        """Return the mean number of synapses on a neuron at full scale, `(target, source)`."""
        pairs = np.outer(SIZES, SIZES).astype(float)
        synapses = np.log(1 - PROBABILITIES) / np.log(1 - 1 / pairs)
        return synapses / np.array(SIZES)[:, None]

    def weights(self) -> np.ndarray:
        """Return the currents in pA at full scale, `(target, source)`."""
        weights = np.where(np.arange(8) % 2 == 0, _WEIGHT, -4 * _WEIGHT) * np.ones((8, 1))
        weights[0, 2] = 2 * _WEIGHT  # layer 4 drives layer 2/3 twice as strongly
        return weights

    def circuit(self, seed: int | None = None) -> Circuit:
        """Return the network, one group called `neurons`, population after population; the seed draws its synapses."""

        def build(clock: Clock) -> dict[str, BrianObject]:
            return self._build(clock, manner.seed(seed))

        sizes = self.sizes()
        synapses = int((self.in_degrees().sum(axis=1) * self.scale) @ sizes)
        return Circuit(build=build, neurons=int(sizes.sum()), dt=0.1 * ms, synapses=synapses)

    def _build(self, clock: Clock, seed: int) -> dict[str, BrianObject]:
        sizes = self.sizes()
        neurons = NeuronGroup(
            int(sizes.sum()),
            """
            dv/dt = (-65*mV - v)/(10*ms) + (I + constant_input)/(250*pF) : volt (unless refractory)
            dI/dt = -I/(0.5*ms) : amp
            constant_input : amp (constant)
            arrivals : 1 (constant)
            """,
            threshold="v > -50*mV",
            reset="v = -65*mV",
            refractory=2 * ms,
            method="exact",
            clock=clock,
            name="neurons",
        )
        neurons.v = "-58*mV + 10*mV*randn()"
        grown = 1 / np.sqrt(self.scale)
        external = np.array(EXTERNAL) * 8.0
        # what the synapses left out would bring on average at the full network's rates
        missing = (self.in_degrees() * self.weights()) @ np.array(RATES) + external * _WEIGHT
        current = _TAU_SYN * (1 - np.sqrt(self.scale)) * missing * 1e-12
        neurons.constant_input = np.repeat(current, sizes) * amp
        neurons.arrivals = np.repeat(external * self.scale * 1e-4, sizes)
        neurons.run_regularly(
            f"I += {_WEIGHT * grown}*pA*poisson(arrivals)", clock=clock, when="synapses", name="external_input"
        )
        return {"neurons": neurons, **self._projections(neurons, grown, clock, seed)}

    def _projections(self, neurons: NeuronGroup, grown: float, clock: Clock, seed: int) -> dict[str, BrianObject]:
        """Return all excitatory synapses as one object and all inhibitory ones as another."""
        sizes, degrees, weights = self.sizes(), self.in_degrees(), self.weights()
        edges = np.concatenate([[0], np.cumsum(sizes)])
        random = np.random.default_rng(seed)
        objects: dict[str, BrianObject] = {}
        for name, first, delay, spread in (("excitation", 0, 1.5, 0.75), ("inhibition", 1, 0.75, 0.375)):
            parts = []
            for source in range(first, 8, 2):
                for target in range(8):
                    number = round(degrees[target, source] * self.scale * sizes[target])
                    i = random.integers(edges[source], edges[source + 1], number)
                    j = random.integers(edges[target], edges[target + 1], number)
                    mean = weights[target, source] * grown
                    parts.append((i, j, random.normal(mean, 0.1 * abs(mean), number)))
            i, j, w = (np.concatenate(column) for column in zip(*parts, strict=True))
            synapses = Synapses(neurons, neurons, "w : amp", on_pre="I_post += w", clock=clock, name=name)
            synapses.connect(i=i, j=j)
            # a weight keeps its sign, a delay is at least a step
            synapses.w = (np.clip(w, 0, None) if first == 0 else np.clip(w, None, 0)) * pA
            synapses.delay = np.clip(random.normal(delay, spread, len(i)), 0.1, None) * ms
            objects[name] = synapses
        return objects

    def run(
        self,
        duration: Quantity = 1 * second,
        start: Quantity = 0.3 * second,
        seed: int | None = None,
        **options: object,
    ) -> Activity:
        """Simulate and return the activity after `start`; options go to `simulate`."""
        found = simulate(self.circuit(seed), duration, [Spikes("neurons")], seed=seed, **options)  # type: ignore[arg-type]
        edges = np.concatenate([[0], np.cumsum(self.sizes())])
        groups = {name: ("neurons", int(edges[k]), int(edges[k + 1])) for k, name in enumerate(POPULATIONS)}
        return activity(f"microcircuit at {100 * self.scale:g} %", found, start, groups, bin_width=1 * ms)


def mean_absolute_deviation(found: Activity) -> float:
    """Return the mean difference in Hz from the rates of the full network."""
    return float(np.abs(np.asarray(found.rate / Hz) - np.array(RATES)).mean())
