"""What a network returns: a tensor, or all its outputs as a tuple, a dict or a named tuple, as the original does."""

from collections import namedtuple
from functools import cache

from torch import Tensor

from neurobridge.graph.graph import Graph

Answer = Tensor | tuple[Tensor, ...] | dict[str, Tensor]


def answers(graph: Graph, potentials: list[Tensor]) -> list[Tensor]:
    """Return the outputs of a network from the potentials of its readouts: themselves, or the place of the largest."""
    return [
        x if node.choice is None else x.argmax(dim=node.choice, keepdim=node.kept)
        for node, x in zip(graph.outputs, potentials, strict=True)
    ]


def named(graph: Graph, outputs: list[Tensor]) -> Answer:
    """Return the outputs of a network under the names that it gives them."""
    keys = [node.key for node in graph.outputs]
    if graph.outputs[0].record:
        return _record(graph.outputs[0].record, *keys)(*outputs)
    if any(keys):
        return dict(zip(keys, outputs, strict=True))
    return outputs[0] if len(outputs) == 1 else tuple(outputs)


@cache
def _record(name: str, *keys: str) -> type:
    return namedtuple(name, keys)
