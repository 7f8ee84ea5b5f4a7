"""Clopath and others 2010: pairs of spikes at several rates change a synapse that reads the voltage of its neuron."""

from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import (
    BrianObject,
    Clock,
    Hz,
    NeuronGroup,
    Quantity,
    SpikeGeneratorGroup,
    Synapses,
    TimedArray,
    ms,
    mV,
    nS,
    pF,
    second,
)

from neurobridge.neuro.circuit import Circuit
from neurobridge.neuro.plasticity.voltage import NEURON_EQUATIONS, NEURON_PARAMETERS, VOLTAGE
from neurobridge.neuro.protocols.pairing import PairingRate
from neurobridge.neuro.recorders import Final, Traces
from neurobridge.neuro.simulate import simulate

# Adaptive exponential, with a depolarised tail and a threshold that jumps; a spike holds the voltage for 2 ms.
_CELL = """
dv/dt = (g_L*(E_L - v) + g_L*Delta_T*exp((v - V_T)/Delta_T) - w_ad + tail)/C : volt (unless refractory)
dw_ad/dt = (a*(v - E_L) - w_ad)/(144*ms) : amp
dtail/dt = -tail/(40*ms) : amp
dV_T/dt = (-50.4*mV - V_T)/(50*ms) : volt
"""
_RESET = "v = 33*mV; w_ad += 80.5*pA; tail = 400*pA; V_T = 30.4*mV"
_END_OF_SPIKE = """
ended = int(timestep(t - lastspike, dt) == timestep(2*ms, dt))
v = ended*(-60*mV) + (1 - ended)*v
"""
_NAMES = {"C": 281 * pF, "g_L": 30 * nS, "E_L": -70.6 * mV, "Delta_T": 2 * mV, "a": 4 * nS}
# The rule's filtered voltages lag behind by a spike, so that a spike does not meet itself.
_DENDRITE = "v : volt\nheard : volt\n" + NEURON_EQUATIONS.replace("(v - ", "(heard - ")
_PLAYED = "v = course(t, i); heard = course(t - 5*ms, i)"
_STEP = 0.1 * ms


@final
@dataclass(frozen=True, kw_only=True)
class VoltagePairing:
    """Pairs of spikes as in Clopath, Busing, Vasilaki, Gerstner 2010, Nat Neurosci 13:344, figure 2, visual cortex.

    Spikes are started by lifting the voltage. Parameters are those of the paper; the shape of a spike, and the delay
    of the filtered voltages, are those of NEST's neuron for this rule.

    Args:
        rates: of the pairs in Hz.
        lag: in ms, between the spikes of a pair, which come in both orders.
        pairs: how many in a burst; below 1 Hz they come one by one.
        bursts: how many, so far apart that each does the same.
    """

    rates: tuple[float, ...] = (0.1, 10.0, 20.0, 30.0, 40.0, 50.0)
    lag: float = 10.0
    pairs: int = 5
    bursts: int = 15

    def run(self, **options: object) -> PairingRate:
        """Return the change by all pairs at each rate; options go to `simulate`."""
        change = np.empty((2, len(self.rates)))
        for place, rate in enumerate(self.rates):
            number = self.pairs if rate >= 1 else 1
            weight = self._after(0.02 + np.arange(number) / rate, **options)
            change[:, place] = self.bursts * self.pairs / number * (weight - 1)
        return PairingRate(
            model="voltage rule, visual cortex",
            rate=np.array(self.rates) * Hz,
            lag=np.array([-self.lag, self.lag]) * ms,
            change=change,
        )

    def _after(self, first: np.ndarray, **options: object) -> np.ndarray:
        """Return the weights after presynaptic spikes at given seconds and postsynaptic ones before and after them."""
        duration = (first[-1] + 0.3) * second
        after = [first - self.lag / 1000, first + self.lag / 1000]
        cells = Circuit(build=lambda clock: _cells(clock, after), neurons=4, dt=_STEP, weight=3.0)
        record = [Traces("neurons", ("v",), (0, 1))]
        course = simulate(cells, duration, record, **options).traces["neurons"]["v"].T  # type: ignore[arg-type]
        synapses = Circuit(build=lambda clock: _synapses(clock, first, course), neurons=4, dt=_STEP)
        found = simulate(synapses, duration, [Final("plastic_synapses", ("w",))], **options)  # type: ignore[arg-type]
        return np.asarray(found.final["plastic_synapses"]["w"])


def _cells(clock: Clock, spikes: list[np.ndarray]) -> dict[str, BrianObject]:
    """Return two neurons that spike at given seconds."""
    command = _generator(clock, spikes, "command")
    neurons = NeuronGroup(
        2,
        _CELL,
        threshold="v > 20*mV",
        reset=_RESET,
        refractory=2 * ms,
        method="euler",
        namespace=_NAMES,
        clock=clock,
        name="neurons",
    )
    neurons.v, neurons.V_T = -70.6 * mV, -50.4 * mV
    neurons.run_regularly(_END_OF_SPIKE, clock=clock, when="after_groups", name="end_of_spike")
    push = Synapses(command, neurons, on_pre="v_post = 25*mV", clock=clock, name="push")
    push.connect(j="i")
    push.pre.when = "after_groups"  # so that the spike follows at once, before the upswing runs away
    return {"command": command, "neurons": neurons, "push": push}


def _synapses(clock: Clock, spikes: np.ndarray, course: Quantity) -> dict[str, BrianObject]:
    """Return plastic synapses onto two neurons with given voltages, `(step, neuron)`."""
    presynaptic = _generator(clock, [spikes, spikes], "presynaptic")
    namespace = {"course": TimedArray(course, dt=_STEP, name="course"), **NEURON_PARAMETERS}
    neurons = NeuronGroup(2, _DENDRITE, method="euler", namespace=namespace, clock=clock, name="neurons")
    neurons.run_regularly(_PLAYED, clock=clock, when="start", name="played")
    neurons.v_minus = neurons.v_plus = -70.6 * mV
    plastic = VOLTAGE.connect(presynaptic, neurons, clock)
    plastic.connect(j="i")
    plastic.w = 1
    return {"presynaptic": presynaptic, "neurons": neurons, "plastic_synapses": plastic}


def _generator(clock: Clock, spikes: list[np.ndarray], name: str) -> SpikeGeneratorGroup:
    which = np.repeat(np.arange(len(spikes)), [len(train) for train in spikes])
    return SpikeGeneratorGroup(len(spikes), which, np.concatenate(spikes) * second, clock=clock, name=name)
