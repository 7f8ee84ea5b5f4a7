"""Run a spiking graph in Brian2, spike for spike as the reference does."""

import numpy as np
from numpy import ndarray

from neurobridge.backends.brian2.streaming import StreamingPlan
from neurobridge.backends.brian2.windowed import WindowedPlan
from neurobridge.backends.brian2.wires import STEP
from neurobridge.backends.refusals import check_inputs, refuse_what_is_not_neurons
from neurobridge.graph.checks import check
from neurobridge.graph.codes import CODES
from neurobridge.graph.graph import Graph
from neurobridge.graph.reference import Run
from neurobridge.graph.rewrite import wired
from neurobridge.neuro.circuit import Circuit
from neurobridge.neuro.recorders import Final, Recorder, Spikes, Traces
from neurobridge.neuro.simulate import simulate as run_circuit

SYNAPSES_AT_ONCE = 4_000_000
"""Samples run side by side as copies of the network, as many as this many synapses allow: about 200 MB."""


def simulate(graph: Graph, inputs: tuple[ndarray, ...], *, target: str = "numpy", membranes: bool = True) -> Run:
    """Return what a graph does in Brian2, in double precision.

    Layer after layer works one time step later than in the graph, because a Brian2 spike takes a step to act: spikes
    are reported at the graph's steps again.

    Args:
        graph: any graph of neurons, synapses, races and readouts.
        inputs: for each encoder its numbers, (sample, ...).
        target: Brian2's code generator: `numpy`, `cython` or `cpp_standalone`.
        membranes: whether to record them for the margins.

    Raises:
        InputError: a graph that cannot run, inputs of another shape, or a loop of neurons with too little delay.
        UnsupportedOperationError: products of populations or loops over sequences.
    """
    check(graph)
    check_inputs(graph, inputs)
    refuse_what_is_not_neurons(graph, "Brian2")
    kind = StreamingPlan if CODES[graph.code].streaming else WindowedPlan
    plan = kind(wired(graph))
    copies = max(1, SYNAPSES_AT_ONCE // max(1, plan.synapses))
    samples = len(inputs[0])
    runs = [
        _part(plan, tuple(x[first : first + copies] for x in inputs), target, membranes)
        for first in range(0, samples, copies)
    ]
    return Run(
        outputs=tuple(map(np.concatenate, zip(*(run.outputs for run in runs), strict=True))),
        spikes={name: np.concatenate([run.spikes[name] for run in runs], axis=1) for name in runs[0].spikes},
        excess={name: np.concatenate([run.excess[name] for run in runs], axis=1) for name in runs[0].excess},
    )


def _part(plan: StreamingPlan | WindowedPlan, inputs: tuple[ndarray, ...], target: str, membranes: bool) -> Run:
    """Run as many samples as fit into one Brian2 network."""
    samples = len(inputs[0])
    circuit = Circuit(
        build=lambda clock: plan.objects(clock, inputs),
        neurons=plan.neurons * samples,
        synapses=plan.synapses * samples,
        dt=STEP,
    )
    record: list[Recorder] = [Spikes(of=label) for label in plan.labels.values()]
    record += [Final(of=label, variables=("total",)) for label in plan.readouts.values()]
    if membranes:
        sizes = plan.sizes
        record += [
            Traces(of=plan.labels[name], variables=("v",), which=tuple(range(sizes[name] * samples)))
            for name in plan.watched
        ]
    return plan.result(run_circuit(circuit, plan.steps * STEP, record, target=target), samples)
