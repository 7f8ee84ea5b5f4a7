"""A network written with snnTorch's own neurons, as a graph that every simulator here runs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import snntorch
import torch
from numpy import ndarray
from torch import nn

from neurobridge.errors import InputError, UnsupportedOperationError
from neurobridge.graph import maps
from neurobridge.graph.checks import check
from neurobridge.graph.codes import check_steps
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Dynamics, Edge, Encode, Node, Readout, Shape, Synapses
from neurobridge.graph.shapes import mapped_shape


def from_snntorch(model: nn.Sequential, example: torch.Tensor | ndarray, steps: int) -> Graph:
    """Return a network of layers and snnTorch neurons as a graph, spike for spike.

    The graph is driven by inputs (sample, step, ...) and its output is the mean over the steps of what the last
    module passes on.

    Args:
        model: `nn.Sequential` of the modules in `LAYERS` and snnTorch's Leaky, RLeaky and Synaptic, as it is in
            evaluation; sequences may hold sequences, and the last module may be neurons or a layer.
        example: inputs of one step, (sample, ...).
        steps: how many steps to run.

    Raises:
        UnsupportedOperationError: modules or options that a graph has no counterpart for, all of them named.
        InputError: not an `nn.Sequential`, or an example that does not fit.
    """
    if not isinstance(model, nn.Sequential):
        raise InputError(
            f"from_snntorch takes an nn.Sequential, as snnTorch's tutorials write one, not a {type(model).__name__}"
        )
    check_steps("rate", steps)
    reading = Reading(steps=steps)
    reading.start(tuple(example.shape[1:]))
    for name, module in _one_by_one(model):
        reading.read(name, module)
    return reading.finished()


def _one_by_one(model: nn.Sequential) -> Iterator[tuple[str, nn.Module]]:
    """Yield the modules of a sequence and of the sequences in it."""
    for name, module in model.named_children():
        if isinstance(module, nn.Sequential):
            yield from ((f"{name}_{inner}", part) for inner, part in _one_by_one(module))
        else:
            yield name, module


@dataclass
class Reading:
    """A graph in the making.

    Attributes:
        steps: T.
        nodes: so far; the last one is what the next module reads.
        refused: what has no counterpart.
    """

    steps: int
    nodes: list[Node] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def start(self, shape: Shape) -> None:
        """Add the input."""
        ranges = {"low": np.zeros(()), "high": np.ones(())}
        self.nodes.append(Encode(name="input", inputs=(), shape=shape, steps=self.steps, timed=True, **ranges))

    def read(self, name: str, module: nn.Module) -> None:
        """Add the nodes of one module, or why there are none."""
        why = _refusal(module)
        if why is not None:
            self.refused.append(f"{name!r} ({type(module).__name__}): {why}")
            return
        if isinstance(module, snntorch.Leaky | snntorch.RLeaky | snntorch.Synaptic):
            self._neurons(f"{type(module).__name__}{name}", module)
        else:
            made = LAYERS[type(module)](module, self.nodes[-1].shape)
            if made is not None:
                self._synapses(f"{type(module).__name__}{name}", *made)

    def _synapses(self, name: str, linear: maps.LinearMap, bias: ndarray | None) -> None:
        source = self.nodes[-1]
        try:
            shape = mapped_shape(linear, source.shape)
        except ValueError as error:
            raise InputError(f"{name} does not fit the example: {error}") from error
        edge = (Edge(source=source.name),)
        self.nodes.append(Synapses(name=name, inputs=edge, shape=shape, maps=(linear,), bias=bias))

    def _neurons(self, name: str, module: Any) -> None:
        source = self.nodes[-1]
        drive = source
        if isinstance(module, snntorch.RLeaky):
            back, bias = _recurrent(module, source.shape)
            edges = (Edge(source=source.name), Edge(source=name, delay=1))
            linear = (maps.Identity(), back)
            drive = Synapses(name=f"{name}-drive", inputs=edges, shape=source.shape, maps=linear, bias=bias)
            self.nodes.append(drive)
        threshold = _array(module.threshold)
        reset = {"subtract": threshold, "zero": None, "none": np.zeros(())}[module.reset_mechanism]
        self.nodes.append(
            Dynamics(
                name=name,
                inputs=(Edge(source=drive.name),),
                shape=source.shape,
                steps=self.steps,
                low=np.zeros(()),
                high=np.ones(()),
                beta=_array(module.beta.clamp(0, 1)),
                alpha=_array(module.alpha.clamp(0, 1)) if isinstance(module, snntorch.Synaptic) else None,
                threshold=threshold,
                reset=reset,
            )
        )

    def finished(self) -> Graph:
        """Return the checked graph."""
        if self.refused:
            raise UnsupportedOperationError(f"a graph cannot hold these modules: {'; '.join(self.refused)}")
        last = self.nodes[-1]
        readout = Readout(name="output", inputs=(Edge(source=last.name),), shape=last.shape)
        graph = Graph(code="rate", steps=self.steps, nodes=()).with_nodes((*self.nodes, readout))
        check(graph)
        return graph


def _array(x: torch.Tensor) -> ndarray:
    return x.detach().cpu().double().numpy().copy()


def _refusal(module: nn.Module) -> str | None:
    """Return why a module has no counterpart, or None."""
    if not isinstance(module, snntorch.SpikingNeuron):
        return None if type(module) in LAYERS else f"none of {', '.join(kind.__name__ for kind in LAYERS)}"
    if not isinstance(module, snntorch.Leaky | snntorch.RLeaky | snntorch.Synaptic):
        return "none of Leaky, RLeaky, Synaptic"
    if not module.reset_delay:
        return "reset_delay=False loses spikes; a graph resets one step later, as snnTorch does by default"
    if module.inhibition or module.state_quant:
        return "inhibition and quantised states"
    if np.any(_array(module.graded_spikes_factor) != 1):
        return "graded spikes"
    if isinstance(module, snntorch.Synaptic) and module.reset_mechanism == "zero":
        return "reset to zero also wipes out the input of that step; use reset_mechanism='subtract'"
    return None


def _recurrent(module: Any, shape: Shape) -> tuple[maps.LinearMap, ndarray | None]:
    """Return how the last spikes come back."""
    inner = module.recurrent
    if isinstance(inner, nn.Linear | nn.Conv2d):
        made = LAYERS[type(inner)](inner, shape)
        assert made is not None
        return made
    return maps.Scale(factor=_array(module.recurrent.V)), None


Layer = tuple[maps.LinearMap, ndarray | None] | None


def _bias(module: Any, rank: int) -> ndarray | None:
    return None if module.bias is None else _array(module.bias).reshape(-1, *[1] * rank)


def _linear(module: nn.Linear, shape: Shape) -> Layer:
    return maps.Dense(weight=_array(module.weight)), _bias(module, 0)


def _convolution(module: Any, shape: Shape) -> Layer:
    rank = len(module.stride)
    if isinstance(module.padding, str):
        reach = [d * (k - 1) for k, d in zip(module.kernel_size, module.dilation, strict=True)]
        if module.padding == "same" and any(r % 2 for r in reach):
            raise UnsupportedOperationError("padding='same' of an even kernel pads one side more; pad before the layer")
        padding = tuple(r // 2 for r in reach) if module.padding == "same" else (0,) * rank
    else:
        padding = tuple(module.padding)
    linear = maps.Convolve(
        weight=_array(module.weight),
        stride=tuple(module.stride),
        padding=padding,
        dilation=tuple(module.dilation),
        groups=module.groups,
    )
    return linear, _bias(module, rank)


def _pool(rank: int) -> Callable[[Any, Shape], Layer]:
    def read(module: Any, shape: Shape) -> Layer:
        sides = {"kernel": module.kernel_size, "stride": module.stride, "padding": module.padding}
        pairs = {name: tuple(int(n) for n in np.broadcast_to(value, (rank,))) for name, value in sides.items()}
        linear = maps.AveragePool(
            ceil_mode=module.ceil_mode,
            count_include_pad=module.count_include_pad,
            divisor=getattr(module, "divisor_override", None),
            **pairs,
        )
        return linear, None

    return read


def _normalised(module: Any, shape: Shape) -> Layer:
    if module.running_mean is None:
        raise UnsupportedOperationError("batch normalisation without running statistics depends on the batch")
    ones = [1] * (len(shape) - 1)
    share = 1 / np.sqrt(_array(module.running_var) + module.eps)
    share = share if module.weight is None else share * _array(module.weight)
    bias = -_array(module.running_mean) * share + (0.0 if module.bias is None else _array(module.bias))
    return maps.Scale(factor=share.reshape(-1, *ones)), bias.reshape(-1, *ones)


def _flatten(module: nn.Flatten, shape: Shape) -> Layer:
    if module.start_dim < 1:
        raise UnsupportedOperationError(f"Flatten from axis {module.start_dim} mixes samples; start at 1")
    axes = range(len(shape))
    end = module.end_dim - 1 if module.end_dim > 0 else module.end_dim
    first, last = module.start_dim - 1, axes[end]
    return maps.Reshape(shape=(*shape[:first], int(np.prod(shape[first : last + 1])), *shape[last + 1 :])), None


def _nothing(module: nn.Module, shape: Shape) -> Layer:
    return None


LAYERS: dict[type[nn.Module], Callable[[Any, Shape], Layer]] = {
    nn.Linear: _linear,
    nn.Conv1d: _convolution,
    nn.Conv2d: _convolution,
    nn.AvgPool1d: _pool(1),
    nn.AvgPool2d: _pool(2),
    nn.BatchNorm1d: _normalised,
    nn.BatchNorm2d: _normalised,
    nn.Flatten: _flatten,
    nn.Dropout: _nothing,
    nn.Identity: _nothing,
}
"""Module -> its map and bias; None passes on what it gets."""
