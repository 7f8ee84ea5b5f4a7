"""Linear maps and spiking graphs as data, for every test that runs them.

Weights, ranges and inputs are dyadic and quanta are powers of two, so that float64 sums are exact in any order and
two interpreters must agree on every spike.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from neurobridge.graph import maps
from neurobridge.graph.codes import CODES
from neurobridge.graph.functions import function, threshold_table
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Edge, Encode, Gate, Neurons, Node, Readout, Synapses, Winner
from neurobridge.graph.shapes import mapped_shape

Shape = tuple[int, ...]


def dyadic(rng: np.random.Generator, *shape: int, bits: int = 4, top: float = 1.0) -> np.ndarray:
    """Return random multiples of 2^-bits in [-top, top]."""
    steps = int(top * 2**bits)
    return rng.integers(-steps, steps + 1, shape) / 2.0**bits


def random_convolution(rng: np.random.Generator, rank: int, transposed: bool) -> tuple[maps.Convolve, Shape]:
    """Return a convolution of random geometry and the shape of a sample that it takes."""
    groups = int(rng.integers(1, 4))
    per_group, targets = (int(n) for n in rng.integers(1, 4, 2))
    kernel, stride, dilation = (tuple(int(n) for n in rng.integers(1, 4, rank)) for _ in range(3))
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    if transposed:
        extra = tuple(int(rng.integers(0, max(s, d))) for s, d in zip(stride, dilation, strict=True))
        spatial = tuple(int(n) for n in rng.integers(2, 5, rank))
        padding = tuple(int(rng.integers(0, (r + 1) // 2)) for r in reach)
        weight = dyadic(rng, groups * per_group, targets, *kernel)
    else:
        extra = ()
        padding = tuple(int(n) for n in rng.integers(0, 3, rank))
        spatial = tuple(int(max(1, r - 2 * p) + rng.integers(0, 4)) for r, p in zip(reach, padding, strict=True))
        weight = dyadic(rng, groups * targets, per_group, *kernel)
    linear = maps.Convolve(
        weight=weight,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        transposed=transposed,
        output_padding=extra,
    )
    return linear, (groups * per_group, *spatial)


def random_average_pool(rng: np.random.Generator, rank: int) -> tuple[maps.AveragePool, Shape]:
    """Return an average pooling of random geometry and the shape of a sample that it takes."""
    kernel, stride = (tuple(int(n) for n in rng.integers(1, 4, rank)) for _ in range(2))
    padding = tuple(int(rng.integers(0, k // 2 + 1)) for k in kernel)
    spatial = tuple(int(k + rng.integers(0, 4)) for k in kernel)
    linear = maps.AveragePool(
        kernel=kernel,
        stride=stride,
        padding=padding,
        ceil_mode=bool(rng.integers(2)),
        count_include_pad=bool(rng.integers(2)),
        divisor=int(rng.integers(1, 9)) if rank > 1 and rng.integers(2) else None,
    )
    return linear, (int(rng.integers(1, 4)), *spatial)


def structural_maps(rng: np.random.Generator) -> dict[str, tuple[maps.LinearMap, Shape]]:
    """Return one map of every other kind and the shape of a sample that it takes; axes of length one on purpose."""
    a, b, c = (int(n) for n in rng.integers(1, 4, 3))
    return {
        "identity": (maps.Identity(), (a, b)),
        "dense": (maps.Dense(weight=dyadic(rng, c, b)), (a, b)),
        "dense of a vector": (maps.Dense(weight=dyadic(rng, c, b)), (b,)),
        "along": (maps.Along(weight=dyadic(rng, c, b), axis=-2), (a, b, 2)),
        "scale": (maps.Scale(factor=dyadic(rng, b, 1)), (a, b, c)),
        "scale of all": (maps.Scale(factor=np.array(0.5)), (a, b)),
        "reshape to flat": (maps.Reshape(shape=(a * b,)), (1, a, b)),
        "reshape to more": (maps.Reshape(shape=(1, a, 1, b)), (a * b,)),
        "reshape of one number": (maps.Reshape(shape=(1, 1)), ()),
        "permute": (maps.Permute(axes=(2, 0, 1)), (a, b, c)),
        "expand": (maps.Expand(shape=(a, b, c)), (b, 1)),
        "expand of one number": (maps.Expand(shape=(a, b)), ()),
        "take": (maps.Take(indices=(b - 1, 0, -1), axis=-2), (a, b, c)),
        "take one away": (maps.Take(indices=(0,), axis=-3, keep=False), (a, b, c)),
        "pad": (maps.Pad(widths=((1, 0), (0, 2))), (a, b, c)),
    }


def random_maps(seed: int) -> dict[str, tuple[maps.LinearMap, Shape]]:
    """Return maps of every kind with random geometry, each with the shape of a sample that it takes."""
    rng = np.random.default_rng(seed)
    found = structural_maps(rng)
    for rank in (1, 2, 3):
        found[f"convolve {rank}d"] = random_convolution(rng, rank, transposed=False)
        found[f"transposed convolve {rank}d"] = random_convolution(rng, rank, transposed=True)
        found[f"average pool {rank}d"] = random_average_pool(rng, rank)
    return found


@dataclass
class Sketch:
    """A graph in the making: each method adds a node and returns its name.

    Attributes:
        code: name of the code.
        steps: T of populations that name none.
        seed: of weights and ranges.
    """

    code: str
    steps: int
    seed: int = 0
    nodes: list[Node] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)

    def shape(self, name: str) -> Shape:
        return next(node.shape for node in self.nodes if node.name == name)

    def _add(self, node: Node) -> str:
        self.nodes.append(node)
        return node.name

    def _name(self, kind: str) -> str:
        return f"{kind}{len(self.nodes)}"

    def range(self, steps: int, *shape: int, exponent: int = 1) -> np.ndarray:
        """Return largest values that make quanta powers of two (thresholds, for a streaming code)."""
        unit = np.asarray(2.0 ** self.rng.integers(-1, exponent + 1, shape))
        levels = CODES[self.code].levels(steps)
        return unit if CODES[self.code].averages else np.asarray(unit * levels / 2.0 ** np.ceil(np.log2(levels)))

    def encode(self, *shape: int, paired: bool = False, steps: int | None = None) -> str:
        streams, steps = CODES[self.code].streaming, steps or self.steps
        position = sum(isinstance(node, Encode) for node in self.nodes)
        high = self.range(steps, exponent=0)
        low = np.zeros(())
        name = self._name("input")
        return self._add(
            Encode(
                name=name,
                inputs=(),
                shape=shape,
                steps=steps,
                low=low,
                high=high,
                paired=paired and not streams,
                current=streams,
                position=position,
            )
        )

    def synapses(self, *terms: tuple[str, maps.LinearMap], bias: np.ndarray | None = None) -> str:
        name = self._name("synapses")
        edges = tuple(Edge(source=source) for source, _ in terms)
        linears = tuple(linear for _, linear in terms)
        shape = mapped_shape(linears[0], self.shape(terms[0][0]))
        return self._add(Synapses(name=name, inputs=edges, shape=shape, maps=linears, bias=bias))

    def convolve(self, x: str, targets: int, stride: int = 1, padding: int = 1, bias: bool = True) -> str:
        weight = dyadic(self.rng, targets, self.shape(x)[0], 3, 3, bits=3)
        rank2 = {"stride": (stride,) * 2, "padding": (padding,) * 2, "dilation": (1, 1)}
        return self.synapses(
            (x, maps.Convolve(weight=weight, **rank2)),
            bias=dyadic(self.rng, targets, 1, 1) if bias else None,
        )

    def dense(self, x: str, targets: int) -> str:
        weight = dyadic(self.rng, targets, self.shape(x)[-1], bits=3)
        return self.synapses((x, maps.Dense(weight=weight)), bias=dyadic(self.rng, targets))

    def flat(self, x: str) -> str:
        return self.synapses((x, maps.Reshape(shape=(int(np.prod(self.shape(x))),))))

    def average(self, x: str) -> str:
        pool = maps.AveragePool(kernel=(2, 2), stride=(2, 2), padding=(0, 0))
        return self.synapses((x, pool))

    def add(self, a: str, b: str) -> str:
        return self.synapses((a, maps.Identity()), (b, maps.Scale(factor=np.array(-0.5))))

    def concatenate(self, a: str, b: str) -> str:
        here, there, lead = self.shape(a), self.shape(b), len(self.shape(a)) - 1
        behind = maps.Pad(widths=((0, there[0]), *[(0, 0)] * lead))
        before = maps.Pad(widths=((here[0], 0), *[(0, 0)] * lead))
        return self.synapses((a, behind), (b, before))

    def neurons(
        self,
        drive: str,
        name: str = "relu",
        *,
        paired: bool = False,
        low: float = 0.0,
        steps: int | None = None,
        channel: int | None = None,
        arguments: tuple[float, ...] = (),
    ) -> str:
        steps, shape = steps or self.steps, self.shape(drive)
        size = () if channel is None else (shape[channel], *[1] * (-channel - 1))
        span = self.range(steps, *size)
        table = None
        if not function(name).linear:
            top = float(span if low == 0 or paired else low + span)
            table = threshold_table(name, arguments, low, top, CODES[self.code].levels(steps), paired)
        return self._add(
            Neurons(
                name=self._name(name),
                inputs=(Edge(source=drive),),
                shape=shape,
                steps=steps,
                low=np.full((), 0.0 if paired else low),
                high=np.asarray(span if paired else low + span),
                paired=paired,
                function=name,
                arguments=arguments,
                table=table,
                channel=channel,
            )
        )

    def winner(self, x: str, kernel: int = 2, stride: int = 2, padding: int = 0) -> str:
        shape = self.shape(x)
        spatial = tuple((n + 2 * padding - kernel) // stride + 1 for n in shape[-2:])
        geometry = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": 1}
        pairs = {key: (value,) * 2 for key, value in geometry.items()}
        edge = (Edge(source=x),)
        return self._add(Winner(name=self._name("max"), inputs=edge, shape=(*shape[:-2], *spatial), **pairs))

    def winner_of_axes(self, x: str, *axes: int) -> str:
        shape = tuple(1 if i - len(self.shape(x)) in axes else n for i, n in enumerate(self.shape(x)))
        return self._add(Winner(name=self._name("max"), inputs=(Edge(source=x),), shape=shape, axes=axes))

    def gate(self, spikes: str, held: str, equation: str = "", shape: Shape | None = None) -> str:
        edges = (Edge(source=spikes), Edge(source=held))
        name = self._name("gate")
        return self._add(Gate(name=name, inputs=edges, shape=shape or self.shape(spikes), equation=equation))

    def graph(self, *outputs: str) -> Graph:
        """Return the graph that reads out `outputs`."""
        readouts = tuple(
            Readout(name=f"output{i}", inputs=(Edge(source=x),), shape=self.shape(x), position=i)
            for i, x in enumerate(outputs)
        )
        return Graph(code=self.code, steps=self.steps, nodes=(*self.nodes, *readouts))


def inputs_for(graph: Graph, seed: int, samples: int = 3) -> tuple[np.ndarray, ...]:
    """Return dyadic inputs, some beyond the calibrated range, and tokens where a graph takes tokens."""
    rng = np.random.default_rng(seed)
    return tuple(
        dyadic(rng, samples, *node.shape, bits=6, top=1.25)
        if node.size is None
        else rng.integers(0, node.size, (samples, *node.shape[:-1]))
        for node in graph.arguments
    )


def convolutional(code: str, steps: int, seed: int = 0) -> Graph:
    """Return conv, relu, average pool, conv, relu, dense."""
    s = Sketch(code, steps, seed)
    x = s.neurons(s.convolve(s.encode(1, 6, 6), 3), channel=-3)
    x = s.neurons(s.convolve(s.average(x), 2, padding=0))
    return s.graph(s.dense(s.flat(x), 4))


def residual(code: str, steps: int, seed: int = 0) -> Graph:
    """Return a residual block with a concatenation behind it."""
    s = Sketch(code, steps, seed)
    stem = s.neurons(s.convolve(s.encode(2, 4, 4, paired=True), 3), channel=-3)
    branch = s.neurons(s.convolve(stem, 3, bias=False))
    joined = s.neurons(s.add(s.convolve(branch, 3), stem))
    return s.graph(s.dense(s.flat(s.concatenate(joined, stem)), 3))


def clipped(code: str, steps: int, seed: int = 0) -> Graph:
    """Return populations whose silence is not zero, before a padded convolution."""
    s = Sketch(code, steps, seed)
    x = s.neurons(s.convolve(s.encode(1, 4, 4), 2), "clip", low=-0.5, arguments=(-0.5, 1.0))
    x = s.neurons(s.convolve(x, 2), channel=-3)
    return s.graph(s.dense(s.flat(x), 3))


def direct(code: str, steps: int, seed: int = 0) -> Graph:
    """Return two readouts, one straight from the neurons and one from the input."""
    s = Sketch(code, steps, seed)
    x = s.encode(3)
    return s.graph(s.neurons(s.dense(x, 4)), x)


def scalar(code: str, steps: int, seed: int = 0) -> Graph:
    """Return a network of one number in and one number out, its samples without axes."""
    s = Sketch(code, steps, seed)
    wide = s.synapses((s.encode(), maps.Reshape(shape=(1,))))
    x = s.neurons(s.dense(wide, 1))
    return s.graph(s.synapses((x, maps.Reshape(shape=()))))


def pooled_maximum(code: str, steps: int, seed: int = 0) -> Graph:
    """Return races over windows, padded and overlapping, and over whole axes."""
    s = Sketch(code, steps, seed)
    x = s.neurons(s.convolve(s.encode(1, 6, 6), 2), channel=-3)
    x = s.winner(x, kernel=3, stride=2, padding=1)
    y = s.neurons(s.convolve(x, 3), "identity", low=-1.0)
    top = s.winner_of_axes(y, -1, -3)
    return s.graph(s.dense(s.flat(top), 2), s.flat(y))


def gated(code: str, steps: int, seed: int = 0) -> Graph:
    """Return a product of two populations and attention-like contractions of signed pairs."""
    s = Sketch(code, steps, seed)
    x = s.encode(3, 4, paired=True)
    q, k = (s.neurons(s.dense(x, 4), "identity", paired=True) for _ in range(2))
    scores = s.gate(q, k, "ij,kj->ik", (3, 3))
    weights = s.neurons(scores, "sigmoid")
    mixed = s.gate(weights, s.neurons(s.dense(x, 4), "tanh", paired=True), "ik,kj->ij", (3, 4))
    return s.graph(s.dense(s.neurons(s.gate(x, mixed)), 2))


def tables(code: str, steps: int, seed: int = 0) -> Graph:
    """Return populations of every nonlinear shape: rising, falling, bounded, paired, tails that never fire."""
    s = Sketch(code, steps, seed)
    x = s.encode(4, paired=True)
    populations = [
        s.neurons(s.dense(x, 3), "sigmoid"),
        s.neurons(s.dense(x, 3), "tanh", paired=True),
        s.neurons(s.dense(x, 3), "exp"),
        s.neurons(s.dense(x, 3), "reciprocal"),
        s.neurons(s.dense(x, 3), "elu", low=-1.0, arguments=(1.0, 1.0)),
        s.neurons(s.dense(x, 3), "log_sigmoid", low=-2.0),
    ]
    return s.graph(s.synapses(*((name, maps.Dense(weight=dyadic(s.rng, 2, 3))) for name in populations)))


def unlike_windows(code: str, steps: int, seed: int = 0) -> Graph:
    """Return populations of different lengths that meet in one sum, windowed codes only."""
    s = Sketch(code, steps, seed)
    x = s.encode(3, steps=steps + 1)
    a, b = s.neurons(s.dense(x, 4), steps=steps + 2), s.neurons(s.dense(x, 4), steps=steps)
    c = s.neurons(s.add(s.dense(a, 4), s.dense(b, 4)))
    return s.graph(s.dense(s.synapses((a, maps.Identity()), (b, maps.Identity()), (c, maps.Identity())), 2))


def shared_numbers(code: str, steps: int, seed: int = 0) -> Graph:
    """Return numbers that two neurons share, first membranes apart: of the input, of each kind of population."""
    s = Sketch(code, steps, seed)
    share = maps.Scale(factor=np.full((), 0.5))

    def twice(name: str) -> str:
        s.nodes[-1] = node = replace(s.nodes[-1], initial=np.full((), 0.25))
        other = replace(node, name=f"{name}other", initial=np.full((), 0.75))
        if isinstance(node, Neurons) and node.table is not None:
            low, high, levels = float(node.low), float(node.high), CODES[code].levels(node.steps)
            s.nodes[-1], other = (
                replace(n, table=threshold_table(n.function, (), low, high, levels, n.paired, float(n.initial)))
                for n in (node, other)
            )
        s.nodes.append(other)
        return s.synapses((name, share), (other.name, share))

    x = twice(s.encode(4, paired=True))
    hidden = [twice(s.neurons(s.dense(x, 3), channel=-1)), twice(s.neurons(s.dense(x, 3), "identity", paired=True))]
    hidden += [twice(s.neurons(s.dense(x, 3), "tanh", paired=True)), twice(s.neurons(s.dense(x, 3), "reciprocal"))]
    return s.graph(s.synapses(*((name, maps.Dense(weight=dyadic(s.rng, 2, 3))) for name in hidden)))


def tokens(code: str, steps: int, seed: int = 0) -> Graph:
    """Return an embedding, which is a one-hot spike, added to a coded number; windowed codes only."""
    s = Sketch(code, steps, seed)
    x = s.encode(3, 5)
    s.nodes[0] = replace(s.nodes[0], size=5)
    y = s.encode(3, 2, paired=True)
    both = s.synapses((x, maps.Dense(weight=dyadic(s.rng, 4, 5))), (y, maps.Dense(weight=dyadic(s.rng, 4, 2))))
    return s.graph(s.dense(s.neurons(both), 2))


ANY_CODE: dict[str, Callable[..., Graph]] = {
    "convolutional": convolutional,
    "residual": residual,
    "clipped": clipped,
    "direct": direct,
    "scalar": scalar,
}
"""Graphs that every code can carry: (code, steps, seed) -> graph."""

WINDOWED: dict[str, Callable[..., Graph]] = {
    "pooled_maximum": pooled_maximum,
    "gated": gated,
    "tables": tables,
    "unlike_windows": unlike_windows,
    "shared_numbers": shared_numbers,
    "tokens": tokens,
}
"""Graphs that only windowed codes can carry."""

GRAPHS = [
    *((name, build, code, steps) for name, build in ANY_CODE.items() for code, steps in (("rate", 7), ("signed", 7))),
    *(
        (name, build, code, steps)
        for name, build in {**ANY_CODE, **WINDOWED}.items()
        for code, steps in (("radix", 3), ("latency", 6))
    ),
]
"""(name, build, code, steps) of every graph in every code that carries it."""
