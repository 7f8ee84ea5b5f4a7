"""What a network did on a batch: spikes by population, accumulates by receiver."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from neurobridge.backends.snntorch.fan_out import Reach
from neurobridge.graph.codes import CODES
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Encode, Loop, Node, Population, Winner
from neurobridge.graph.scales import carrier, spikes_numbers
from neurobridge.spikes.activity import Activity


class Counting:
    """What counting needs to know of a network, worked out once.

    Attributes:
        code: of the network.
        levels: coded node -> the largest number it sends.
        receivers: source -> who reads it.
        weights: source -> (round, neuron, 1 + receiver): one for the spike itself, then its synapses.
        backwards: nodes in loops that run from the end of the sequence.
        dense: receiver -> multiply-accumulates of one sample if its maps were not spiking.
        analog: receiver -> multiply-accumulates of one sample that remain: a constant current at every step.
        neurons: spiking node -> its neurons.
        updates: population -> its neuron updates for one sample.
    """

    def __init__(self, graph: Graph, reach: Reach) -> None:
        nodes = graph.everywhere
        self.code = CODES[graph.code]
        self.levels = dict(_levels(graph))
        self.backwards = {n for loop in graph.of(Loop) if loop.reverse for n in loop.body.everywhere}
        self.receivers: dict[str, list[str]] = {}
        self.weights: dict[str, Tensor] = {}
        self._lay_out(nodes, reach)
        # numbers of their own at each step may be spikes or not: they are charged as numbers
        currents = {node.name for node in graph.of(Encode) if node.current or node.timed}
        sums = {name: {s: float(x.double().sum()) for s, x in rows.items()} for name, rows in reach.synapses.items()}
        self.dense = {
            name: reach.rounds.get(name, 1) * sum(rows.values())
            for name, rows in sums.items()
            if not isinstance(nodes[name], Winner)
        }
        self.analog = {
            name: (graph.steps if self.code.averages else 1) * sum(rows[c] for c in rows.keys() & currents)
            for name, rows in sums.items()
            if rows.keys() & currents
        }
        self.neurons = {name: _neurons(node) for name, node in nodes.items() if isinstance(node, Population | Winner)}
        self.updates = {
            node.name: self.neurons[node.name] * steps * reach.rounds.get(node.name, 1)
            for node in graph.populations
            for steps in (graph.steps if self.code.streaming else node.steps,)
        }

    def _lay_out(self, nodes: dict[str, Node], reach: Reach) -> None:
        targets: dict[str, list[tuple[str, Tensor]]] = {}
        for receiver, sources in reach.synapses.items():
            for source, synapses in sources.items():
                targets.setdefault(source, []).append((receiver, synapses))
        for source, rows in targets.items():
            shape, length = nodes[source].shape, reach.rounds.get(source, 1)
            columns = [rows[0][1].new_ones(shape), *(synapses for _, synapses in rows)]
            each = [x.expand(length, *shape).reshape(length, -1) for x in columns]
            self.receivers[source] = [name for name, _ in rows]
            self.weights[source] = torch.stack(each, dim=-1)


def _levels(graph: Graph) -> Iterator[tuple[str, int]]:
    """Yield each coded node, those inside loops too, and the largest number it sends."""
    for node in graph.nodes:
        if isinstance(node, Loop):
            yield from _levels(node.body)
        elif spikes_numbers(node):
            yield node.name, CODES[graph.code].levels(carrier(graph, node).steps)


def _neurons(node: Node) -> int:
    return int(np.prod(node.shape)) * (2 if isinstance(node, Population) and node.paired else 1)


class Counter:
    """Adds up spikes while a runtime fires them: pass it to the runtime as `watch`.

    Attributes:
        spikes: population -> spikes of each sample.
        operations: receiver -> accumulates of each sample.
    """

    def __init__(self, counting: Counting) -> None:
        self.counting = counting
        self.spikes: dict[str, Tensor] = {}
        self.operations: dict[str, Tensor] = {}
        self._rounds: dict[str, int] = {}

    def __call__(self, node: Node, fired: Tensor) -> None:
        """Count what a node fired: its numbers, or its spikes over time (streaming)."""
        known, name = self.counting, node.name
        if isinstance(node, Encode) and node.current:
            return
        if isinstance(node, Encode) and node.size is not None:
            counts = torch.nn.functional.one_hot(fired.long(), node.size)
        else:
            counts = fired.abs().sum(dim=0) if known.code.streaming else self._spelt(node, fired)
        rows = counts.reshape(len(counts), -1)
        number = self._rounds.get(name, 0)
        self._rounds[name] = number + 1
        weights = known.weights.get(name)
        if weights is None:
            _add(self.spikes, name, rows.sum(dim=1))
            return
        number = len(weights) - 1 - number if name in known.backwards else number
        totals = rows.to(weights.dtype) @ weights[number].to(rows.device)
        _add(self.spikes, name, totals[:, 0])
        for column, receiver in enumerate(known.receivers[name], start=1):
            _add(self.operations, receiver, totals[:, column])

    def _spelt(self, node: Node, numbers: Tensor) -> Tensor:
        known = self.counting
        signed = not isinstance(node, Population) or node.paired
        return count(numbers, known.code.name, known.levels[node.name], signed)

    def activity(self, outputs: Tensor) -> Activity:
        """Return what was counted, as arrays."""
        known = self.counting
        return Activity(
            outputs=outputs.cpu().numpy(),
            spikes={name: total.round().long().cpu().numpy() for name, total in self.spikes.items()},
            neurons={name: known.neurons[name] for name in self.spikes},
            operations={name: total.double().cpu().numpy() for name, total in self.operations.items()},
            dense_operations=known.dense,
            analog_operations=known.analog,
            updates={name: known.updates[name] for name in self.spikes if name in known.updates},
        )


def _add(totals: dict[str, Tensor], name: str, more: Tensor) -> None:
    """Add to a total, which grows with every round of a loop."""
    totals[name] = totals[name] + more if name in totals else more


def count(numbers: Tensor, code: str, levels: int, signed: bool = True) -> Tensor:
    """Return the spikes that carry each number up to `levels`: one a binary digit (radix), one at most (latency)."""
    if code == "latency":
        return (numbers != 0).to(torch.uint8)
    magnitude = numbers.abs() if signed else numbers
    if levels < 256:
        return _ones_in_bytes(magnitude.to(torch.uint8))
    low = magnitude.to(torch.int32)
    return _ones_in_bytes((low & 255).to(torch.uint8)) + _ones_in_bytes((low >> 8 & 255).to(torch.uint8))


def _ones_in_bytes(numbers: Tensor) -> Tensor:
    """Return the ones among the binary digits of bytes, eight bytes at a time."""
    flat = numbers.contiguous().reshape(-1)
    padded = flat if len(flat) % 8 == 0 else torch.nn.functional.pad(flat, (0, -len(flat) % 8))
    x = padded.view(torch.int64)
    x = x - (x >> 1).bitwise_and_(0x5555555555555555)
    x = (x >> 2).bitwise_and_(0x3333333333333333).add_(x & 0x3333333333333333)
    x = (x >> 4).add_(x).bitwise_and_(0x0F0F0F0F0F0F0F0F)
    return x.view(torch.uint8)[: len(flat)].reshape(numbers.shape)
