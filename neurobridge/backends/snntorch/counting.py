"""What a network did on a batch: spikes by population, accumulates by receiver."""

import numpy as np
import torch
from torch import Tensor

from neurobridge.backends.snntorch.fan_out import Reach
from neurobridge.graph.codes import CODES
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Encode, Loop, Node, Population, Winner
from neurobridge.graph.scales import carrier
from neurobridge.spikes.activity import Activity


class Counter:
    """Adds up spikes while a runtime fires them: pass it to the runtime as `watch`.

    Attributes:
        spikes: population -> spikes of each sample.
        operations: receiver -> accumulates of each sample.
    """

    def __init__(self, graph: Graph, reach: Reach) -> None:
        self.graph, self.code = graph, CODES[graph.code]
        self.spikes: dict[str, Tensor] = {}
        self.operations: dict[str, Tensor] = {}
        self._rounds: dict[str, int] = {}
        self._receivers: dict[str, list[str]] = {}
        self._weights: dict[str, Tensor] = {}
        nodes = graph.everywhere
        self._backwards = {n for loop in graph.of(Loop) if loop.reverse for n in loop.body.everywhere}
        targets: dict[str, list[tuple[str, Tensor]]] = {}
        for receiver, sources in reach.synapses.items():
            for source, synapses in sources.items():
                targets.setdefault(source, []).append((receiver, synapses))
        for source, rows in targets.items():
            shape = nodes[source].shape
            length = reach.rounds.get(source, 1)
            columns = [torch.ones(shape), *(synapses for _, synapses in rows)]
            each = [x.expand(length, *shape).reshape(length, -1) for x in columns]
            self._receivers[source] = [name for name, _ in rows]
            self._weights[source] = torch.stack(each, dim=-1)

    def __call__(self, node: Node, fired: Tensor) -> None:
        """Count what a node fired: its numbers, or its spikes over time (streaming)."""
        if isinstance(node, Encode) and node.current:
            return
        if isinstance(node, Encode) and node.size is not None:
            counts = torch.nn.functional.one_hot(fired.long(), node.size)
        else:
            levels = self.code.levels(carrier(self.graph, node).steps)
            counts = fired.sum(dim=0) if self.code.streaming else count(fired, self.code.name, levels)
        rows = counts.reshape(len(counts), -1)
        number = self._rounds.get(node.name, 0)
        self._rounds[node.name] = number + 1
        weights = self._weights.get(node.name)
        if weights is None:
            _add(self.spikes, node.name, rows.sum(dim=1))
            return
        number = len(weights) - 1 - number if node.name in self._backwards else number
        totals = rows.to(weights.dtype) @ weights[number].to(rows.device)
        _add(self.spikes, node.name, totals[:, 0])
        for column, receiver in enumerate(self._receivers[node.name], start=1):
            _add(self.operations, receiver, totals[:, column])


def _add(totals: dict[str, Tensor], name: str, more: Tensor) -> None:
    """Add to a total, which grows with every round of a loop."""
    totals[name] = totals[name] + more if name in totals else more


def count(numbers: Tensor, code: str, levels: int) -> Tensor:
    """Return the spikes that carry each number up to `levels`: one a binary digit (radix), one at most (latency)."""
    if code == "latency":
        return (numbers != 0).to(torch.uint8)
    magnitude = numbers.abs()
    if levels < 256:
        return _ones_in_bytes(magnitude.to(torch.uint8))
    low = magnitude.to(torch.int32)
    return _ones_in_bytes((low & 255).to(torch.uint8)) + _ones_in_bytes((low >> 8 & 255).to(torch.uint8))


def _ones_in_bytes(numbers: Tensor) -> Tensor:
    """Return the ones among the binary digits of bytes, eight bytes at a time."""
    flat = numbers.contiguous().reshape(-1)
    x = torch.nn.functional.pad(flat, (0, -len(flat) % 8)).view(torch.int64)
    x = x - (x >> 1 & 0x5555555555555555)
    x = (x & 0x3333333333333333) + (x >> 2 & 0x3333333333333333)
    x = x + (x >> 4) & 0x0F0F0F0F0F0F0F0F
    return x.view(torch.uint8)[: len(flat)].reshape(numbers.shape)


def activity(graph: Graph, reach: Reach, counter: Counter, outputs: Tensor) -> Activity:
    """Return what was counted, as arrays."""
    nodes = graph.everywhere
    currents = {node.name for node in graph.of(Encode) if node.current}
    dense: dict[str, float] = {}
    analog: dict[str, float] = {}
    for receiver, rows in reach.synapses.items():
        rounds = reach.rounds.get(receiver, 1)
        if not isinstance(nodes[receiver], Winner):
            dense[receiver] = rounds * float(sum(synapses.double().sum() for synapses in rows.values()))
        if rows.keys() & currents:
            analog[receiver] = graph.steps * float(sum(rows[name].double().sum() for name in rows.keys() & currents))
    spiking = [node for node in nodes.values() if node.name in counter.spikes]
    return Activity(
        outputs=outputs.cpu().numpy(),
        spikes={node.name: np.rint(counter.spikes[node.name].double().cpu().numpy()).astype(int) for node in spiking},
        neurons={node.name: _neurons(node) for node in spiking},
        operations={name: total.double().cpu().numpy() for name, total in counter.operations.items()},
        dense_operations=dense,
        analog_operations=analog,
        updates={
            n.name: _neurons(n) * n.steps * reach.rounds.get(n.name, 1) for n in spiking if isinstance(n, Population)
        },
    )


def _neurons(node: Node) -> int:
    return int(np.prod(node.shape)) * (2 if isinstance(node, Population) and node.paired else 1)
