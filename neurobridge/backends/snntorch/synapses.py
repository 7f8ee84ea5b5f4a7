"""A synapses node as a PyTorch module: the sum of its maps and a bias."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from neurobridge.backends.snntorch.maps import Convolve, Dense, build, frozen
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Synapses


class Weights(nn.Module):
    """u = bias + sum over inputs of map(x).

    Attributes:
        maps: one module for each input.
        bias: broadcasts against a sample, or None.
    """

    def __init__(self, graph: Graph, node: Synapses, dtype: torch.dtype) -> None:
        super().__init__()
        shapes = [graph.by_name[edge.source].shape for edge in node.inputs]
        built = [build(linear, shape, dtype) for linear, shape in zip(node.maps, shapes, strict=True)]
        self.maps = nn.ModuleList(built)
        self.bias = None if node.bias is None else frozen(node.bias, dtype)
        self._adder = next((i for i, module in enumerate(built) if _adds_bias(module, node)), -1)

    def forward(self, inputs: Sequence[Tensor], with_bias: bool = True) -> Tensor:
        """Return the sum of the maps of `inputs`, which may have any axes in front of those of a sample.

        Synapses without inputs are a constant, the same for every sample.
        """
        if not inputs:
            return self.bias[None]
        adder = self._adder if with_bias else -1
        terms = [
            module(x, self.bias.reshape(-1)) if position == adder else module(x)
            for position, (module, x) in enumerate(zip(self.maps, inputs, strict=True))
        ]
        total = sum(terms[1:], start=terms[0])
        if self.bias is not None and with_bias and adder < 0:
            total = total + self.bias
        return total


def _adds_bias(module: nn.Module, node: Synapses) -> bool:
    """Return whether a module can add the bias itself: one number for each of its targets or channels."""
    if node.bias is None or not isinstance(module, Dense | Convolve):
        return False
    axis = -1 if isinstance(module, Dense) else -1 - module.rank
    bias = node.bias
    return bias.ndim >= -axis and bias.size == bias.shape[axis] == node.shape[axis]
