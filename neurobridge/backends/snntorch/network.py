"""A spiking graph as a PyTorch module whose neurons are snnTorch neurons."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from typing import Any, Literal

import numpy as np
import torch
from numpy import ndarray
from torch import Tensor, nn

from neurobridge.backends.snntorch import settling, streaming, windowed
from neurobridge.backends.snntorch.answering import Answer, answers, named
from neurobridge.backends.snntorch.counting import Counter, Counting
from neurobridge.backends.snntorch.fan_out import Reach, fan_out
from neurobridge.backends.snntorch.neurons import WindowedNeuron
from neurobridge.backends.snntorch.parts import Parts
from neurobridge.backends.snntorch.synapses import Weights
from neurobridge.backends.snntorch.winners import Race
from neurobridge.errors import InputError, lookup
from neurobridge.graph import maps
from neurobridge.graph.checks import check
from neurobridge.graph.codes import CODES
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Dynamics, Encode, Loop, Neurons, Node, Population, Synapses, Winner
from neurobridge.graph.rewrite import wired
from neurobridge.graph.sequences import goes_to_loops
from neurobridge.graph.timing import interval, latency, windows
from neurobridge.spikes.activity import Activity

Runtime = Literal["fast", "stepped"]
RUNTIMES = {
    "rate": {"fast": streaming.fast, "stepped": streaming.stepped},
    "signed": {"fast": settling.fast, "stepped": settling.stepped},
    "radix": {"fast": windowed.fast, "stepped": windowed.stepped},
    "latency": {"fast": windowed.fast, "stepped": windowed.stepped},
}
"""By code."""


class SpikingNetwork(nn.Module):
    """A spiking network: `logits = network(x)`.

    Two runtimes fire the same spikes: `fast` computes them in closed form, layer by layer, and `stepped` moves every
    spike through its neuron and its synapses at its own time step.

    Attributes:
        graph: the network as data, with calibrated ranges.
        wired: the graph that is run: whole numbers on wires, quanta folded into weights.
        parts: the module of each node of `wired` that has one.
        runtime: which runtime `forward` uses.
        certificate: what the conversion found for each population; None for a graph made by hand.
    """

    _like: Tensor

    def __init__(self, graph: Graph, dtype: torch.dtype = torch.float32, runtime: Runtime = "fast") -> None:
        super().__init__()
        _check_precision(dtype)
        check(graph)
        self.graph = graph
        self.wired = wired(graph)
        self.runtime: Runtime = runtime
        self.certificate: Any = None
        self.register_buffer("_like", torch.zeros((), dtype=dtype), persistent=False)
        built = self._modules_of(self.wired)
        self.parts = Parts({name: module for name, module in built.items() if module is not None})
        self.requires_grad_(False).eval()

    def _modules_of(self, graph: Graph) -> dict[str, nn.Module | None]:
        """Return the module of each node, those inside loops too."""
        found: dict[str, nn.Module | None] = {}
        for node in graph.nodes:
            if isinstance(node, Loop):
                found |= self._modules_of(node.body)
            else:
                found[node.name] = self._module(graph, node)
        return found

    def _module(self, graph: Graph, node: Node) -> nn.Module | None:
        code = CODES[self.graph.code]
        match node:
            case Synapses():
                return Weights(graph, node, self.dtype)
            case Winner():
                return Race(node, graph.source(node).shape)
            case Neurons() if code.takes_back:
                return settling.SettlingNeuron(node, self.dtype)
            case Neurons() if code.averages:
                return streaming.IntegrateAndFire(node, self.dtype)
            case Dynamics():
                return streaming.LeakyIntegrateAndFire(node, self.dtype)
            case Encode() if code.streaming or node.size is not None:
                return None
            case Population():
                neuron = WindowedNeuron(node, self.graph.code, self.dtype)
                neuron.owns_drive = bool(node.inputs) and _is_fresh(graph, graph.source(node))
                return neuron
            case _:
                return None

    @property
    def dtype(self) -> torch.dtype:
        """Of weights and membranes; follows `network.double()`."""
        return self._like.dtype

    @property
    def device(self) -> torch.device:
        """Where weights and membranes are; follows `network.to(...)`."""
        return self._like.device

    @property
    def code(self) -> str:
        """Name of the code."""
        return self.graph.code

    @property
    def steps(self) -> int:
        """T, the steps of one window (of the whole run for a streaming code)."""
        return self.graph.steps

    @property
    def latency(self) -> int:
        """Time steps from the first input spike to the decided output."""
        return latency(self.graph)

    @property
    def interval(self) -> int:
        """Time steps between two samples when the layers work as a pipeline."""
        return interval(self.graph)

    @property
    def windows(self) -> dict[str, tuple[int, int]]:
        """Spiking node -> its first time step and the one after its last."""
        return windows(self.graph)

    def forward(self, *inputs: Tensor | ndarray, runtime: Runtime | None = None) -> Answer:
        """Return the outputs for real inputs (sample, ...): a tensor, or a tuple, dict or named tuple of several.

        Args:
            inputs: as the original network takes them.
            runtime: "fast" or "stepped"; that of the network if None.

        Raises:
            InputError: another number of inputs, another shape, or values that are not finite.
            UnknownNameError: a runtime that does not exist.
        """
        return named(self.graph, answers(self.graph, self.run(inputs, runtime)))

    def run(
        self, inputs: tuple[Tensor | ndarray, ...], runtime: Runtime | None = None, watch: windowed.Watch | None = None
    ) -> list[Tensor]:
        """Return the potentials of every readout, calling `watch` (see `windowed.Watch`) with what each node fired."""
        runtimes: Any = RUNTIMES[self.code]
        action = lookup("runtime", runtime or self.runtime, runtimes)
        with _whole_numbers(self.device):
            return action(self.wired, self.parts, self._given(inputs), watch, self.dtype)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "SpikingNetwork":
        _check_precision(fn(self._like).dtype)
        return super()._apply(fn, recurse)

    @cached_property
    def reach(self) -> Reach:
        """How many synapses each neuron's spike reaches."""
        with self.device:  # spikes are tried where the weights are
            return fan_out(self.wired, self.parts)

    @cached_property
    def counting(self) -> Counting:
        """What counting needs to know, worked out at the first `observe`."""
        return Counting(self.wired, self.reach)

    @torch.no_grad()
    def observe(self, *inputs: Tensor | ndarray) -> Activity:
        """Return outputs, spikes and operations of a batch, by the fast runtime.

        Args:
            inputs: as the original network takes them.

        Raises:
            InputError: as `forward`.
        """
        counter = Counter(self.counting)
        outputs = self.run(inputs, "fast", counter)
        return counter.activity(answers(self.graph, outputs)[0])

    @torch.no_grad()
    def raster(self, *inputs: Tensor | ndarray) -> dict[str, ndarray]:
        """Return spiking node -> its spikes (step, sample, ...) within its window, by the stepped runtime.

        A spike of the OFF neuron of a pair is -1; `windows` says when each node's first step is.
        """
        trains: dict[str, list[ndarray]] = {}

        def watch(node: Node, spikes: Tensor) -> None:
            trains.setdefault(node.name, []).append(spikes.cpu().numpy().astype(np.int8))

        self.run(inputs, "stepped", watch)
        spans = self.windows
        return {name: _laid_out(rounds, *spans.get(name, (0, len(rounds[0])))) for name, rounds in trains.items()}

    @cached_property
    def _any_length(self) -> dict[str, bool]:
        """Encoder -> whether the first axis of its samples is a sequence of any length."""
        return {node.name: goes_to_loops(self.graph, node) for node in self.graph.inputs}

    def _given(self, inputs: tuple[Tensor | ndarray, ...]) -> dict[str, Tensor]:
        read, given = self.graph.given([torch.as_tensor(x) for x in inputs]), {}
        for node in self.graph.inputs:
            x = read[node.name]
            sample = node.shape if node.size is None else node.shape[:-1]
            sample = (self.steps, *sample) if node.timed else sample
            fixed = 2 if self._any_length[node.name] else 1
            if x.ndim != len(sample) + 1 or tuple(x.shape[fixed:]) != sample[fixed - 1 :] or 0 in x.shape[1:]:
                wanted = ", ".join(map(str, ("sample", "any length", *sample)[:fixed] + sample[fixed - 1 :]))
                raise InputError(f"input {node.name!r} has shape {tuple(x.shape)}; the network takes ({wanted})")
            given[node.name] = self._numbers(node, x) if node.size is None else self._tokens(node, x)
        return given

    def _numbers(self, node: Encode, x: Tensor) -> Tensor:
        if not bool(torch.isfinite(x.sum())) and not bool(torch.isfinite(x).all()):
            raise InputError(f"input {node.name!r} holds NaN or infinite values; remove those samples")
        return x.to(self._like)

    def _tokens(self, node: Encode, x: Tensor) -> Tensor:
        if x.is_floating_point():
            raise InputError(f"input {node.name!r} takes whole numbers, the tokens; it got {x.dtype}")
        if x.numel() and not 0 <= int(x.min()) <= int(x.max()) < node.size:
            raise InputError(f"input {node.name!r} holds tokens outside 0 ... {node.size - 1}")
        return x.to(self.device)


def _check_precision(dtype: torch.dtype) -> None:
    if dtype not in (torch.float32, torch.float64):
        raise InputError(f"dtype {dtype} is not torch.float32 or torch.float64, which hold every number exactly")


def _whole_numbers(device: torch.device) -> AbstractContextManager:
    """Return a context without mixed precision, whose products would not hold the numbers that spikes spell."""
    mixed = torch.amp.is_autocast_available(device.type) and torch.is_autocast_enabled(device.type)
    return torch.autocast(device.type, enabled=False) if mixed else nullcontext()


def _is_fresh(graph: Graph, drive: Node) -> bool:
    """Return whether a drive is computed anew and read once, so that it may be overwritten."""
    if not isinstance(drive, Synapses) or len(graph.consumers[drive.name]) != 1:
        return False
    return len(drive.maps) > 1 or isinstance(drive.maps[0], maps.Convolve | maps.Dense)


def _laid_out(rounds: list[ndarray], start: int, stop: int) -> ndarray:
    """Return the spikes of all rounds of a loop in one array over time, at the steps where they were fired."""
    if len(rounds) == 1:
        return rounds[0]
    steps = len(rounds[0])
    period = (stop - start - steps) // (len(rounds) - 1)
    whole = np.zeros((stop - start, *rounds[0].shape[1:]), dtype=rounds[0].dtype)
    for number, spikes in enumerate(rounds):
        whole[number * period : number * period + steps] = spikes
    return whole
