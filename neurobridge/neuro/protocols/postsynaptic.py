"""Postsynaptic response: conductance, current and voltage after presynaptic spikes."""

from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import Clock, Quantity, SpikeGeneratorGroup, ms
from matplotlib.figure import Figure

from neurobridge.neuro.circuit import Circuit
from neurobridge.neuro.neurons.model import NeuronModel
from neurobridge.neuro.quantities import shown
from neurobridge.neuro.recorders import Traces
from neurobridge.neuro.result import Result
from neurobridge.neuro.simulate import simulate
from neurobridge.neuro.stimuli import constant
from neurobridge.neuro.synapses.model import SynapseModel
from neurobridge.plots.neurons import Row, traces


@final
@dataclass(frozen=True, kw_only=True)
class PostsynapticResponse(Result):
    """What presynaptic spikes do.

    Args:
        time: `(sample,)`.
        conductance: `(sample,)` over its largest value `gmax`, empty for a delta synapse.
        voltage: `(sample,)`.
    """

    time: Quantity
    conductance: np.ndarray
    voltage: Quantity

    def plot(self) -> Figure:
        """Return voltage over conductance."""
        rows = [Row(label="v [mV]", values=shown(self.voltage)[0])]
        if len(self.conductance):
            rows.append(Row(label="g/gmax", values=self.conductance, height=0.8))
        return traces(shown(self.time)[0], rows, title=self.model)


def postsynaptic_response(
    model: NeuronModel,
    synapse: SynapseModel,
    times: Quantity | None = None,
    *,
    weight: float = 1.0,
    duration: Quantity = 100 * ms,
    holding: Quantity | None = None,
    dt: Quantity = 0.01 * ms,
) -> PostsynapticResponse:
    """Send spikes into one synapse of a neuron.

    Args:
        model: the neuron.
        synapse: the synapse.
        times: of the presynaptic spikes; one at 0 if None.
        weight: of the synapse.
        duration: of the recording.
        holding: constant input.
        dt: time step.
    """
    spikes = np.array([0.0]) * ms if times is None else times
    level = 0 * model.drive if holding is None else holding
    neuron = model.with_receptors(syn=synapse)

    def build(clock: Clock) -> dict[str, object]:
        source = SpikeGeneratorGroup(1, np.zeros(len(spikes), dtype=int), spikes, clock=clock, name="source")
        target = neuron.group(1, constant(level), clock)
        connection = synapse.connect(source, target, "syn", clock)
        connection.connect()
        connection.w = weight
        return {"source": source, "neurons": target, "synapses": connection}

    kept = (model.voltage, *(("g_syn",) if synapse.current else ()))
    circuit = Circuit(build=build, neurons=2, dt=dt)
    found = simulate(circuit, duration, [Traces("neurons", kept)]).traces["neurons"]
    conductance = np.asarray(found["g_syn"][0]) if synapse.current else np.empty(0)
    return PostsynapticResponse(
        model=f"{synapse.name} on {model.name}",
        time=found.time,
        conductance=conductance,
        voltage=found[model.voltage][0],
    )
