"""A graph of a streaming code as a NIR graph."""

from collections import Counter
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any, Protocol, TypeGuard, runtime_checkable

import nir
import numpy as np
from numpy import ndarray

from neurobridge.backends.nir.layers import layer
from neurobridge.backends.nir.neurons import described, empty_on_spike, exact_parts, inexpressible
from neurobridge.errors import InputError, UnsupportedOperationError, lookup
from neurobridge.graph import maps
from neurobridge.graph.checks import check
from neurobridge.graph.codes import CODES
from neurobridge.graph.dynamics import cells
from neurobridge.graph.graph import Graph
from neurobridge.graph.matrices import drive
from neurobridge.graph.nodes import Dynamics, Edge, Encode, Neurons, Node, Readout, Synapses
from neurobridge.graph.rewrite import fold_scales, wired
from neurobridge.graph.sharing import sharing

DIALECTS = {
    "exact": "nothing is lost for a reader that keeps to the step dt: soft reset is a feedback",
    "portable": "each population is one nir.IF, LIF or CubaLIF: soft reset becomes what the reader makes of it "
    "(most set the membrane to zero), first membranes are lost, a membrane at the threshold does not fire",
}
"""Dialect -> what it keeps or loses; written into the file."""

LAYOUTS = ("layers", "matrices")
VERSION = 1


@runtime_checkable
class OfGraph(Protocol):
    """A network that runs a graph, such as what `neurobridge.convert` returns."""

    graph: Graph


def to_nir(graph: Graph | OfGraph, dialect: str = "exact", layout: str = "layers", dt: float = 1.0) -> nir.NIRGraph:
    """Return a graph as NIR.

    Args:
        graph: of a streaming code, with calibrated ranges; or the network that runs it.
        dialect: one of `DIALECTS`.
        layout: "layers" keeps convolutions and poolings; "matrices" writes every connection out, which always works.
        dt: length of a time step in seconds. One, because several readers take R I for what a step adds.

    Raises:
        InputError: no graph or one that cannot run, an unknown layout, or a dt that is not positive.
        UnknownNameError: a dialect that does not exist.
        UnsupportedOperationError: a windowed code, first membranes that the dialect must keep, or parts that NIR has no
            node for, all of them named.
    """
    lookup("NIR dialect", dialect, DIALECTS)
    if layout not in LAYOUTS:
        raise InputError(f"unknown layout {layout!r}; a NIR graph is written as {' or '.join(LAYOUTS)}")
    if not (np.isfinite(dt) and dt > 0):
        raise InputError(f"dt is {dt}; it must be a positive number of seconds")
    graph = graph.graph if isinstance(graph, OfGraph) else graph
    if not isinstance(graph, Graph):
        raise InputError(f"NIR is written of a converted network or its graph, not of a {type(graph).__name__}")
    check(graph)
    if not CODES[graph.code].averages:
        why = "take spikes back" if CODES[graph.code].takes_back else "work one window after another"
        raise UnsupportedOperationError(
            f"NIR neurons integrate and fire all the time, those of the {graph.code} code {why}; "
            'convert with code="rate" for NIR'
        )
    shared = [name for name, members in sharing(graph).items() if len(members) > 1]
    if dialect == "portable" and shared:
        raise UnsupportedOperationError(
            f"neurons that share a number differ by their first membranes ({', '.join(shared)}), which the portable "
            "dialect loses: all would fire alike. Write dialect='exact', or convert with copies=1"
        )
    whole = wired(graph)
    writer = Writer(graph=whole if dialect == "exact" else sums_for_means(whole), dialect=dialect, dt=dt)
    (writer.write_layers if layout == "layers" else writer.write_matrices)()
    return writer.finished()


def sums_for_means(graph: Graph) -> Graph:
    """Return the graph with average pooling as sums, the division in the weights behind: few readers know AvgPool2d."""
    nodes: list[Node] = []
    for node in graph.nodes:
        if isinstance(node, Synapses) and len(node.maps) == 1 and _whole_means(linear := node.maps[0]):
            total = replace(node, name=f"{node.name}:sums", maps=(replace(linear, divisor=1),), bias=None)
            share = maps.Scale(factor=np.array(1 / (linear.divisor or prod(linear.kernel))))
            nodes += [total, replace(node, maps=(share,), inputs=(Edge(source=total.name),))]
        else:
            nodes.append(node)
    return fold_scales(replace(graph, nodes=tuple(nodes)))


def _whole_means(linear: maps.LinearMap) -> TypeGuard[maps.AveragePool]:
    return isinstance(linear, maps.AveragePool) and not any(linear.padding) and not linear.ceil_mode


@dataclass
class Writer:
    """A NIR graph in the making.

    Attributes:
        graph: with spikes worth one.
        dialect: one of `DIALECTS`.
        dt: length of a time step in seconds.
        nodes: of NIR.
        edges: of NIR.
        refused: why parts cannot be written.
        shapes: node of NIR -> shape of its output.
    """

    graph: Graph
    dialect: str
    dt: float
    nodes: dict[str, Any] = field(default_factory=dict)
    edges: list[tuple[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def finished(self) -> nir.NIRGraph:
        """Return the graph, its types checked by the nir package."""
        if self.refused:
            listed = "; ".join(self.refused)
            raise UnsupportedOperationError(
                f"NIR has no node for this: {listed}. Where it is a map, layout='matrices' writes its weights out"
            )
        timed = any(node.timed for node in self.graph.inputs)
        metadata = {
            "written_by": "neurobridge",
            "version": VERSION,
            "dialect": self.dialect,
            "keeps": DIALECTS[self.dialect],
            "dt": self.dt,
            "steps": self.graph.steps,
            "input": "numbers of its own at each step" if timed else "the same current at each step",
            "output": "the mean over the steps",
            "reset": "acts at the step after the spike",
            "delay": "a loop without a Delay takes one step, every other edge none",
        }
        return nir.NIRGraph(nodes=self.nodes, edges=self.edges, metadata=metadata)

    def write_layers(self) -> None:
        """Write every node as a layer of its own."""
        self.refused += [f"{n.name!r}: a sample without axes" for n in self.graph.nodes if not n.shape]
        for node in self.graph.nodes:
            if isinstance(node, Synapses):
                self._synapses(node)
            else:
                self._end_or_neurons(node, node.shape)
        if self.refused:
            return
        for node in self.graph.nodes:
            if isinstance(node, Synapses):
                for place, (edge, linear) in enumerate(zip(node.inputs, node.maps, strict=True)):
                    if not isinstance(linear, maps.Identity):
                        self._connect(self._sources(edge), _entry(self.nodes, _part(node, place)))
                if _sum(node) in self.nodes:
                    self._connect([s for e in self._terms(node) for s in e], _sum(node))
            elif node.inputs:
                self._connect(self._sources(node.inputs[0]), _entry(self.nodes, _safe(node.name)))

    def write_matrices(self) -> None:
        """Write every connection between neurons as one matrix of weights, everything flat."""
        for node in self.graph.nodes:
            if isinstance(node, Encode) and len(node.shape) != 1:
                name = _safe(node.name)
                self.nodes[name] = nir.Input(input_type={"input": np.array(node.shape or (1,))})
                self.nodes[f"{name}_flat"] = nir.Flatten(
                    input_type={"input": np.array(node.shape or (1,))}, start_dim=0, end_dim=-1
                )
                self.shapes[f"{name}_flat"] = (prod(node.shape),)
                self.edges.append((name, f"{name}_flat"))
            elif not isinstance(node, Synapses):
                self._end_or_neurons(node, (prod(node.shape),))
        for node in self.graph.nodes:
            if isinstance(node, Neurons | Dynamics | Readout):
                self._matrices(node)

    def _matrices(self, node: Node) -> None:
        drives, name = drive(self.graph, node), _safe(node.name)
        if any(drives.constants.keys() - {0}):
            self.refused.append(f"{node.name!r} has a bias that arrives late")
            return
        bias = drives.constants.get(0)
        for number, p in enumerate(drives.projections):
            weight = np.zeros((drives.size, prod(self.graph.by_name[p.source].shape)))
            weight[p.targets, p.sources] = p.weights
            part = f"{name}_weights{number}"
            first = number == 0 and bias is not None
            self.nodes[part] = nir.Affine(weight=weight, bias=np.array(bias)) if first else nir.Linear(weight=weight)
            source = _safe(p.source)
            source = f"{source}_flat" if f"{source}_flat" in self.nodes else source
            self._connect([(source, p.delay)], part)
            self.edges.append((part, _entry(self.nodes, name)))
        if not drives.projections:
            self.refused.append(f"{node.name!r} is driven by a bias alone")

    def _end_or_neurons(self, node: Node, shape: tuple[int, ...]) -> None:
        name = _safe(node.name)
        self.shapes[name] = shape
        match node:
            case Encode():
                self.nodes[name] = nir.Input(input_type={"input": np.array(shape)})
            case Readout():
                self.nodes[name] = nir.Output(output_type={"output": np.array(shape)})
            case Neurons() | Dynamics():
                why = inexpressible(cells(node))
                if why is not None:
                    self.refused.append(f"{node.name!r}: {why}")
                elif self.dialect == "portable":
                    flat = cells(node)
                    self.nodes[name] = empty_on_spike(
                        flat, shape, self.dt, described(flat, shape) | _reset(flat.reset, shape)
                    )
                else:
                    nodes, edges = exact_parts(name, cells(node), shape, self.dt)
                    self.nodes |= nodes
                    self.edges += edges

    def _synapses(self, node: Synapses) -> None:
        """Write the maps of a node; the bias goes into the first layer that has one, or into a layer of its own."""
        bias = node.bias
        for place, (edge, linear) in enumerate(zip(node.inputs, node.maps, strict=True)):
            if isinstance(linear, maps.Identity):
                continue
            # a bias must not wait for the spikes of a delayed edge
            carries = bias is not None and not edge.delay
            found = layer(linear, self.graph.by_name[edge.source].shape, node.shape, bias if carries else None)
            if isinstance(found, str):
                self.refused.append(f"{node.name!r}: {found}")
                return
            self.nodes[_part(node, place)], took = found
            self.shapes[_part(node, place)] = node.shape
            bias = None if took else bias
        if bias is not None or not node.maps:
            own = layer(maps.Identity(), node.shape, node.shape, bias) if node.maps else "a constant"
            if isinstance(own, str):
                self.refused.append(f"{node.name!r}: {own}")
            else:
                self.nodes[_sum(node)], self.shapes[_sum(node)] = own[0], node.shape

    def _terms(self, node: Synapses) -> list[list[tuple[str, int]]]:
        """Return where each term of a sum comes from."""
        rows = enumerate(zip(node.inputs, node.maps, strict=True))
        return [
            self._sources(edge) if isinstance(linear, maps.Identity) else [(_part(node, place), 0)]
            for place, (edge, linear) in rows
        ]

    def _sources(self, edge: Edge) -> list[tuple[str, int]]:
        """Return the NIR nodes whose outputs an edge adds up, each with the steps it waits."""
        node = self.graph.by_name[edge.source]
        if not isinstance(node, Synapses) or _sum(node) in self.nodes:
            return [(_sum(node) if isinstance(node, Synapses) else _safe(node.name), edge.delay)]
        return [(name, delay + edge.delay) for term in self._terms(node) for name, delay in term]

    def _connect(self, sources: list[tuple[str, int]], target: str) -> None:
        """Add edges; one that is delayed, or there more than once, goes through a node of its own."""
        for (source, delay), count in Counter(sources).items():
            whole, name = self.shapes[source], source
            if delay:
                name = f"{source}_{delay}_late_for_{target}"
                self.nodes[name] = nir.Delay(delay=np.full(whole, delay * self.dt))
                self.edges.append((source, name))
            if count > 1:
                self.nodes[f"{name}_times_for_{target}"] = nir.Scale(scale=np.full(whole, float(count)))
                self.edges.append((name, f"{name}_times_for_{target}"))
                name = f"{name}_times_for_{target}"
            self.edges.append((name, target))


def _safe(name: str) -> str:
    """Return a name that HDF5 does not take for a path."""
    return name.replace("/", "|")


def _part(node: Node, place: int) -> str:
    return f"{_safe(node.name)}_{place}"


def _sum(node: Node) -> str:
    return f"{_safe(node.name)}_sum"


def _entry(nodes: dict[str, Any], name: str) -> str:
    """Return the first of the nodes that make up neurons."""
    return next((n for n in (f"{name}_current", f"{name}_membrane") if n in nodes), name)


def _reset(reset: ndarray | None, shape: tuple[int, ...]) -> dict[str, Any]:
    return {} if reset is None else {"reset": reset.reshape(shape)}
