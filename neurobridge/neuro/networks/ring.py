"""Ring attractor: excitation among neighbours on a ring keeps a bump of activity where a cue has put it."""

from dataclasses import dataclass
from typing import final

import numpy as np
import scipy
from brian2 import BrianObject, Clock, NeuronGroup, Quantity, Synapses, ms, nF, nS, second
from matplotlib.figure import Figure

from neurobridge.neuro.circuit import Circuit
from neurobridge.neuro.recorders import Spikes
from neurobridge.neuro.result import Result
from neurobridge.neuro.simulate import simulate
from neurobridge.plots.networks import heatmap

_EQUATIONS = """
dv/dt = (gL*(-70*mV - v) + I_syn)/C : volt (unless refractory)
I_syn = -g_ext*s_ext*v - g_nmda*s_total*v/(1 + exp(-0.062*v/mV)/3.57) - g_gaba*s_gaba*(v + 70*mV) + cue*I_cue : amp
ds_ext/dt = -s_ext/(2*ms) : 1
ds_gaba/dt = -s_gaba/(10*ms) : 1
s_total : 1
cue = int(t > cue_on)*int(t < cue_off) : 1
I_cue : amp (constant)
"""
_NMDA = """
ds/dt = -s/(100*ms) + 0.5/ms*x*(1 - s) : 1
dx/dt = -x/(2*ms) : 1
"""
# nS for 2048 excitatory and 512 inhibitory neurons
_CONDUCTANCE = {"EE": 0.381, "EI": 0.292, "IE": 1.336, "II": 1.024}


@final
@dataclass(frozen=True, kw_only=True)
class Memory(Result):
    """Activity around the ring.

    Args:
        bins: `(bin,)` times.
        rate: `(place, bin)` rate of the excitatory neurons, averaged over groups of neighbours.
        angle: `(bin,)` direction of the population vector in degrees.
        strength: `(bin,)` its length, 0 for no bump and 1 for one that is a point.
        cue: direction of the cue in degrees.
    """

    bins: Quantity
    rate: Quantity
    angle: np.ndarray
    strength: np.ndarray
    cue: float

    def plot(self) -> Figure:
        """Return the rates around the ring over time."""
        extent = (0.0, float(self.bins[-1] / ms), 0.0, 360.0)
        title = f"{self.model}: cue at {self.cue:g} degrees, memory at {self.angle[-1]:.0f}"
        return heatmap(np.asarray(self.rate), extent, ("time [ms]", "preferred direction [degrees]"), title)


@final
@dataclass(frozen=True, kw_only=True)
class Ring:
    """The working memory of Compte, Brunel, Goldman-Rakic, Wang 2000, Cereb Cortex 10:910, at a chosen size.

    Args:
        excitatory: number of pyramidal cells; a quarter as many interneurons. Conductances scale with 1/number.
        width: of the excitatory connections in degrees.
        peak: of the connections over their mean, J+.
        cue: direction of the cue in degrees.
    """

    excitatory: int = 512
    width: float = 18.0
    peak: float = 1.62
    cue: float = 180.0

    def circuit(self) -> Circuit:
        """Return the network, with the groups `pyramidal` and `interneurons`."""
        size = self.excitatory + self.excitatory // 4
        return Circuit(build=self._build, neurons=size, dt=0.1 * ms, synapses=self.excitatory * size, weight=5.0)

    def profile(self) -> np.ndarray:
        """Return the weights by difference of preferred direction, with mean 1."""
        angle = np.arange(self.excitatory) * 360 / self.excitatory
        angle = np.minimum(angle, 360 - angle)
        bell = np.exp(-0.5 * (angle / self.width) ** 2)
        part = np.sqrt(2 * np.pi) * self.width * scipy.special.erf(180 / np.sqrt(2) / self.width) / 360
        low = (1 - self.peak * part) / (1 - part)
        return low + (self.peak - low) * bell

    def _build(self, clock: Clock) -> dict[str, BrianObject]:
        number = self.excitatory
        scale = 2048 / number
        groups = {
            "pyramidal": _group(number, True, scale, clock),
            "interneurons": _group(number // 4, False, scale, clock),
        }
        near = np.abs((np.arange(number) * 360 / number - self.cue + 180) % 360 - 180) < 18
        groups["pyramidal"].I_cue_ = np.where(near, 0.2e-9, 0.0)
        objects: dict[str, BrianObject] = dict(groups)
        pyramidal, interneurons = groups["pyramidal"], groups["interneurons"]
        local = Synapses(
            pyramidal, pyramidal, "w : 1 (constant)\ns_total_post = w*s_pre : 1 (summed)", clock=clock, name="local"
        )
        local.connect()
        local.w = self.profile()[np.subtract.outer(np.arange(number), np.arange(number)).ravel() % number]
        spread = Synapses(pyramidal, interneurons, "s_total_post = s_pre : 1 (summed)", clock=clock, name="spread")
        spread.connect()
        objects |= {"local": local, "spread": spread}
        for target in ("pyramidal", "interneurons"):
            name = f"inhibition_{target}"
            objects[name] = Synapses(interneurons, groups[target], on_pre="s_gaba_post += 1", clock=clock, name=name)
            objects[name].connect()
        return objects

    def run(self, duration: Quantity = 1.5 * second, bin_width: Quantity = 50 * ms, **options: object) -> Memory:
        """Simulate with a cue from 200 to 400 ms and return the activity; options go to `simulate`."""
        found = simulate(self.circuit(), duration, [Spikes("pyramidal")], **options)  # type: ignore[arg-type]
        spikes = found.spikes["pyramidal"]
        places, bins = 64, round(float(duration / bin_width))
        counts, *_ = np.histogram2d(
            spikes.index * places // self.excitatory,
            np.asarray(spikes.time),
            bins=(places, bins),
            range=((0, places), (0, bins * float(bin_width))),
        )
        vector = np.exp(2j * np.pi * (np.arange(places) + 0.5) / places) @ counts / np.maximum(counts.sum(axis=0), 1)
        return Memory(
            model="ring attractor",
            bins=(np.arange(bins) + 1) * bin_width,
            rate=counts / (self.excitatory / places) / bin_width,
            angle=np.degrees(np.angle(vector)) % 360,
            strength=np.abs(vector),
            cue=self.cue,
        )


def _group(size: int, excitatory: bool, scale: float, clock: Clock) -> NeuronGroup:
    kind = "E" if excitatory else "I"
    equations = _EQUATIONS + (_NMDA if excitatory else "")
    namespace = {
        "C": (0.5 if excitatory else 0.2) * nF,
        "gL": (25 if excitatory else 20) * nS,
        "g_ext": (3.1 if excitatory else 2.38) * nS,
        "g_nmda": scale * _CONDUCTANCE[f"E{kind}"] * nS,
        "g_gaba": scale * _CONDUCTANCE[f"I{kind}"] * nS,
        "cue_on": 200 * ms,
        "cue_off": 400 * ms,
    }
    group = NeuronGroup(
        size,
        equations,
        threshold="v > -50*mV",
        reset="v = -60*mV" + ("; x += 1" if excitatory else ""),
        refractory=(2 if excitatory else 1) * ms,
        method="rk2",
        namespace=namespace,
        clock=clock,
        name="pyramidal" if excitatory else "interneurons",
    )
    group.v = "-60*mV + 5*mV*rand()"
    # 1000 fibres at 1.8 Hz each
    group.run_regularly("s_ext += poisson(1800*Hz*dt)", clock=clock, name=f"{group.name}_external")
    return group
