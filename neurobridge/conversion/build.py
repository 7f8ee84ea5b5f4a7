"""The words in which lowering rules speak: each method adds a node to the spiking graph."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy import ndarray
from torch import Tensor

from neurobridge.conversion.signals import Kind, Samples, Signal
from neurobridge.errors import UnsupportedOperationError
from neurobridge.graph import maps
from neurobridge.graph.codes import CODES
from neurobridge.graph.functions import function
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Edge, Encode, Gate, Loop, Neurons, Node, Port, Readout, Synapses, Winner
from neurobridge.graph.shapes import mapped_shape

_ROUTING = (maps.Identity, maps.Scale, maps.Reshape, maps.Permute, maps.Expand, maps.Take, maps.Pad)
"""Maps under which every output still has one source, so that spikes stay spikes."""


def _weighted(linear: maps.LinearMap) -> bool:
    """Return whether a map multiplies by unlike weights; sums and means do not."""
    if isinstance(linear, maps.Along):
        return len(np.unique(np.abs(linear.weight[linear.weight != 0]))) > 1
    return isinstance(linear, maps.Dense | maps.Convolve)


UNKNOWN = np.full((), np.nan)
"""A range before calibration."""


@dataclass
class Builder:
    """Collects the nodes of a spiking graph while rules run.

    Attributes:
        code: name of the code.
        steps: T of every population.
        nodes: so far.
        place: the operation being lowered: its name and the user's source line.
        name: of that operation in the trace.
        dims: of the result of that operation: (length for one sample, whether it holds the samples) of each axis.
        used: which of its results are used, if it has several.
        names: of all nodes, those of loops too.
    """

    code: str
    steps: int
    nodes: list[Node] = field(default_factory=list)
    place: str = ""
    name: str = "node"
    dims: list[tuple[int, bool]] = field(default_factory=list)
    used: frozenset[int] = frozenset()
    names: set[str] = field(default_factory=set)

    def fresh(self, suffix: str = "") -> str:
        """Return a name for a node of the current operation that no node has."""
        wanted = name = f"{self.name}-{suffix}" if suffix else self.name
        count = 1
        while name in self.names:
            count += 1
            name = f"{wanted}-{count}"
        self.names.add(name)
        return name

    @property
    def streaming(self) -> bool:
        """Whether the code is streaming: only currents through relu-like neurons can be carried."""
        return CODES[self.code].streaming

    def synapses(
        self,
        sources: list[Signal],
        linears: list[maps.LinearMap],
        bias: ndarray | None = None,
        samples: Samples | None = None,
        channel: int | None = None,
        suffix: str = "",
    ) -> Signal:
        """Add u = bias + sum of map(source), after identity neurons for values that a weighted map reads.

        Args:
            sources: one for each map.
            linears: all of which give the same shape.
            bias: broadcasts against one sample of the result.
            samples: the sample axis of the result; that of the first source if None.
            channel: the axis of the result along which ranges differ.
            suffix: what the node's name gets beside the operation's.
        """
        if any(x.mask is not None for x in sources):
            raise UnsupportedOperationError("it reads numbers masked with minus infinity; only a softmax may")
        sources = [
            self.identity(x) if x.kind == "value" and _weighted(linear) else x
            for x, linear in zip(sources, linears, strict=True)
        ]
        try:
            shape = mapped_shape(linears[0], sources[0].shape)
        except ValueError as error:
            raise UnsupportedOperationError(f"its argument has another shape than it takes: {error}") from error
        if len(sources) == 1 and isinstance(linears[0], _ROUTING):
            kind = sources[0].kind if bias is None or sources[0].kind != "spikes" else "current"
        else:
            kind = "value" if any(x.kind == "value" for x in sources) else "current"
        node = Synapses(
            name=self.fresh(suffix),
            inputs=tuple(Edge(source=x.node) for x in sources),
            shape=shape,
            maps=tuple(linears),
            bias=None if bias is None else np.asarray(bias, dtype=float),
            origin=self.place,
        )
        self.nodes.append(node)
        return Signal(node=node.name, kind=kind, shape=shape, samples=samples or sources[0].samples, channel=channel)

    def neurons(
        self,
        drive: Signal,
        name: str,
        arguments: tuple[float, ...] = (),
        paired: bool = False,
        span: tuple[float, float] | None = None,
        offset: bool = False,
        uniform: bool = False,
    ) -> Signal:
        """Add a population that codes f(drive).

        Args:
            drive: what it integrates.
            name: of f.
            arguments: what f takes beside the drive.
            paired: ON/OFF pairs for a signed f.
            span: the range (low, high), if it is part of f; else calibration finds it.
            offset: silence stands for the smallest value found by calibration, not for zero.
            uniform: one range for the whole population.

        Raises:
            UnsupportedOperationError: the code cannot carry f.
        """
        if self.streaming and (not function(name).linear or paired or offset or name == "identity"):
            raise UnsupportedOperationError(
                f"the {self.code} code carries relu and clip, not {name}; use code='radix' or code='latency'"
            )
        linear = function(name).linear
        low, high = (UNKNOWN, UNKNOWN) if span is None else (np.array(span[0], float), np.array(span[1], float))
        node = Neurons(
            name=self.fresh(name if name not in self.name else ""),
            inputs=(Edge(source=drive.node),),
            shape=drive.shape,
            origin=self.place,
            steps=self.steps,
            low=np.zeros(()) if paired or (span is None and not offset) else low,
            high=high,
            paired=paired,
            channel=drive.channel if linear and not uniform else None,
            offset=offset,
            function=name,
            arguments=arguments,
            fixed=span is not None,
        )
        self.nodes.append(node)
        return drive.moved(node=node.name, kind="spikes")

    def identity(self, x: Signal, offset: bool = False, uniform: bool = False) -> Signal:
        """Add a population that codes its drive as it is, in ON/OFF pairs or with an offset."""
        return self.neurons(x, "identity", paired=not offset, offset=offset, uniform=uniform)

    def gate(self, a: Signal, b: Signal, equation: str = "", shape: tuple[int, ...] | None = None) -> Signal:
        """Add a product of two signals, with identity neurons where neither side spikes.

        Args:
            a: one side.
            b: the other.
            equation: an einsum over the axes of one sample; empty for an elementwise product of equal shapes.
            shape: of the result; that of `a` if None.

        Raises:
            UnsupportedOperationError: the code carries no products.
        """
        if not CODES[self.code].gates:
            raise UnsupportedOperationError(
                f"the {self.code} code carries no product of two signals; use code='radix' or code='latency'"
            )
        if a.kind != "spikes" and b.kind == "spikes":
            a, b = b, a
            if equation:
                (left, right), result = equation.split("->")[0].split(","), equation.split("->")[1]
                equation = f"{right},{left}->{result}"
        elif a.kind != "spikes":
            a = self.identity(a)
        node = Gate(
            name=self.fresh("product"),
            inputs=(Edge(source=a.node), Edge(source=b.node)),
            shape=a.shape if shape is None else shape,
            equation=equation,
            origin=self.place,
        )
        self.nodes.append(node)
        return a.moved(node=node.name, kind="value", shape=node.shape)

    def constant(self, values: ndarray, samples: Samples) -> Signal:
        """Add a current that is the same for every sample: synapses without a source."""
        node = Synapses(
            name=self.fresh("constant"), inputs=(), shape=values.shape, maps=(), bias=values, origin=self.place
        )
        self.nodes.append(node)
        return Signal(node=node.name, kind="current", shape=values.shape, samples=samples)

    def tokens(self, x: Signal, size: int) -> tuple[Signal, list[maps.LinearMap]]:
        """Make an argument one of tokens, each a one-hot spike among `size` neurons.

        Args:
            x: whole numbers, as the network was given them or in another shape or order.
            size: of the vocabulary.

        Returns:
            The spikes (..., token, size) of the argument, and the maps that brought its numbers to `x`.

        Raises:
            UnsupportedOperationError: the tokens are not an argument of the network, or of another vocabulary.
        """
        node, route = self._origin(x)
        if not isinstance(node, Encode) or node.size not in (None, size):
            raise UnsupportedOperationError("its tokens are computed, or looked up in tables of two sizes")
        shape = node.shape if node.size is not None else (*node.shape, size)
        if node.size is None:
            spikes = replace(node, size=size, shape=shape, low=np.zeros(()), high=np.ones(()), current=False)
            self.nodes[self.nodes.index(node)] = spikes
        return x.moved(node=node.name, shape=shape), route

    def vocabulary(self, x: Signal) -> int | None:
        """Return how many tokens there are, if the numbers of a signal are tokens as the network was given them."""
        node, _ = self._origin(x)
        return node.size if isinstance(node, Encode) else None

    def _origin(self, x: Signal) -> tuple[Node, list[maps.LinearMap]]:
        """Return the node whose numbers a signal passes on, and the maps on the way."""
        by_name = {node.name: node for node in self.nodes}
        node: Node = by_name[x.node]
        route: list[maps.LinearMap] = []
        while isinstance(node, Synapses) and len(node.maps) == 1 and isinstance(node.maps[0], _ROUTING):
            route.insert(0, node.maps[0])
            node = by_name[node.inputs[0].source]
        return node, route

    def body(self) -> "Builder":
        """Return a builder for the body of a loop within the current operation."""
        return Builder(code=self.code, steps=self.steps, place=self.place, name=self.name, names=self.names)

    def port(self, position: int, shape: tuple[int, ...], kind: Kind = "current") -> Signal:
        """Add what a loop hands to its body."""
        node = Port(name=self.fresh(f"port{position}"), inputs=(), shape=shape, position=position, origin=self.place)
        self.nodes.append(node)
        return Signal(node=node.name, kind=kind, shape=shape, samples=Samples(axis=0), channel=-1 if shape else None)

    def loop(
        self,
        body: "Builder",
        sequences: list[Signal],
        states: list[Signal],
        results: list[Signal],
        reverse: bool = False,
    ) -> Signal:
        """Add a loop.

        Args:
            body: a builder that holds the nodes of one round.
            sequences: cut along the first axis of a sample.
            states: before the first round.
            results: of a round, signals of `body`: the next states, and last what is emitted.
            reverse: run from the end of the sequence.
        """
        if not CODES[self.code].gates:
            raise UnsupportedOperationError(
                f"the {self.code} code carries no recurrence; use code='radix' or 'latency'"
            )
        for position, result in enumerate(results):
            readout = Readout(
                name=body.fresh("result"), inputs=(Edge(source=result.node),), shape=result.shape, position=position
            )
            body.nodes.append(readout)
        first = sequences[0]
        node = Loop(
            name=self.fresh(),
            inputs=tuple(Edge(source=x.node) for x in sequences + states),
            shape=(first.shape[0], *results[-1].shape),
            origin=self.place,
            body=Graph(code=self.code, steps=self.steps, nodes=tuple(body.nodes)),
            sequences=len(sequences),
            reverse=reverse,
        )
        self.nodes.append(node)
        return first.moved(node=node.name, kind=results[-1].kind, shape=node.shape, channel=-1)

    def winner(self, x: Signal, shape: tuple[int, ...], mask: ndarray | None = None, **geometry: object) -> Signal:
        """Add a race among the spikes of `x`, after identity neurons if it does not come straight from neurons."""
        node = next(node for node in self.nodes if node.name == x.node)
        straight = isinstance(node, Neurons | Winner) and not getattr(node, "paired", False)
        reduces = bool(geometry.get("axes"))
        if not straight or (reduces and getattr(node, "channel", None) is not None):
            x = self.identity(x, offset=True, uniform=reduces)
        race = Winner(
            name=self.fresh("max"),
            inputs=(Edge(source=x.node),),
            shape=shape,
            origin=self.place,
            mask=mask,
            **geometry,  # type: ignore[arg-type]
        )
        self.nodes.append(race)
        return x.moved(node=race.name, shape=shape)

    def sample_array(self, tensor: Tensor | float) -> ndarray:
        """Return a constant as an array that broadcasts against one sample of the current operation's result."""
        array = np.asarray(
            tensor.detach().double().cpu().numpy() if isinstance(tensor, Tensor) else tensor, dtype=float
        )
        axis, alone = next((i - len(self.dims), n == 1) for i, (n, holds) in enumerate(self.dims) if holds)
        return array.squeeze(axis) if alone and array.ndim >= -axis else array

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one sample of the current operation's result."""
        return tuple(n for n, holds in self.dims if not (holds and n == 1))

    def broadcast(self, x: Signal) -> Signal:
        """Return a signal with its axes repeated to those of the current operation's result.

        Raises:
            UnsupportedOperationError: its samples are on another axis than those of the result.
        """
        axis = next(i for i, (_, holds) in enumerate(self.dims) if holds)
        if x.samples.axis - x.rank != axis - len(self.dims):
            raise UnsupportedOperationError("it combines tensors whose samples are on different axes")
        samples = Samples(axis=axis, before=x.samples.before, alone=x.samples.alone)
        if x.shape == self.shape:
            return x.moved(samples=samples)
        return self.synapses([x], [maps.Expand(shape=self.shape)], samples=samples, channel=x.channel, suffix="expand")

    def routed(
        self, x: Signal, linear: maps.LinearMap, samples: Samples | None = None, channel: int | None = None
    ) -> Signal:
        """Add synapses that only route: reshape, permute, take, pad."""
        return self.synapses([x], [linear], samples=samples, channel=channel)
