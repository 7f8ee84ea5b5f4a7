"""Graphs of neurons given by their dynamics, on dyadic numbers: what is trained directly or read from other tools."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from neurobridge.graph import maps
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Dynamics, Edge, Encode, Readout, Synapses
from tests.cases import dyadic

STEPS = 9
"""With leaks of three binary places and weights of four, float64 holds every membrane exactly."""


def encode(*shape: int, timed: bool = True) -> Encode:
    return Encode(
        name="input",
        inputs=(),
        shape=shape,
        steps=STEPS,
        low=np.zeros(()),
        high=np.ones(()),
        current=not timed,
        timed=timed,
    )


def neurons(name: str, source: str, *shape: int, reset: float | None = 1.0, delay: int = 0, **parameters) -> Dynamics:
    values = {"beta": 0.875, "threshold": 1.0} | parameters
    return Dynamics(
        name=name,
        inputs=(Edge(source=source, delay=delay),),
        shape=shape,
        steps=STEPS,
        low=np.zeros(()),
        high=np.ones(()),
        reset=None if reset is None else np.asarray(reset),
        **{key: np.asarray(value) for key, value in values.items()},
    )


def dense(name: str, source: str, rng: np.random.Generator, targets: int, sources: int, back: str = "") -> Synapses:
    """Return a layer of weights, with one from `back` a step later if that is given."""
    edges = (Edge(source=source), *((Edge(source=back, delay=1),) if back else ()))
    weights = [maps.Dense(weight=dyadic(rng, targets, n)) for n in (sources, targets)[: len(edges)]]
    return Synapses(name=name, inputs=edges, shape=(targets,), maps=tuple(weights), bias=dyadic(rng, targets, bits=3))


def network(*nodes) -> Graph:
    last = nodes[-1]
    readout = Readout(name="output", inputs=(Edge(source=last.name),), shape=last.shape)
    graph = Graph(code="rate", steps=STEPS, nodes=())
    return graph.with_nodes((*nodes, readout))


def layers(seed: int, **parameters) -> Graph:
    """Return two layers of one kind of neuron."""
    rng = np.random.default_rng(seed)
    return network(
        encode(5),
        dense("u", "input", rng, 6, 5),
        neurons("first", "u", 6, **parameters),
        dense("w", "first", rng, 4, 6),
        neurons("second", "w", 4, **parameters),
    )


def recurrent(seed: int) -> Graph:
    """Return a layer that reads its own last spikes, and one behind it that hears the input two steps late."""
    rng = np.random.default_rng(seed)
    late = Synapses(
        name="late",
        inputs=(Edge(source="first"), Edge(source="input", delay=2)),
        shape=(4,),
        maps=(maps.Dense(weight=dyadic(rng, 4, 6)), maps.Dense(weight=dyadic(rng, 4, 5))),
        bias=None,
    )
    return network(
        encode(5),
        dense("u", "input", rng, 6, 5, back="first"),
        neurons("first", "u", 6),
        late,
        neurons("second", "late", 4, delay=1),
    )


def loop_of_two(seed: int) -> Graph:
    """Return two layers in a loop with a single step of delay."""
    rng = np.random.default_rng(seed)
    return network(
        encode(3),
        dense("u", "input", rng, 3, 3, back="second"),
        neurons("first", "u", 3),
        dense("w", "first", rng, 3, 3),
        neurons("second", "w", 3),
    )


def constant(seed: int) -> Graph:
    """Return leaky neurons under constant currents that begin late, with a bias behind the synaptic current."""
    rng = np.random.default_rng(seed)
    graph = layers(seed, alpha=0.5, bias=dyadic(rng, 1, bits=3), initial=0.25)
    nodes = (encode(5, timed=False), *graph.nodes[1:])
    return replace(
        graph, nodes=tuple(replace(n, inputs=(Edge(source="w", delay=2),)) if n.name == "second" else n for n in nodes)
    )


DYNAMICAL: dict[str, Callable[[int], Graph]] = {
    "integrate and fire": lambda seed: layers(seed, beta=1.0),
    "leaky, subtract": layers,
    "leaky, subtract at once": lambda seed: layers(seed, reset=0.875),
    "leaky, empty": lambda seed: layers(seed, reset=None),
    "leaky, no reset": lambda seed: layers(seed, reset=0.0),
    "synaptic": lambda seed: layers(seed, alpha=0.75),
    "recurrent": recurrent,
    "constant": constant,
}
"""Name -> (seed) -> graph."""


def spikes_for(graph: Graph, seed: int, samples: int = 3) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    node = graph.inputs[0]
    if node.timed:
        return (rng.integers(0, 2, (samples, graph.steps, *node.shape)).astype(float),)
    return (dyadic(rng, samples, *node.shape),)
