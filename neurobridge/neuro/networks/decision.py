"""Wang 2002: two populations compete through shared inhibition and slow recurrent excitation until one wins."""

from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import BrianObject, Clock, Hz, NeuronGroup, Quantity, Synapses, TimedArray, linked_var, ms, nF, nS, second
from matplotlib.figure import Figure

from neurobridge.neuro import manner
from neurobridge.neuro.circuit import Circuit
from neurobridge.neuro.recorders import Rate, Spikes
from neurobridge.neuro.recording import Recording
from neurobridge.neuro.result import Result
from neurobridge.neuro.simulate import simulate
from neurobridge.plots.neurons import Row, traces

_CELL = """
dv/dt = (gL*(-70*mV - v) + I_syn)/C : volt (unless refractory)
I_syn = -(g_ext*s_ext + g_ampa*ampa)*v - g_nmda*nmda*v/(1 + exp(-0.062*v/mV)/3.57) \
 - g_gaba*gaba*(v + 70*mV) : amp
ds_ext/dt = -s_ext/(2*ms) : 1
which : integer (constant)
ampa : 1 (linked)
nmda : 1 (linked)
gaba : 1 (linked)
"""
_NMDA = """
ds/dt = -s/(100*ms) + 0.5/ms*x*(1 - s) : 1
dx/dt = -x/(2*ms) : 1
"""


@final
@dataclass(frozen=True, kw_only=True)
class Choice(Result):
    """One trial.

    Args:
        time: `(bin,)`.
        first: `(bin,)` rate of the population that the evidence favours.
        second: `(bin,)` rate of the other population.
        inhibitory: `(bin,)` rate of the interneurons.
        coherence: of the motion.
        onset: of the motion.
        before: mean rate of all excitatory neurons before it.
        winner: mean rate of the winning population from 1 to 1.5 s after the onset.
        loser: mean rate of the other one.
        correct: whether the favoured population won.
    """

    time: Quantity
    first: Quantity
    second: Quantity
    inhibitory: Quantity
    coherence: float
    onset: Quantity
    before: Quantity
    winner: Quantity
    loser: Quantity
    correct: bool

    def plot(self) -> Figure:
        """Return the rates over time."""
        rows = [
            Row(
                label="rate [Hz]",
                values=np.stack([self.first / Hz, self.second / Hz]),
                names=("favoured", "other"),
                height=1.6,
            ),
            Row(label="inhibition [Hz]", values=np.asarray(self.inhibitory / Hz), height=0.7),
        ]
        title = f"{self.model}, coherence {100 * self.coherence:g} %, motion from {float(self.onset / ms):g} ms on"
        return traces(np.asarray(self.time / ms), rows, title)


@final
@dataclass(frozen=True, kw_only=True)
class Decision:
    """The network of Wang 2002, Neuron 36:955.

    All neurons of a population hear the same sums, so each sum is computed once, in a hub, instead of over the two
    million pairs of neurons: the same currents, hundreds of times cheaper.

    Args:
        excitatory: number of pyramidal cells; a quarter as many interneurons.
        selective: part of the pyramidal cells in each of the two populations.
        strength: w+ of connections within a population.
        coherence: of the motion, from -1 to 1.
        onset: when the motion starts; it lasts to the end.
    """

    excitatory: int = 1600
    selective: float = 0.15
    strength: float = 1.7
    coherence: float = 0.128
    onset: float = 0.5

    def circuit(self, seed: int | None = None) -> Circuit:
        """Return the network, with the groups `pyramidal` and `interneurons`."""

        def build(clock: Clock) -> dict[str, BrianObject]:
            return self._build(clock, np.random.default_rng(manner.seed(seed)))

        size = self.excitatory + self.excitatory // 4
        return Circuit(build=build, neurons=size, dt=0.1 * ms, synapses=20 * size)

    def _build(self, clock: Clock, random: np.random.Generator) -> dict[str, BrianObject]:
        part = round(self.selective * self.excitatory)
        weaker = 1 - self.selective * (self.strength - 1) / (1 - self.selective)
        # heard by the two selective populations, the others, the interneurons; from the three excitatory ones
        weights = np.ones((4, 3))
        weights[0] = self.strength, weaker, weaker
        weights[1] = weaker, self.strength, weaker
        hub = NeuronGroup(
            4,
            "dampa/dt = -ampa/(2*ms) : 1\ndgaba/dt = -gaba/(5*ms) : 1\nnmda : 1",
            method="exact",
            clock=clock,
            name="hub",
        )
        populations = pyramidal_populations(self.excitatory, part)
        pyramidal = _cells(True, self.excitatory, hub, clock, populations)
        interneurons = _cells(False, self.excitatory // 4, hub, clock, np.full(self.excitatory // 4, 3))
        pyramidal.namespace["evidence"] = self._evidence(random)
        pyramidal.run_regularly(
            "s_ext += poisson((2400*Hz + evidence(t, which)*int(which < 2))*dt)",
            clock=clock,
            name="external_excitatory",
        )
        interneurons.run_regularly("s_ext += poisson(2400*Hz*dt)", clock=clock, name="external_inhibitory")
        objects: dict[str, BrianObject] = {"hub": hub, "pyramidal": pyramidal, "interneurons": interneurons}
        gather = Synapses(
            pyramidal,
            hub,
            "w : 1 (constant)\nnmda_post = w*s_pre : 1 (summed)",
            on_pre="ampa_post += w",
            delay=0.5 * ms,
            clock=clock,
            name="gather",
        )
        gather.connect()
        # pre-major: each pyramidal cell to the four hubs
        gather.w = weights[:, populations].T.ravel()
        calm = Synapses(interneurons, hub, on_pre="gaba_post += 1", delay=0.5 * ms, clock=clock, name="calm")
        calm.connect()
        return objects | {"gather": gather, "calm": calm}

    def _evidence(self, random: np.random.Generator) -> TimedArray:
        """Return the extra rate of the two populations, a new Gaussian draw every 50 ms."""
        bins = 100
        mean = 40 * np.array([1 + self.coherence, 1 - self.coherence, 0.0])
        rate = np.clip(mean + 4 * random.normal(size=(bins, 3)) * [1, 1, 0], 0, None)
        rate[: round(self.onset / 0.05)] = 0
        return TimedArray(rate * Hz, dt=50 * ms, name="evidence")

    def run(self, duration: Quantity = 2.2 * second, seed: int | None = None, **options: object) -> Choice:
        """Simulate one trial; options go to `simulate`."""
        record = [Spikes("pyramidal"), Spikes("interneurons"), Rate("interneurons")]
        found = simulate(self.circuit(seed), duration, record, seed=seed, **options)  # type: ignore[arg-type]
        return self._choice(found)

    def _choice(self, found: Recording) -> Choice:
        part, width = round(self.selective * self.excitatory), 0.02
        bins = round(float(found.duration) / width)
        edges = np.arange(bins + 1) * width
        spikes = found.spikes["pyramidal"]
        time = np.asarray(spikes.time)
        courses = [np.histogram(time[spikes.index // part == k], edges)[0] / (part * width) for k in (0, 1)]
        calm = np.histogram(np.asarray(found.spikes["interneurons"].time), edges)[0] / (self.excitatory // 4 * width)
        late = (edges[:-1] >= self.onset + 1.0) & (edges[:-1] < self.onset + 1.5)
        # a trial that ends early is judged by its last moments
        late = late if late.any() else edges[:-1] >= edges[-1] - 0.1
        ends = [float(course[late].mean()) for course in courses]
        settled = (time > 0.2) & (time < self.onset)
        return Choice(
            model="Wang 2002",
            time=edges[:-1] * second,
            first=courses[0] * Hz,
            second=courses[1] * Hz,
            inhibitory=calm * Hz,
            coherence=self.coherence,
            onset=self.onset * second,
            before=settled.sum() / (self.excitatory * (self.onset - 0.2)) * Hz,
            winner=max(ends) * Hz,
            loser=min(ends) * Hz,
            correct=bool(ends[0] > ends[1]),
        )


def pyramidal_populations(excitatory: int, part: int) -> np.ndarray:
    """Return the population of each pyramidal cell: 0 and 1 selective, 2 not."""
    return np.repeat([0, 1, 2], [part, part, excitatory - 2 * part])


def _cells(excitatory: bool, size: int, hub: NeuronGroup, clock: Clock, which: np.ndarray) -> NeuronGroup:
    name = "pyramidal" if excitatory else "interneurons"
    namespace = {
        "C": (0.5 if excitatory else 0.2) * nF,
        "gL": (25 if excitatory else 20) * nS,
        "g_ext": (2.1 if excitatory else 1.62) * nS,
        "g_ampa": (0.05 if excitatory else 0.04) * nS,
        "g_nmda": (0.165 if excitatory else 0.13) * nS,
        "g_gaba": (1.3 if excitatory else 1.0) * nS,
    }
    group = NeuronGroup(
        size,
        _CELL + (_NMDA if excitatory else ""),
        threshold="v > -50*mV",
        reset="v = -55*mV" + ("; x += 1" if excitatory else ""),
        refractory=(2 if excitatory else 1) * ms,
        method="rk2",
        namespace=namespace,
        clock=clock,
        name=name,
    )
    group.which = which
    for sum_of in ("ampa", "nmda", "gaba"):
        setattr(group, sum_of, linked_var(hub, sum_of, index=which))
    group.v = "-70*mV + 20*mV*rand()"
    return group
