"""What a network did on a batch: spikes by population, accumulates by receiver."""

import numpy as np
import torch
from torch import Tensor

from neurobridge.backends.snntorch.fan_out import Reach
from neurobridge.graph.codes import CODES
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Encode, Node, Population, Winner
from neurobridge.graph.readers import is_source
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
        targets: dict[str, list[tuple[str, Tensor]]] = {}
        for receiver, sources in reach.items():
            for source, synapses in sources.items():
                targets.setdefault(source, []).append((receiver, synapses.reshape(-1)))
        self._receivers = {source: [name for name, _ in rows] for source, rows in targets.items()}
        self._weights = {
            source: torch.stack([torch.ones_like(rows[0][1]), *(synapses for _, synapses in rows)], dim=1)
            for source, rows in targets.items()
        }

    def __call__(self, node: Node, fired: Tensor) -> None:
        """Count what a node fired: its numbers, or its spikes over time (streaming)."""
        if isinstance(node, Encode) and node.current:
            return
        if isinstance(node, Encode) and node.size is not None:
            counts = fired
        else:
            levels = self.code.levels(carrier(self.graph, node).steps)
            counts = fired.sum(dim=0) if self.code.streaming else count(fired, self.code.name, levels)
        rows = counts.reshape(len(counts), -1)
        weights = self._weights.get(node.name)
        if weights is None:
            self.spikes[node.name] = rows.sum(dim=1)
            return
        totals = rows.to(weights.dtype) @ weights.to(rows.device)
        self.spikes[node.name] = totals[:, 0]
        for column, receiver in enumerate(self._receivers[node.name], start=1):
            before = self.operations.get(receiver)
            self.operations[receiver] = totals[:, column] if before is None else before + totals[:, column]


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
    sources = [node for node in graph.nodes if is_source(node)]
    races = {node.name for node in graph.of(Winner)}
    dense = {
        receiver: float(sum(synapses.double().sum() for synapses in rows.values()))
        for receiver, rows in reach.items()
        if receiver not in races
    }
    currents = {node.name for node in graph.of(Encode) if node.current}
    analog = {
        receiver: float(sum(rows[name].double().sum() for name in rows.keys() & currents)) * graph.steps
        for receiver, rows in reach.items()
        if rows.keys() & currents
    }
    spiking = [node for node in sources if node.name in counter.spikes]
    return Activity(
        outputs=outputs.cpu().numpy(),
        spikes={node.name: np.rint(counter.spikes[node.name].double().cpu().numpy()).astype(int) for node in spiking},
        neurons={node.name: _neurons(node) for node in spiking},
        operations={name: total.double().cpu().numpy() for name, total in counter.operations.items()},
        dense_operations=dense,
        analog_operations=analog,
        updates={node.name: _neurons(node) * _steps(graph, node) for node in spiking},
    )


def _neurons(node: Node) -> int:
    return int(np.prod(node.shape)) * (2 if isinstance(node, Population) and node.paired else 1)


def _steps(graph: Graph, node: Node) -> int:
    return graph.steps if CODES[graph.code].streaming else carrier(graph, node).steps
