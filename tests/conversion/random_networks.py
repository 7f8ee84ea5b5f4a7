"""Random networks over the lowering table, and their fake-quantised twins, which know nothing of the lowering.

A twin interprets the exported network in float64. It is written from the design alone: what is a population, what it
codes, which products need an identity population. It takes only the ranges of the populations from the conversion.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.graph.codes import CODES, quantum
from neurobridge.graph.nodes import Population

SIZE = 5


@dataclass(frozen=True)
class Wire:
    """A tensor of the twin: coded "spikes", a "current" linear in them, or a "value", which is a product."""

    x: Tensor
    kind: str


# what a random network does to one of its tensors, after a linear layer of its own; and to two of them
UNARY: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda x: x,
    "relu": F.relu,
    "leaky relu": lambda x: F.leaky_relu(x, 0.1),
    "abs": torch.abs,
    "relu6": F.relu6,
    "hardtanh": lambda x: F.hardtanh(x, -0.7, 0.6),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "erf": torch.erf,
    "elu": lambda x: F.elu(x, 0.7),
    "selu": F.selu,
    "softplus": F.softplus,
    "log sigmoid": F.logsigmoid,
    "exp": torch.exp,
    "silu": F.silu,
    "gelu": F.gelu,
    "square": lambda x: x**2,
    "softmax": lambda x: torch.softmax(x, -1),
    "layer norm": lambda x: F.layer_norm(x, (SIZE,)),
}
BINARY: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "join": lambda a, b: torch.cat([a, b], -1)[..., 2 : SIZE + 2],
    "gate": lambda a, b: a * torch.sigmoid(b),
}
STEMS = ("flat", "rows", "image")


class Random(nn.Module):
    """A stem, then operations on tensors made before, all of one shape; the last one and the first are read out."""

    def __init__(self, seed: int, stem: str, plan: list[tuple[str, int, int]]) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.stem, self.plan = stem, plan
        if stem == "image":
            self.convolve, self.norm = nn.Conv2d(2, 3, 3, padding=1), nn.BatchNorm2d(3)
            self.norm.running_mean.normal_()
            self.norm.running_var.uniform_(0.5, 2)
            self.enter = nn.Linear(12, SIZE)
        self.layers = nn.ModuleList(nn.Linear(SIZE, SIZE) for _ in plan)
        self.readout = nn.Linear(SIZE, 3)
        self.eval().requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        if self.stem == "image":
            x = F.avg_pool2d(F.max_pool2d(F.relu(self.norm(self.convolve(x))), 2), 2)
            x = self.enter(x.flatten(1))
        known = [x]
        for (name, one, two), layer in zip(self.plan, self.layers, strict=True):
            a, b = known[one % len(known)], known[two % len(known)]
            known.append(UNARY[name](layer(a)) if name in UNARY else BINARY[name](layer(a), b))
        last = known[-1].mean(1) if self.stem == "rows" else known[-1]
        return self.readout(last)

    def inputs(self, count: int, seed: int) -> Tensor:
        """Return random inputs of the network's shape."""
        shape = {"flat": (SIZE,), "rows": (3, SIZE), "image": (2, 8, 8)}[self.stem]
        return torch.randn(count, *shape, generator=torch.Generator().manual_seed(seed))


class Twin(torch.fx.Interpreter):
    """The exported network with every population's numbers rounded to its levels."""

    def __init__(self, model: nn.Module, x: Tensor, network: SpikingNetwork) -> None:
        program = torch.export.export(copy.deepcopy(model).double().eval(), (x.double(),))
        exported = program.module(check_guards=False)
        exported.graph.eliminate_dead_code()
        super().__init__(exported)
        self.code, self.left = network.code, list(network.graph.populations)
        self.numbers: dict[str, Tensor] = {}

    def coded(self, x: Tensor) -> Wire:
        """Return what the operation's next population sends of `x`."""
        node = self.next_population()
        levels = CODES[self.code].levels(node.steps)
        unit = torch.as_tensor(quantum(node.low, node.high, self.code, node.steps, node.paired))
        if node.paired:
            n = torch.floor(x.abs() / unit + 0.5).clamp(max=levels) * x.sign()
        else:
            n = torch.floor((x - torch.as_tensor(node.low)) / unit + 0.5).clamp(0, levels)
        self.numbers[node.name] = n
        return Wire(n * unit + (0.0 if node.paired else torch.as_tensor(node.low)), "spikes")

    def next_population(self) -> Population:
        """Return the first population left that the conversion made of this operation."""
        node = next(n for n in self.left if n.name == self.call or n.name.startswith(self.call + "-"))
        self.left.remove(node)
        return node

    def has_population(self) -> bool:
        """Return whether the conversion made one more population of this operation."""
        return any(n.name == self.call or n.name.startswith(self.call + "-") for n in self.left)

    def weighted(self, a: Wire) -> Tensor:
        """Return what a weighted map reads: spikes and currents as they are, of a product an identity population."""
        return self.coded(a.x).x if a.kind == "value" else a.x

    def product(self, a: Wire, b: Wire) -> Wire:
        """Return a product: one side must spike."""
        if "spikes" not in (a.kind, b.kind):
            a = self.coded(a.x)
        return Wire(a.x * b.x, "value")

    def run_node(self, n: torch.fx.Node) -> object:
        self.call = n.name
        return super().run_node(n)

    def placeholder(self, target, args, kwargs):
        return self.coded(super().placeholder(target, args, kwargs))

    def output(self, target, args, kwargs):
        return args[0][0].x

    def call_module(self, target, args, kwargs):
        return None

    def call_function(self, target, args, kwargs):
        name = str(target).split(".")[1]
        return MEANINGS[name](self, *args, **kwargs)


def _linear_in(*wires: Wire) -> str:
    return "value" if any(w.kind == "value" for w in wires) else "current"


def _coding(f: Callable) -> Callable:
    return lambda twin, a, *rest: twin.coded(f(a.x, *rest))


def _two_rails(slope: Callable) -> Callable:
    def meaning(twin, a, *rest):
        on, off = twin.coded(F.relu(a.x)), twin.coded(F.relu(-a.x))
        return Wire(on.x - slope(*rest) * off.x, "current")

    return meaning


def _gated(g: Callable) -> Callable:
    return lambda twin, a, *rest: Wire(twin.coded(g(a.x)).x * a.x, "value")


def _square(twin, a, *rest):
    return Wire(twin.coded(a.x).x * a.x, "value")


def _sum(sign: int) -> Callable:
    return lambda twin, a, b: Wire(a.x + sign * b.x, _linear_in(a, b))


def _softmax(twin, a, axis, *rest):
    top = twin.coded(a.x).x.amax(axis, keepdim=True)
    powers = twin.coded(torch.exp(a.x - top))
    return twin.product(powers, twin.coded(1 / powers.x.sum(axis, keepdim=True)))


def _layer_norm(twin, a, *rest):
    centred = a.x - a.x.mean(-1, keepdim=True)
    variance = (twin.coded(centred).x * centred).mean(-1, keepdim=True)
    return Wire(twin.coded(torch.rsqrt(variance + 1e-5)).x * centred, "value")


def _max_pool(twin, a, *rest):
    x = twin.coded(a.x).x if twin.has_population() else a.x  # a maximum commutes with the neurons behind it
    return Wire(F.max_pool2d(x, *rest), "spikes" if a.kind == "spikes" or twin.has_population() else a.kind)


def _routed(f: Callable) -> Callable:
    return lambda twin, a, *rest: Wire(f(a.x, *rest), a.kind)


MEANINGS: dict[str, Callable] = {
    "linear": lambda twin, a, *weights: Wire(F.linear(twin.weighted(a), *weights), "current"),
    "conv2d": lambda twin, a, *rest: Wire(F.conv2d(twin.weighted(a), *rest), "current"),
    "batch_norm": lambda twin, a, w, b, m, v, *rest: Wire(F.batch_norm(a.x, m, v, w, b), _linear_in(a)),
    "relu": _coding(F.relu),
    "hardtanh": _coding(F.hardtanh),
    "relu6": _coding(F.relu6),
    "sigmoid": _coding(torch.sigmoid),
    "tanh": _coding(torch.tanh),
    "erf": _coding(torch.erf),
    "elu": _coding(F.elu),
    "selu": _coding(F.selu),
    "softplus": _coding(F.softplus),
    "log_sigmoid": _coding(F.logsigmoid),
    "exp": _coding(torch.exp),
    "leaky_relu": _two_rails(lambda slope: slope),
    "abs": _two_rails(lambda: -1.0),
    "silu": _gated(torch.sigmoid),
    "gelu": _gated(lambda x: torch.special.ndtr(x)),
    "pow": _square,
    "softmax": _softmax,
    "layer_norm": _layer_norm,
    "mul": lambda twin, a, b: twin.product(a, b),
    "add": _sum(1),
    "sub": _sum(-1),
    "cat": lambda twin, parts, axis: Wire(torch.cat([p.x for p in parts], axis), _linear_in(*parts)),
    "slice": _routed(lambda x, *rest: torch.ops.aten.slice.Tensor(x, *rest)),
    "flatten": _routed(torch.flatten),
    "mean": lambda twin, a, axes: Wire(a.x.mean(axes), _linear_in(a)),
    "avg_pool2d": lambda twin, a, *rest: Wire(F.avg_pool2d(a.x, *rest), _linear_in(a)),
    "max_pool2d": _max_pool,
}
"""ATen operation -> what it is in a network of spikes, written from the design."""


def decoded(planes: list[Tensor], code: str) -> np.ndarray:
    """Return the numbers that a population's spikes spell, window by window."""
    return CODES[code].decode(torch.stack(planes).numpy())
