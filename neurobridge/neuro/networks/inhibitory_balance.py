"""Vogels and others 2011: inhibitory synapses learn to balance excitation, and the network becomes irregular."""

from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import BrianObject, Clock, Hz, NeuronGroup, Quantity, Synapses, ms, mV, nS, pA, pF, second
from matplotlib.figure import Figure

from neurobridge.neuro.circuit import Circuit
from neurobridge.neuro.networks.activity import activity
from neurobridge.neuro.plasticity import PLASTICITY
from neurobridge.neuro.recorders import Spikes
from neurobridge.neuro.result import Result
from neurobridge.neuro.simulate import simulate
from neurobridge.plots.neurons import Series, curve

_EQUATIONS = """
dv/dt = (g_L*(E_L - v) - g_ampa*v + g_gaba*(E_I - v) + background)/C : volt (unless refractory)
dg_ampa/dt = -g_ampa/(5*ms) : siemens
dg_gaba/dt = -g_gaba/(10*ms) : siemens
"""


@final
@dataclass(frozen=True, kw_only=True)
class Balance(Result):
    """How a network finds its balance.

    Args:
        time: `(bin,)`.
        rate: `(bin,)` mean rate of the excitatory neurons.
        target: rate at which the rule comes to rest.
        reached: mean rate of the excitatory neurons at the end.
        variation: their mean CV at the end, 1 for Poisson trains.
    """

    time: Quantity
    rate: Quantity
    target: Quantity
    reached: Quantity
    variation: float

    def plot(self) -> Figure:
        """Return the rate over time, on a logarithmic axis, and the target."""
        time = np.asarray(self.time / second)
        lines = [
            Series(x=time, y=np.maximum(np.asarray(self.rate / Hz), 0.1), name="excitatory neurons"),
            Series(x=time[[0, -1]], y=np.full(2, float(self.target / Hz)), name="target", theory=True),
        ]
        title = f"{self.model}: {float(self.reached / Hz):.2f} Hz, CV {self.variation:.2f}"
        return curve(lines, "time [s]", "rate [Hz]", title, logarithmic="y")


@final
@dataclass(frozen=True, kw_only=True)
class InhibitoryBalance:
    """The network of Vogels, Sprekeler, Zenke, Clopath, Gerstner 2011, Science 334:1569, with plastic inhibition.

    The paper's 10,000 neurons connect with a probability of 0.02; here fewer neurons have as many synapses each.

    Args:
        size: number of neurons, four fifths excitatory.
        target: rate in Hz at which inhibition comes to rest.
        speed: of learning, a conductance in nS; the paper learns slower and longer.
    """

    size: int = 2000
    target: float = 3.0
    speed: float = 0.1

    @property
    def connectivity(self) -> float:
        """Probability of a connection: 200 synapses a neuron, as in the paper."""
        return min(1.0, 200 / self.size)

    def circuit(self) -> Circuit:
        """Return the network, called `neurons`."""
        return Circuit(build=self._build, neurons=self.size, dt=0.1 * ms, synapses=200 * self.size)

    def _build(self, clock: Clock) -> dict[str, BrianObject]:
        neurons = NeuronGroup(
            self.size,
            _EQUATIONS,
            threshold="v > -50*mV",
            reset="v = E_L",
            refractory=5 * ms,
            method="exponential_euler",
            namespace={
                "g_L": 10 * nS,
                "E_L": -60 * mV,
                "E_I": -80 * mV,
                "C": 200 * pF,
                "background": 200 * pA,
            },
            clock=clock,
            name="neurons",
        )
        neurons.v = "E_L + 10*mV*rand()"
        excitatory = self.size * 4 // 5
        first, last = neurons[:excitatory], neurons[excitatory:]
        rule = PLASTICITY["inhibitory"].with_parameters(eta=self.speed, target_rate=self.target * Hz)
        objects: dict[str, BrianObject] = {
            "neurons": neurons,
            "excitation": Synapses(first, neurons, on_pre="g_ampa_post += 0.3*nS", clock=clock, name="excitation"),
            "inhibition": Synapses(last, last, on_pre="g_gaba_post += 3*nS", clock=clock, name="inhibition"),
            "plastic_synapses": rule.connect(last, first, clock, effect="g_gaba_post += w*nS"),
        }
        for name in ("excitation", "inhibition", "plastic_synapses"):
            objects[name].connect(p=self.connectivity)
        return objects

    def run(self, duration: Quantity = 20 * second, settled: Quantity = 2 * second, **options: object) -> Balance:
        """Simulate and return the rate over time, and the state in the last `settled`; options go to `simulate`."""
        found = simulate(self.circuit(), duration, [Spikes("neurons")], **options)  # type: ignore[arg-type]
        groups = {"excitatory": ("neurons", 0, self.size * 4 // 5)}
        whole = activity("inhibitory plasticity", found, 0 * second, groups, 100 * ms)
        end = activity("inhibitory plasticity", found, duration - settled, groups, 100 * ms)
        return Balance(
            model="inhibitory plasticity",
            time=whole.bins,
            rate=whole.course[0],
            target=self.target * Hz,
            reached=end.rate[0],
            variation=float(end.variation[0]),
        )
