"""Coupling: the steady voltage of a neuron behind a gap junction, over that of the neuron in front of it."""

import numpy as np
from brian2 import Clock, NeuronGroup, Quantity, amp, ms, mV, nA

from neurobridge.neuro.circuit import Circuit
from neurobridge.neuro.neurons.model import NeuronModel
from neurobridge.neuro.recorders import Final
from neurobridge.neuro.simulate import simulate
from neurobridge.neuro.synapses.gap import EQUATIONS, gap_junctions


def coupling_coefficient(model: NeuronModel, conductance: Quantity, current: Quantity = 0.5 * nA) -> float:
    """Inject a current into one of two coupled leaky neurons and return the ratio of their deflections.

    Args:
        model: the leaky neuron.
        conductance: of the junction.
        current: into the first neuron, too weak for spikes.
    """
    values = model.parameters

    def build(clock: Clock) -> dict[str, object]:
        equations = f"dv/dt = (E_L - v + R*(I + I_gap))/tau : volt\nI : amp\n{EQUATIONS}"
        names = {name: values[name] for name in ("E_L", "R", "tau")}
        pair = NeuronGroup(2, equations, method="exponential_euler", namespace=names, clock=clock, name="pair")
        pair.v, pair.I = values["E_L"], np.array([float(current), 0.0]) * amp
        junctions = gap_junctions(pair, clock)
        junctions.connect(condition="i != j")
        junctions.conductance = conductance
        return {"pair": pair, "gap_junctions": junctions}

    found = simulate(Circuit(build=build, neurons=2, dt=0.05 * ms), 20 * values["tau"], [Final("pair", ("v",))])
    deflection = np.asarray((found.final["pair"]["v"] - values["E_L"]) / mV)
    return float(deflection[1] / deflection[0])
