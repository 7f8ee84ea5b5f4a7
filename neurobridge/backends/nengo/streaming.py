"""Streaming codes in Nengo: connections without synapses carry a spike through all layers in its own step."""

import nengo
import numpy as np
from numpy import ndarray

from neurobridge.backends.nengo.network import connect, ensemble, input_node, run
from neurobridge.backends.nengo.neurons import IntegrateAndFire
from neurobridge.graph.dynamics import cells
from neurobridge.graph.graph import Graph
from neurobridge.graph.matrices import Drive, drive
from neurobridge.graph.nodes import Dynamics, Encode, Neurons, Readout
from neurobridge.graph.reference import Run


def simulate_streaming(graph: Graph, inputs: tuple[ndarray, ...]) -> Run:
    """Return what a wired graph of a streaming code does."""
    samples = len(inputs[0])
    given = graph.given([np.asarray(x, dtype=float) for x in inputs])
    receivers = [node for node in graph.nodes if isinstance(node, Neurons | Dynamics | Readout)]
    drives = {node.name: drive(graph, node) for node in receivers}
    with nengo.Network(seed=0) as network:
        parts = {}
        for node in receivers:
            now, later = _currents(graph, drives[node.name], given)
            if isinstance(node, Readout):
                parts[node.name] = nengo.Node(size_in=now.size, label=node.name)
                later = later + now.ravel()
            else:
                parts[node.name] = ensemble(IntegrateAndFire(cells(node), samples), now.size, node.name, now.ravel())
            if np.any(later):
                target = parts[node.name]
                current = input_node(later, f"{node.name} current")
                nengo.Connection(current, getattr(target, "neurons", target), synapse=None)
        for name, drives_of in drives.items():
            for projection in drives_of.projections:
                if projection.source not in given:
                    connect(parts[projection.source], parts[name], projection, samples)
        probes = {n: nengo.Probe(getattr(part, "neurons", part), synapse=None) for n, part in parts.items()}
        watched = [node for node in receivers if not isinstance(node, Readout)]
        voltages = {node.name: nengo.Probe(parts[node.name].neurons, "voltage", synapse=None) for node in watched}
    data = run(network, graph.steps).data
    spikes, excess = {}, {}
    for node in watched:
        whole = (graph.steps, samples, *node.shape)
        spikes[node.name] = np.rint(data[probes[node.name]]).astype(np.int64).reshape(whole)
        level = cells(node).threshold.reshape(node.shape)
        excess[node.name] = data[voltages[node.name]].reshape(whole) - level
    totals = {node.name: data[probes[node.name]].sum(axis=0) for node in graph.outputs}
    outputs = (totals[node.name].reshape(samples, *node.shape) / graph.steps for node in graph.outputs)
    return Run(outputs=tuple(outputs), spikes=spikes, excess=excess)


def _currents(graph: Graph, drives: Drive, given: dict[str, ndarray]) -> tuple[ndarray, ndarray]:
    """Return what inputs and biases bring at every step (sample, neuron), and beside it step by step (step, ...)."""
    samples = len(next(iter(given.values())))
    now = np.zeros((samples, drives.size)) + drives.constants.get(0, 0.0)
    later = np.zeros((graph.steps, samples, drives.size))
    for delay, constant in drives.constants.items():
        if delay:
            later[delay:] += constant
    for p in drives.projections:
        if p.source not in given:
            continue
        node, x = graph.by_name[p.source], given[p.source]
        timed = isinstance(node, Encode) and node.timed
        if not timed and not p.delay:
            p.add_to(now, x.reshape(samples, -1))
            continue
        for step in range(graph.steps - p.delay):
            p.add_to(later[step + p.delay], (x[:, step] if timed else x).reshape(samples, -1))
    return now, later.reshape(graph.steps, -1)
