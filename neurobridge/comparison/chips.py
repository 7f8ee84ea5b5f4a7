"""Whether a network fits a neuromorphic chip: its neurons, synapses and fan-in against published limits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import final

import numpy as np

from neurobridge.errors import lookup
from neurobridge.graph.graph import Graph
from neurobridge.graph.matrices import drive
from neurobridge.graph.nodes import Dynamics, Encode, Gate, Loop, Neurons, Node, Population, Winner
from neurobridge.graph.rewrite import wired
from neurobridge.graph.sharing import number_of


@final
@dataclass(frozen=True, kw_only=True)
class Chip:
    """The published limits of one chip; None where none is published, or where it depends on the software.

    Args:
        neurons: on the chip.
        synapses: on the chip, each with a weight of its own.
        fan_in: inputs of one neuron.
        weight_bits: of a stored weight.
        layers: cores that each hold one layer with its pooling.
        weights: shared weights of convolutions on the chip.
        source: where the limits are published.
    """

    neurons: int
    synapses: int | None = None
    fan_in: int | None = None
    weight_bits: int
    layers: int | None = None
    weights: int | None = None
    source: str


CHIPS: Mapping[str, Chip] = {
    "Loihi 2": Chip(
        neurons=1_000_000,
        synapses=120_000_000,
        weight_bits=8,
        source="Intel Labs 2021, Taking Neuromorphic Computing to the Next Level with Loihi 2, technology brief",
    ),
    "SpiNNaker 2": Chip(
        neurons=152_000,
        synapses=152_000_000,
        weight_bits=16,
        # its neurons are programs: these are the maker's figures for one chip
        source="H. A. Gonzalez et al. 2024, SpiNNaker2: a large-scale neuromorphic system, arXiv 2401.04491",
    ),
    "Speck": Chip(
        neurons=327_680,
        weights=278_528,
        layers=9,
        weight_bits=8,
        source="sinabs 3.1 documentation, DYNAP-CNN and Speck: overview; M. Yao et al. 2024, Nature Communications 15",
    ),
    "TrueNorth": Chip(
        neurons=1_048_576,
        synapses=268_435_456,
        fan_in=256,
        weight_bits=9,
        source="P. A. Merolla et al. 2014, A million spiking-neuron integrated circuit, Science 345",
    ),
}
"""Limits of one chip. Cores, routing tables and input rates set further ones that only the maker's compiler knows."""


@final
@dataclass(frozen=True, kw_only=True)
class Size:
    """What a network asks of a chip.

    Args:
        neurons: readouts among them, since chips read neurons.
        synapses: one for each pair of neurons, those through poolings too.
        weights: numbers that convolutions and matrices hold, shared ones once.
        fan_in: largest number of neurons before one neuron.
        layers: populations and readouts.
        beyond: what is no population of integrate-and-fire neurons: name of the kind -> how many nodes.
    """

    neurons: int
    synapses: int
    weights: int
    fan_in: int
    layers: int
    beyond: Mapping[str, int]


def size(graph: Graph) -> Size:
    """Return what a network asks of a chip; loops are counted with one copy of their body."""
    whole = wired(graph)
    parts = [whole, *(node.body for node in whole.everywhere.values() if isinstance(node, Loop))]
    driven = [(part, node) for part in parts for node in part.nodes if _is_layer(part, node)]
    synapses, fan_in = 0, 0
    for part, node in driven:
        found = drive(part, node)
        inputs = np.zeros(found.size, dtype=np.int64)
        for projection in found.projections:
            inputs += np.bincount(projection.targets, minlength=found.size)
        synapses, fan_in = synapses + int(inputs.sum()), max(fan_in, int(inputs.max(initial=0)))
    encoders = [n for n in whole.everywhere.values() if isinstance(n, Encode) and not (n.current or n.timed)]
    populations = [node for _, node in driven] + encoders
    return Size(
        neurons=sum(prod(node.shape) * (1 + getattr(node, "paired", False)) for node in populations),
        synapses=synapses,
        weights=_weights(parts),
        fan_in=fan_in,
        layers=len(_numbers(node for _, node in driven)),
        beyond=_beyond(whole),
    )


def _is_layer(part: Graph, node) -> bool:
    return isinstance(node, Neurons | Dynamics) or any(node is out for out in part.outputs)


def _numbers(nodes: Iterable[Node]) -> set[str]:
    """Return the names of layers: neurons that share their numbers are one."""
    return {number_of(node) for node in nodes}


def _weights(parts: Sequence[Graph]) -> int:
    found = [getattr(linear, "weight", None) for part in parts for node in part.nodes for linear in _maps(node)]
    return sum(int(np.count_nonzero(weight)) for weight in found if weight is not None)


def _maps(node) -> tuple:
    return getattr(node, "maps", ())


def _beyond(graph: Graph) -> dict[str, int]:
    """Return what a chip of integrate-and-fire neurons does not have."""
    nodes = list(graph.everywhere.values())
    named = {"product of two populations": Gate, "loop over a sequence": Loop, "race for a maximum": Winner}
    found = {name: sum(isinstance(node, kind) for node in nodes) for name, kind in named.items()}
    found["threshold that adapts"] = len(_numbers(n for n in nodes if isinstance(n, Neurons) and n.table is not None))
    if graph.code in ("radix", "latency", "signed"):
        coding = (n for n in nodes if isinstance(n, Population) and not isinstance(n, Dynamics))
        found[f"neuron of the {graph.code} code"] = len(_numbers(coding))
    return {name: count for name, count in found.items() if count}


def obstacles(graph: Graph, chip: str) -> tuple[str, ...]:
    """Return in words why a network does not fit one chip as it is; nothing where no published limit is passed.

    Raises:
        UnknownNameError: no chip has this name.
    """
    return _obstacles(size(graph), chip)


def _obstacles(asked: Size, chip: str) -> tuple[str, ...]:
    limits = lookup("chip", chip, CHIPS)
    found = [
        f"{getattr(asked, what):,} {what.replace('_', '-')}, of {most:,}"
        for what in ("neurons", "synapses", "fan_in", "weights", "layers")
        if (most := getattr(limits, what)) is not None and getattr(asked, what) > most
    ]
    found += [f"{count} x {name}" for name, count in asked.beyond.items()]
    return tuple(found)


def table(graph: Graph) -> str:
    """Return as text what a network asks, and how that stands to each chip's limits."""
    asked = size(graph)
    first = (
        f"on a chip: {asked.neurons:,} neurons, {asked.synapses:,} synapses ({asked.weights:,} weights), "
        f"at most {asked.fan_in:,} inputs a neuron, {asked.layers} layers"
    )
    lines = [f"  {name:<12}{'; '.join(_obstacles(asked, name)) or 'within its published limits'}" for name in CHIPS]
    return "\n".join([first, *lines])


def rows(graph: Graph) -> dict[str, object]:
    """Return what a network asks and each chip's obstacles, as plain data with the sources."""
    asked = size(graph)
    chips = {name: {"obstacles": list(_obstacles(asked, name)), "source": chip.source} for name, chip in CHIPS.items()}
    return {"asked": {**asked.__dict__, "beyond": dict(asked.beyond)}, "chips": chips}
