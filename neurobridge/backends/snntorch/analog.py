"""A graph with real numbers instead of spikes: what calibration watches, and what spikes are compared with."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from neurobridge.backends.snntorch.synapses import Weights
from neurobridge.backends.snntorch.windowed import Watch, one_hot, product
from neurobridge.backends.snntorch.winners import Race
from neurobridge.errors import lookup
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Encode, Gate, Neurons, Readout, Synapses, Winner

FUNCTIONS = {
    "identity": lambda x: x,
    "relu": torch.relu,
    "clip": torch.clamp,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "normal_cdf": torch.special.ndtr,
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
    """

    def __init__(self, graph: Graph, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.graph, self.dtype = graph, dtype
        self.parts = nn.ModuleDict()
        for node in graph.nodes:
            if isinstance(node, Synapses):
                self.parts[node.name] = Weights(graph, node, dtype)
            elif isinstance(node, Winner):
                self.parts[node.name] = Race(node, graph.source(node).shape)

    @torch.no_grad()
    def run(self, inputs: tuple[Tensor, ...], watch: Watch | None = None) -> list[Tensor]:
        """Return the outputs, calling `watch` with every node and its real values."""
        given = {node.name: x for node, x in zip(self.graph.inputs, inputs, strict=True)}
        values: dict[str, Tensor] = {}
        for node in self.graph.nodes:
            held = [values[edge.source] for edge in node.inputs]
            match node:
                case Encode(size=None):
                    values[node.name] = given[node.name].to(self.dtype)
                case Encode():
                    values[node.name] = one_hot(given[node.name], node, self.dtype)
                case Neurons():
                    f = lookup("function", node.function, FUNCTIONS)
                    values[node.name] = f(held[0], *node.arguments)
                case Synapses():
                    values[node.name] = self.parts[node.name](held)
                case Winner():
                    values[node.name] = self.parts[node.name].number(held[0])
                case Gate():
                    values[node.name] = product(node, *held)
                case Readout():
                    values[node.name] = held[0]
            if watch is not None:
                watch(node, values[node.name])
        return [values[node.name] for node in self.graph.outputs]
