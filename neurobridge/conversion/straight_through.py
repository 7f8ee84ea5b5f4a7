"""A windowed network that passes gradients straight through its spikes: trained like any, and a graph again after."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np
import torch
from torch import Tensor, nn

from neurobridge.backends.snntorch.analog import FUNCTIONS, AnalogNetwork
from neurobridge.backends.snntorch.parts import Parts
from neurobridge.conversion.learnable import as_array, learnable, with_learnt
from neurobridge.conversion.ranges import Batches, fit_ranges, needs_range, with_table
from neurobridge.graph.codes import CODES
from neurobridge.graph.graph import Graph
from neurobridge.graph.neurons import first_membrane
from neurobridge.graph.nodes import Node, Population, Synapses
from neurobridge.graph.scales import spikes_numbers

NEAREST_TO_ZERO = 1e-15
"""Drives of functions that are defined above zero start here: nearer, single precision has no gradient."""

UNTIED = 1 + 2.0**-12
"""Ranges are wider by this factor: products of a few levels lie half way between two levels of the next population so
often that the order of sums, which no two simulators share, would decide most outputs."""

LARGEST_EXPONENT = 80.0
"""Drives of exponentials end here, for the same reason."""


def _step(x: Tensor) -> Tensor:
    """A spike's arctangent surrogate (Fang et al. 2021): the gradient is 1 / (1 + (pi x)^2)."""
    return _valued((x >= 0).to(x.dtype), torch.atan(torch.pi * x) / torch.pi)


def _valued(values: Tensor, smooth: Tensor) -> Tensor:
    """Return values with the gradient of something smooth; what is added is exactly zero."""
    return values.detach() + (smooth - smooth.detach())


def _positive(x: Tensor) -> Tensor:
    return x.clamp(min=NEAREST_TO_ZERO)


SMOOTH: Mapping[str, Callable[..., Tensor]] = {
    **FUNCTIONS,
    "step": _step,
    "floor": lambda x: _valued(torch.floor(x), x),
    "round": lambda x: _valued(torch.round(x), x),
    "exp": lambda x: torch.exp(x.clamp(max=LARGEST_EXPONENT)),
    "log": lambda x: torch.log(_positive(x)),
    "sqrt": lambda x: torch.sqrt(_positive(x)),
    "reciprocal": lambda x: torch.reciprocal(_positive(x)),
    "reciprocal_sqrt": lambda x, e: torch.rsqrt(_positive(x + e)),
}
"""The functions of populations, with a gradient everywhere."""


@final
@dataclass(frozen=True, kw_only=True)
class WindowedStart:
    """What a training through windows of spikes starts from, for the records of training runs.

    Args:
        code: of the spikes.
        steps: T.
        weights: a checksum of all weights, biases and ranges.
    """

    code: str
    steps: int
    weights: str


@final
class StraightThroughNetwork(nn.Module):
    """A windowed network in real units, each population's number computed in one step.

        n = floor((v - low) / quantum + first), 0 <= n <= L;  passed on: low + quantum n
        gradient: 1 where low <= v <= high, else 0; `first` is its first membrane, 1/2 unless it shares its numbers

    A window of radix or latency spikes is the nearest of L + 1 numbers, so that its surrogate gradient is the
    straight-through estimator (Bengio et al. 2013; with a range, Hubara et al. 2016). Loops, gates and races keep their
    own gradients. Weights that a network uses at several places are trained at each place for itself, except for those
    of a loop's rounds.

    Attributes:
        graph: of a windowed code, with ranges.
        config: for the records of training runs.
    """

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.graph = graph.mapped(lambda node: with_table(_untied(node), graph.code) if needs_range(node) else node)
        graph = self.graph
        self.analog = AnalogNetwork(graph, functions=SMOOTH)
        self.coded = Parts({n.name: _Coded(n, graph.code) for n in graph.populations if spikes_numbers(n)})
        self.requires_grad_(False)
        for node in graph.everywhere.values():
            for parameter in learnable(node, self.analog.parts[node.name]) if isinstance(node, Synapses) else ():
                parameter.requires_grad_()
        content = b"".join(x.detach().cpu().numpy().tobytes() for x in self.state_dict().values())
        self.config = WindowedStart(code=graph.code, steps=graph.steps, weights=f"{zlib.crc32(content):08x}")

    def forward(self, *inputs: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Return the outputs for real inputs (sample, ...): a tensor, or a tuple where the network has several."""
        outputs = tuple(self.analog(inputs, passed_on=self._passed_on))
        return outputs[0] if len(outputs) == 1 else outputs

    def _passed_on(self, node: Node, values: Tensor) -> Tensor:
        return self.coded[node.name](values) if node.name in self.coded else values

    def fit(self, lowered: Graph, batches: Batches) -> None:
        """Fit the ranges to the weights as they are now.

        Args:
            lowered: the graph as it was before its ranges were known.
            batches: inputs (sample, ...) for each encoder.

        Raises:
            CalibrationError: a population whose values are not finite, or a reciprocal that came too near zero.
        """
        device = next(self.buffers()).device
        there = [tuple(x.to(device) for x in batch) for batch in batches]
        fitted = fit_ranges(lowered, self.analog, there)
        for node in fitted.populations:
            if node.name in self.coded:
                self.coded[node.name].set(_untied(node))

    def learnt(self) -> Graph:
        """Return the graph with what was learnt and the ranges it was learnt with."""
        return self.graph.mapped(self._learnt)

    def _learnt(self, node: Node) -> Node:
        if isinstance(node, Synapses):
            return with_learnt(node, self.analog.parts[node.name])
        if node.name not in self.coded:
            return node
        ranged = self.coded[node.name].ranged(node)
        return ranged if ranged is node else with_table(ranged, self.graph.code)


def _untied(node: Node) -> Node:
    """Return a population with a range so wide that its numbers are seldom half way between two levels."""
    if not needs_range(node):
        return node
    high = np.asarray(node.low + UNTIED * (node.high - node.low))  # type: ignore[attr-defined]
    return replace(node, high=high)  # type: ignore[call-arg]


class _Coded(nn.Module):
    """The nearest number that a population can send, with the gradient of a clipped identity."""

    bottom: Tensor
    low: Tensor
    high: Tensor
    quantum: Tensor
    first: Tensor

    def __init__(self, node: Population, code: str) -> None:
        super().__init__()
        self.levels = CODES[code].levels(node.steps)
        shape = torch.broadcast_shapes(node.low.shape, node.high.shape)
        for name in ("bottom", "low", "high", "quantum"):
            self.register_buffer(name, torch.zeros(shape))
        self.register_buffer("first", torch.as_tensor(first_membrane(node), dtype=torch.float32), persistent=False)
        self.set(node)
        self.given = self._ends()

    def set(self, node: Population) -> None:
        """Take over a node's range."""
        low = node.low * 0 if node.paired else node.low
        span = node.high if node.paired else node.high - node.low
        values = {"bottom": -node.high if node.paired else low, "low": low, "high": node.high}
        for name, value in {**values, "quantum": span / self.levels}.items():
            getattr(self, name).copy_(torch.as_tensor(value))

    def forward(self, values: Tensor) -> Tensor:
        return _Nearest.apply(values, self.bottom, self.low, self.high, self.quantum, self.first)

    def _ends(self) -> tuple[Any, ...]:
        return tuple(as_array(end) for end in (self.bottom, self.low, self.high))

    def ranged(self, node: Node) -> Node:
        """Return a node with this range: itself, if it never changed."""
        bottom, low, high = self._ends()
        if all((now == then).all() for now, then in zip(self._ends(), self.given, strict=True)):
            return node
        return replace(node, low=low, high=high, paired=bool((bottom < low).any()))  # type: ignore[call-arg]


class _Nearest(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, values: Tensor, bottom: Tensor, low: Tensor, high: Tensor, quantum: Tensor, first: Tensor
    ) -> Tensor:
        ctx.save_for_backward((values >= bottom) & (values <= high))
        numbers = (torch.minimum(torch.maximum(values, bottom), high) - low) / quantum
        return low + (numbers.abs() + first).floor_().copysign_(numbers) * quantum

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (inside,) = ctx.saved_tensors
        return gradients[0] * inside, None, None, None, None, None
