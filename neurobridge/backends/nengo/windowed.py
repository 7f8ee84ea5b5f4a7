"""Windowed codes in Nengo: populations that integrate one window and fire the next, and races among them."""

from math import prod

import nengo
import numpy as np
from numpy import ndarray

from neurobridge.backends.nengo.network import connect, ensemble, run
from neurobridge.backends.nengo.neurons import Runner, Windowed, Winners
from neurobridge.graph.codes import CODES, quantum
from neurobridge.graph.functions import function
from neurobridge.graph.graph import Graph
from neurobridge.graph.matrices import Drive, Projection, drive
from neurobridge.graph.neurons import first_membrane, window_excess
from neurobridge.graph.nodes import Encode, Neurons, Population, Readout, Winner
from neurobridge.graph.reference import Run, competitors
from neurobridge.graph.scales import carrier
from neurobridge.graph.timing import latency, windows


def simulate_windowed(graph: Graph, inputs: tuple[ndarray, ...]) -> Run:
    """Return what a wired graph of a windowed code does."""
    samples = len(inputs[0])
    given = graph.given(inputs)
    drives = {node.name: drive(graph, node) for node in graph.nodes if isinstance(node, Neurons | Readout)}
    spans = windows(graph)
    with nengo.Network(seed=0) as network:
        parts = {}
        for node in graph.nodes:
            match node:
                case Population():
                    neurons = _population(graph, node, _start(graph, node, drives, given, samples), spans)
                    parts[node.name] = ensemble(neurons, samples * prod(node.shape), node.name)
                case Winner():
                    parts[node.name] = _race(graph, node, parts[node.inputs[0].source], samples, spans)
                case Readout():
                    parts[node.name] = nengo.Node(size_in=samples * prod(node.shape), label=node.name)
        for name, drives_of in drives.items():
            for projection in drives_of.projections:
                connect(parts[projection.source], parts[name], projection, samples)
        probes = {n: nengo.Probe(getattr(part, "neurons", part), synapse=None) for n, part in parts.items()}
        watched = [node for node in graph.nodes if isinstance(node, Neurons)]
        voltages = {node.name: nengo.Probe(parts[node.name].neurons, "voltage", synapse=None) for node in watched}
    data = run(network, latency(graph) + 1).data
    spikes, excess = {}, {}
    for node in graph.nodes:
        if isinstance(node, Population | Winner):
            first, last = spans.get(node.name, (0, 1))
            planes = np.sign(data[probes[node.name]][first:last]).astype(np.int64)
            spikes[node.name] = planes.reshape(last - first, samples, *node.shape)
    for node in watched:
        voltage = data[voltages[node.name]][spans[node.name][0]].reshape(samples, *node.shape)
        excess[node.name] = window_excess(node, voltage, spikes[node.name], graph.code)
    totals = {
        n.name: data[probes[n.name]].sum(axis=0).reshape(samples, -1) + drives[n.name].constants.get(0, 0.0)
        for n in graph.outputs
    }
    outputs = (totals[node.name].reshape(samples, *node.shape) for node in graph.outputs)
    return Run(outputs=tuple(outputs), spikes=spikes, excess=excess)


Spans = dict[str, tuple[int, int]]


def _start(
    graph: Graph, node: Population, drives: dict[str, Drive], given: dict[str, ndarray], samples: int
) -> ndarray:
    """Return the membranes before the first step: the input itself in quanta, or the bias."""
    if not isinstance(node, Encode):
        return np.tile(np.zeros(drives[node.name].size) + drives[node.name].constants.get(0, 0.0), samples)
    if node.size is not None:
        return np.eye(node.size)[given[node.name].astype(int)].ravel()
    offset = 0.0 if node.paired else node.low
    return np.asarray(
        (given[node.name] - offset) / quantum(node.low, node.high, graph.code, node.steps, node.paired)
    ).ravel()


def _population(graph: Graph, node: Population, start: ndarray, spans: Spans) -> Windowed:
    token = isinstance(node, Encode) and node.size is not None
    table = node.table if isinstance(node, Neurons) else None
    return Windowed(
        first=spans.get(node.name, (0, 1))[0],
        worths=np.ones(1) if token else CODES[graph.code].weights(node.steps),
        start=start,
        initial=np.resize(np.broadcast_to(first_membrane(node), node.shape), len(start)),
        table=table,
        rising=not isinstance(node, Neurons) or function(node.function).increasing,
        paired=node.paired,
        once=graph.code == "latency",
    )


def _race(graph: Graph, node: Winner, source: nengo.Ensemble, samples: int, spans: Spans) -> nengo.Ensemble:
    """Return the neurons that say who won, behind the runners of the race."""
    shape, size = graph.source(node).shape, prod(node.shape)
    numbered = np.arange(1, prod(shape) + 1).reshape(1, *shape)
    if node.mask is not None:
        numbered = numbered * node.mask
    places = competitors(node, numbered).reshape(size, -1)
    races, _ = np.nonzero(places)
    count = len(races)
    everyone = (races + size * np.arange(samples)[:, None]).ravel()
    runners = ensemble(Runner(everyone), count * samples, f"{node.name} runners")
    worths = CODES[graph.code].weights(carrier(graph, node).steps)
    winners = ensemble(Winners(spans[node.name][0], worths), size * samples, node.name)
    index, ones = np.arange(count), np.ones(count)
    entries = Projection(source="", delay=0, sources=places[places > 0] - 1, targets=index, weights=ones)
    wins = Projection(source="", delay=0, sources=index, targets=races, weights=ones)
    connect(source, runners, entries, samples)
    connect(runners, winners, wins, samples)
    return winners
