"""Several neurons for one number: a population code within any code, for levels that one neuron has no time to send."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import count

import numpy as np

from neurobridge.conversion.ranges import needs_range, with_table
from neurobridge.graph import maps
from neurobridge.graph.codes import CODES, MAX_STEPS
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Edge, Encode, Gate, Loop, Neurons, Node, Population, Port, Readout, Synapses, Winner
from neurobridge.graph.rewrite import redirect
from neurobridge.graph.sharing import COPY

MOST_COPIES = 64

WEIGHTED = (maps.Dense, maps.Convolve, maps.Along, maps.AveragePool)
"""Maps behind which there are currents; the others pass single spikes on."""


def shared(graph: Graph, copies: Mapping[str, int]) -> Graph:
    """Return the graph with each number of some populations carried by the mean of several neurons with the same drive.

    Their first membranes are (j + 1/2) / k of a threshold (a quantum in windowed codes), j = 0 ... k - 1. By Hermite's
    identity all together then send floor(k z + 1/2) under a drive of z quanta, as one neuron would with k times the
    levels; under the rate code a constant drive x gives floor(k T x + 1/2) spikes in T steps.

    Args:
        graph: lowered; of a windowed code with ranges.
        copies: population -> k. Where it is 1, or the population isn't named, nothing changes.
    """
    nodes: list[Node] = []
    names: dict[str, str] = {}
    for node in graph.nodes:
        node = redirect(node, names)
        if isinstance(node, Loop):
            node = replace(node, body=shared(node.body, copies))
        if copies.get(node.name, 1) == 1:
            nodes.append(node)
            continue
        assert isinstance(node, Encode | Neurons)
        neurons = [_starting(node, j, copies[node.name], graph.code) for j in range(copies[node.name])]
        names[node.name] = f"{node.name}:mean"
        nodes += [*neurons, _mean(names[node.name], neurons)]
    return replace(graph, nodes=tuple(nodes))


def _starting(node: Encode | Neurons, place: int, copies: int, code: str) -> Encode | Neurons:
    """Return one of the neurons that share a number, and its threshold table where it has one."""
    name = f"{node.name}{COPY}{place}" if place else node.name
    node = replace(node, name=name, initial=np.asarray((place + 0.5) / copies))
    has_table = isinstance(node, Neurons) and node.table is not None
    return with_table(node, code) if has_table else node  # type: ignore[return-value]


def _mean(name: str, neurons: list[Encode | Neurons]) -> Synapses:
    share = maps.Scale(factor=np.asarray(1 / len(neurons)))
    return Synapses(
        name=name,
        inputs=tuple(Edge(source=node.name) for node in neurons),
        shape=neurons[0].shape,
        maps=(share,) * len(neurons),
        origin=neurons[0].origin,
    )


def shareable(graph: Graph) -> tuple[Population, ...]:
    """Return the populations whose numbers several neurons can share, also inside loops.

    Where single spikes matter, one neuron has to fire them: on the releasing side of a gate, and in a race.
    """
    return tuple(_shareable(graph, lambda place: False))


Outside = Callable[[int], bool]
"""Whether what a readout at some position passes on meets a gate or a race."""


def _shareable(graph: Graph, outside: Outside) -> Iterator[Population]:
    for node in graph.nodes:
        if isinstance(node, Loop):
            yield from _shareable(node.body, _beyond(graph, node, outside))
        elif _codes(node) and not _met(graph, node.name, outside):
            yield node  # type: ignore[misc]


def _codes(node: Node) -> bool:
    return isinstance(node, Neurons) or (isinstance(node, Encode) and needs_range(node) and not node.timed)


def _met(graph: Graph, name: str, outside: Outside) -> bool:
    """Return whether spikes of a node come to a gate that they release, or to a race."""
    for reader in graph.consumers[name]:
        match reader:
            case Winner():
                return True
            case Gate() if reader.inputs[0].source == name:
                return True
            case Synapses() if len(reader.maps) == 1 and not isinstance(reader.maps[0], WEIGHTED):
                if _met(graph, reader.name, outside):
                    return True
            case Readout():
                if outside(reader.position):
                    return True
            case Loop():
                places = [place for place, edge in enumerate(reader.inputs) if edge.source == name]
                if any(_met_inside(graph, reader, place, outside) for place in places):
                    return True
    return False


def _met_inside(graph: Graph, loop: Loop, place: int, outside: Outside) -> bool:
    body: Graph = loop.body
    ports: tuple[Port, ...] = tuple(port for port in body.ports if port.position == place)
    return any(_met(body, port.name, _beyond(graph, loop, outside)) for port in ports)


def _beyond(graph: Graph, loop: Loop, outside: Outside) -> Outside:
    """Return where the readouts of a loop's body lead: the last to the loop's readers, the others to its next round."""
    seen: set[int] = set()

    def leads(place: int) -> bool:
        if place == len(loop.body.outputs) - 1:
            return _met(graph, loop.name, outside)
        if place in seen:  # a state that only comes back to itself
            return False
        seen.add(place)
        ports = [port for port in loop.body.ports if port.position == loop.sequences + place]
        found = any(_met(loop.body, port.name, leads) for port in ports)
        seen.discard(place)
        return found

    return leads


def steps_with(levels_of: int, copies: int, code: str) -> int:
    """Return the fewest steps in which one neuron has the levels of `copies` neurons of `levels_of` steps."""
    levels = CODES[code].levels
    wanted = copies * (levels(levels_of) + 1) - 1
    return next(steps for steps in count(levels_of) if levels(steps) >= wanted or steps == MAX_STEPS[code])


def copies_for(steps: int, finer: int, code: str) -> int:
    """Return how many neurons of `steps` steps come nearest to the levels of one of `finer` steps."""
    levels = CODES[code].levels
    return max(1, min(MOST_COPIES, round(levels(finer) / levels(steps))))
