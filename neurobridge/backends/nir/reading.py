"""A NIR graph, ours or another tool's, as a graph of the streaming code."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

import nir
import numpy as np
from numpy import ndarray

from neurobridge.backends.nir.flat import Flat, flattened
from neurobridge.backends.nir.layers import read_layer
from neurobridge.backends.nir.neurons import DISCRETISATIONS, Parameters, parameters
from neurobridge.errors import FileFormatError, InputError, lookup
from neurobridge.graph import maps
from neurobridge.graph.checks import check
from neurobridge.graph.codes import check_steps
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Dynamics, Edge, Encode, Node, Readout, Shape, Synapses
from neurobridge.graph.shapes import mapped_shape

DT = 1e-4
"""The step that snnTorch and nirtorch write for, in seconds; NIR has no field for it."""
RESETS = ("value", "subtract")


@dataclass(frozen=True, kw_only=True)
class Conventions:
    """What a NIR file leaves open.

    Attributes:
        steps: how many steps to run.
        dt: length of a step in seconds.
        discretisation: how a time constant becomes a factor per step, one of `DISCRETISATIONS`.
        reset: whether IF, LIF and CubaLIF set the membrane to v_reset, as NIR says, or subtract the threshold.
        timed: whether inputs have numbers of their own at each step; else the same ones at every step.
    """

    steps: int
    dt: float
    discretisation: str
    reset: str
    timed: bool


def from_nir(
    network: nir.NIRGraph,
    steps: int | None = None,
    *,
    dt: float | None = None,
    discretisation: str = "euler",
    reset: str = "value",
    timed: bool | None = None,
) -> Graph:
    """Return a NIR graph as a graph that every simulator here runs.

    A loop without a Delay takes one step, from the first edge that closes it. What a file written by neurobridge says
    about itself holds unless it is said otherwise here.

    Args:
        network: as the nir package reads it.
        steps: how many steps to run; must be given unless the file says it.
        dt: length of a step in seconds; that of the file, or `DT`.
        discretisation: "euler" (snnTorch and nirtorch write so) or "exponential".
        reset: "value" as NIR says, or "subtract" as sinabs and Lava read the same nodes.
        timed: whether inputs change from step to step, such as spikes; true unless the file says otherwise.

    Raises:
        InputError: steps, dt or a convention that cannot be used.
        FileFormatError: nodes that neurobridge cannot read, or that do not fit together.
    """
    told = _told(network.metadata)
    steps = told.get("steps") if steps is None else steps
    if steps is None:
        raise InputError("the NIR graph does not say for how many steps to run it; give steps")
    check_steps("rate", steps)
    lookup("discretisation", discretisation, DISCRETISATIONS)
    if reset not in RESETS:
        raise InputError(f"unknown reset {reset!r}; choose one of {', '.join(RESETS)}")
    step = told.get("dt", DT) if dt is None else dt
    if not (np.isfinite(step) and step > 0):
        raise InputError(f"dt is {step}; it must be a positive number of seconds")
    timed = told.get("timed", True) if timed is None else timed
    flat = flattened(network)
    reader = Reader(
        flat=flat,
        conventions=Conventions(steps=steps, dt=step, discretisation=discretisation, reset=reset, timed=timed),
    )
    try:
        graph = reader.graph()
        check(graph)
    except (InputError, ValueError, IndexError, TypeError) as error:
        raise FileFormatError(f"the NIR graph does not describe a spiking network: {error}") from error
    return graph


def _told(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a file written by neurobridge says about itself, checked; nothing for a file of another tool.

    Raises:
        FileFormatError: it says what it cannot have been written with.
    """
    if metadata.get("written_by") != "neurobridge":
        return {}
    try:
        steps, dt = int(metadata["steps"]), float(metadata["dt"])
        check_steps("rate", steps)
        if not (np.isfinite(dt) and dt > 0):
            raise ValueError(f"dt is {dt}")
    except (KeyError, TypeError, ValueError, OverflowError, InputError) as error:
        raise FileFormatError(f"what the NIR graph says about itself is broken ({error})") from error
    return {"steps": steps, "dt": dt, "timed": not str(metadata.get("input", "")).startswith("the same")}


@dataclass
class Reader:
    """A graph in the making, in the order in which its nodes depend on each other.

    Attributes:
        flat: nodes and edges without graphs inside graphs.
        conventions: what the file leaves open.
        nodes: of the graph.
        outputs: NIR node -> the node that does what it does, and how late.
    """

    flat: Flat
    conventions: Conventions
    nodes: list[Node] = field(default_factory=list)
    outputs: dict[str, Edge] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)

    def graph(self) -> Graph:
        """Return the whole graph."""
        late: dict[str, str] = {}
        for name in self.flat.order:
            self._add(name, late)
        # what closes a loop was not known when it was read
        nodes = [
            replace(n, inputs=tuple(self._closed(e, late) if e.source in late else e for e in n.inputs))
            for n in self.nodes
        ]
        return Graph(code="rate", steps=self.conventions.steps, nodes=()).with_nodes(nodes)

    def _closed(self, edge: Edge, late: dict[str, str]) -> Edge:
        found = self.outputs[late[edge.source]]
        return Edge(source=found.source, delay=found.delay + edge.delay)

    def _add(self, name: str, late: dict[str, str]) -> None:
        node, safe = self.flat.nodes[name], name.replace(".", "_")
        if isinstance(node, nir.Input):
            self.shapes[name] = _shape(name, node.input_type)
            position = self.flat.inputs.index(name)
            self._keep(name, _encoder(safe, self.shapes[name], position, self.conventions))
            return
        drive, shape = self._drive(name, safe, late)
        match node:
            case nir.Output():
                position = self.flat.outputs.index(name)
                self._keep(name, Readout(name=safe, inputs=(drive,), shape=shape, position=position))
            case nir.Delay():
                self.outputs[name] = Edge(source=drive.source, delay=drive.delay + self._steps(name, node.delay))
                self.shapes[name] = shape
            case nir.Threshold() | nir.IF() | nir.LIF() | nir.CubaLIF():
                self._neurons(name, safe, drive, shape)
            case _:
                linear, bias = read_layer(name, node, shape)
                target = mapped_shape(linear, shape)
                made = Synapses(name=safe, inputs=(drive,), shape=target, maps=(linear,), bias=bias)
                self._keep(name, made)

    def _keep(self, name: str, node: Node) -> None:
        self.nodes.append(node)
        self.outputs[name] = Edge(source=node.name)
        self.shapes[name] = node.shape

    def _drive(self, name: str, safe: str, late: dict[str, str]) -> tuple[Edge, Shape]:
        """Return the sum of what arrives at a node, and its shape."""
        edges = []
        for source in self.flat.before(name):
            if source in self.outputs:
                edges.append(self.outputs[source])
            else:
                mark = f"loop from {source}"
                late[mark] = source
                edges.append(Edge(source=mark, delay=0 if self.flat.waits(source, name) else 1))
        if not edges:
            raise FileFormatError(f"NIR node {name!r} has no input")
        shapes = [self.shapes[s] for s in self.flat.before(name) if s in self.shapes]
        if not shapes:
            raise FileFormatError(f"NIR node {name!r} is reached by nothing but itself")
        if len(edges) == 1:
            return edges[0], shapes[0]
        identities = tuple(maps.Identity() for _ in edges)
        self.nodes.append(Synapses(name=f"{safe} sum", inputs=tuple(edges), shape=shapes[0], maps=identities))
        return Edge(source=f"{safe} sum"), shapes[0]

    def _steps(self, name: str, delay: Any) -> int:
        steps = np.asarray(delay, dtype=float) / self.conventions.dt
        whole = np.round(steps)
        if steps.size == 0 or np.any(whole != whole.flat[0]) or not np.allclose(steps, whole) or whole.flat[0] < 0:
            raise FileFormatError(
                f"NIR node {name!r} delays by other than one whole number of steps of {self.conventions.dt:g} s"
            )
        return int(whole.flat[0])

    def _neurons(self, name: str, safe: str, drive: Edge, shape: Shape) -> None:
        """Add the neurons of a node, or of the integrators and the feedback that end in a Threshold."""
        node = self.flat.nodes[name]
        soft = self.flat.soft.get(name)
        metadata: Mapping[str, Any] = {}
        reset: ndarray | None
        if isinstance(node, nir.Threshold):
            level, values = np.asarray(node.threshold, dtype=float), _memoryless(node)
            reset = np.zeros(())
            if soft is not None:
                metadata = soft.membrane.metadata
                values = self._parameters(name, soft.membrane)
                reset = np.zeros(()) if soft.reset is None else -np.asarray(soft.reset.scale, dtype=float) * values.gain
                if soft.current is not None:
                    current = self._parameters(name, soft.current)
                    if np.any(current.bias):
                        raise FileFormatError(f"the synaptic current of NIR node {name!r} leaks to other than zero")
                    values = replace(values, alpha=current.beta, gain=values.gain * current.gain)
        else:
            values, metadata = self._parameters(name, node), node.metadata
            level, reset, values = self._valued(node, values)
        gain = np.broadcast_to(values.gain, shape)
        if np.any(gain != 1):
            scaled = Synapses(
                name=f"{safe} gain", inputs=(drive,), shape=shape, maps=(maps.Scale(factor=np.array(gain)),)
            )
            self.nodes.append(scaled)
            drive = Edge(source=scaled.name)
        start = metadata.get("initial") if isinstance(metadata.get("initial"), ndarray) else None
        first = None if isinstance(node, nir.Threshold) else -np.asarray(node.v_reset, dtype=float)
        self._keep(
            name,
            Dynamics(
                name=safe,
                inputs=(drive,),
                shape=shape,
                steps=self.conventions.steps,
                low=np.zeros(()),
                high=np.ones(()),
                beta=np.asarray(values.beta),
                alpha=values.alpha,
                threshold=level,
                reset=reset,
                bias=values.bias if np.any(values.bias) else None,
                initial=start if start is not None else first if first is not None and np.any(first) else None,
            ),
        )

    def _parameters(self, name: str, node: Any) -> Parameters:
        return parameters(name, node, self.conventions.dt, self.conventions.discretisation)

    def _valued(self, node: Any, values: Parameters) -> tuple[ndarray, ndarray | None, Parameters]:
        """Return threshold, reset and parameters of neurons that NIR resets to a value, which becomes zero here."""
        level, to = np.asarray(node.v_threshold, dtype=float), np.asarray(node.v_reset, dtype=float)
        bias = values.bias + (values.beta - 1) * to
        if self.conventions.reset == "subtract":
            # at once: what is subtracted leaks once before the next decision
            return level - to, values.beta * (level - to), replace(values, bias=bias)
        return level - to, None, replace(values, bias=bias)


def _memoryless(node: nir.Threshold) -> Parameters:
    zero = np.zeros(np.shape(node.threshold))
    return Parameters(beta=zero, alpha=None, gain=zero + 1, bias=zero)


def _encoder(name: str, shape: Shape, position: int, conventions: Conventions) -> Encode:
    return Encode(
        name=name,
        inputs=(),
        shape=shape,
        steps=conventions.steps,
        low=np.zeros(()),
        high=np.ones(()),
        timed=conventions.timed,
        current=not conventions.timed,
        position=position,
    )


def _shape(name: str, types: Mapping[str, Any]) -> Shape:
    sizes = np.asarray(next(iter(types.values())))
    if (
        sizes.ndim != 1
        or not np.issubdtype(sizes.dtype, np.number)
        or np.any(sizes < 1)
        or prod(map(int, sizes)) > 2**28
    ):
        raise FileFormatError(f"NIR node {name!r} has the shape {sizes.tolist()}; it takes whole numbers of 1 or more")
    return tuple(map(int, sizes))
