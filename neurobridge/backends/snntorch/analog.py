"""A graph with real numbers instead of spikes: what calibration watches, and what spikes are compared with."""

import math
from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from neurobridge.backends.snntorch.parts import Parts
from neurobridge.backends.snntorch.synapses import Weights
from neurobridge.backends.snntorch.windowed import Watch, one_hot, product, rounds
from neurobridge.backends.snntorch.winners import Race
from neurobridge.errors import lookup
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Encode, Gate, Loop, Neurons, Node, Population, Port, Readout, Synapses, Winner

PassedOn = Callable[[Node, Tensor], Tensor]
"""Called with a population and its real values; returns what it passes on."""

FUNCTIONS = {
    "identity": lambda x: x,
    "relu": torch.relu,
    "clip": torch.clamp,
    "step": lambda x: (x >= 0).to(x.dtype),
    "floor": torch.floor,
    "round": torch.round,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "normal_cdf": torch.special.ndtr,
    "normal_cdf_tanh": lambda x: torch.sigmoid(2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)),
    "mish_gate": lambda x: torch.tanh(functional.softplus(x)),
    "sine_segment": lambda x, a, b: (x.clamp(a, b).sin() - math.sin(a)).abs(),
    "erf": torch.erf,
    "softplus": lambda x, b: functional.softplus(x, b),
    "elu": lambda x, a, s: s * functional.elu(x, a),
    "log_sigmoid": functional.logsigmoid,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "reciprocal": torch.reciprocal,
    "reciprocal_sqrt": lambda x, e: torch.rsqrt(x + e),
}
"""The functions of `graph.functions` on tensors."""


class AnalogNetwork(nn.Module):
    """A spiking graph whose populations pass on f(drive) itself.

    Attributes:
        graph: with or without calibrated ranges.
        functions: those of populations on tensors, by name.
    """

    def __init__(
        self,
        graph: Graph,
        dtype: torch.dtype = torch.float32,
        functions: Mapping[str, Callable[..., Tensor]] = FUNCTIONS,
    ) -> None:
        super().__init__()
        self.graph, self.dtype, self.functions = graph, dtype, functions
        self.parts = Parts()
        self._add_parts(graph)

    def _add_parts(self, graph: Graph) -> None:
        for node in graph.nodes:
            if isinstance(node, Synapses):
                self.parts[node.name] = Weights(graph, node, self.dtype)
            elif isinstance(node, Winner):
                self.parts[node.name] = Race(node, graph.source(node).shape)
            elif isinstance(node, Loop):
                self._add_parts(node.body)

    @torch.no_grad()
    def run(
        self, inputs: tuple[Tensor, ...], watch: Watch | None = None, passed_on: PassedOn | None = None
    ) -> list[Tensor]:
        """Return the outputs.

        Args:
            inputs: as the network takes them.
            watch: called with every node and its real values, once a round in a loop.
            passed_on: what populations pass on instead of their real values, such as the nearest coded ones.
        """
        return self(inputs, watch, passed_on)

    def forward(
        self, inputs: tuple[Tensor, ...], watch: Watch | None = None, passed_on: PassedOn | None = None
    ) -> list[Tensor]:
        """Return the outputs as `run` does, with gradients."""
        return self._outputs(self.graph, self.graph.given(inputs), watch, passed_on)

    def _outputs(
        self, graph: Graph, given: dict[str, Tensor], watch: Watch | None, passed_on: PassedOn | None
    ) -> list[Tensor]:
        values: dict[str, Tensor] = {}
        for node in graph.nodes:
            held = [values[edge.source] for edge in node.inputs]
            match node:
                case Port():
                    values[node.name] = given[node.name]
                case Encode(size=None):
                    values[node.name] = given[node.name].to(self.dtype)
                case Encode():
                    values[node.name] = one_hot(given[node.name], node, self.dtype)
                case Neurons():
                    f = lookup("function", node.function, self.functions)
                    values[node.name] = f(held[0], *node.arguments)
                case Synapses():
                    values[node.name] = self.parts[node.name](held)
                case Winner():
                    values[node.name] = self.parts[node.name].number(held[0])
                case Gate():
                    values[node.name] = product(node, *held)
                case Readout():
                    values[node.name] = held[0]
                case Loop():
                    body = partial(self._outputs, node.body, watch=watch, passed_on=passed_on)
                    emitted = rounds(node, held, held[0].shape[1], lambda x, step: x[:, step], body)
                    values[node.name] = torch.stack(emitted, dim=1)
            if watch is not None:
                watch(node, values[node.name])
            if passed_on is not None and isinstance(node, Population):
                values[node.name] = passed_on(node, values[node.name])
        return [values[node.name] for node in graph.outputs]
