"""A spiking network as data: nodes in an order in which each comes after what it needs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from neurobridge.errors import InputError
from neurobridge.graph.nodes import Encode, Loop, Node, Population, Port, Readout

Kind = TypeVar("Kind", bound=Node)


@dataclass(frozen=True, kw_only=True, eq=False)
class Graph:
    """Nodes, and the code in which they speak.

    Attributes:
        code: name of the code, one of `codes.CODES`.
        steps: T, the default of its populations.
        nodes: every node after its inputs, except along an edge with a delay.
    """

    code: str
    steps: int
    nodes: tuple[Node, ...]

    @cached_property
    def by_name(self) -> dict[str, Node]:
        """Nodes by name."""
        return {node.name: node for node in self.nodes}

    @cached_property
    def everywhere(self) -> dict[str, Node]:
        """Nodes by name, those inside loops too, in order."""
        found: dict[str, Node] = {}
        for node in self.nodes:
            if isinstance(node, Loop):
                found |= node.body.everywhere
            found[node.name] = node
        return found

    @cached_property
    def consumers(self) -> dict[str, tuple[Node, ...]]:
        """Name of a node -> the nodes that read it, once for each edge."""
        found: dict[str, list[Node]] = {node.name: [] for node in self.nodes}
        for node in self.nodes:
            for edge in node.inputs:
                found[edge.source].append(node)
        return {name: tuple(readers) for name, readers in found.items()}

    def of(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """Return the nodes of one kind, in order."""
        return tuple(node for node in self.nodes if isinstance(node, kind))

    @property
    def inputs(self) -> tuple[Encode, ...]:
        """Its encoders, in the order of the network's arguments."""
        return tuple(sorted(self.of(Encode), key=lambda node: node.position))

    @property
    def arguments(self) -> tuple[Encode, ...]:
        """The first encoder of each of the network's arguments."""
        return tuple({node.position: node for node in reversed(self.inputs)}.values())[::-1]

    def given(self, inputs: Sequence[Any]) -> dict[str, Any]:
        """Return encoder -> the argument that it reads.

        Raises:
            InputError: another number of inputs than the graph takes.
        """
        if len(inputs) != len(self.arguments):
            raise InputError(f"the graph takes {len(self.arguments)} inputs, not {len(inputs)}")
        return {node.name: inputs[node.position] for node in self.inputs}

    @property
    def outputs(self) -> tuple[Readout, ...]:
        """Its readouts, in the order of the network's results."""
        return tuple(sorted(self.of(Readout), key=lambda node: node.position))

    @property
    def ports(self) -> tuple[Port, ...]:
        """What a loop hands to this graph, if it is the body of one."""
        return tuple(sorted(self.of(Port), key=lambda node: node.position))

    @property
    def populations(self) -> tuple[Population, ...]:
        """Everything that spikes by a code of its own, also inside loops."""
        return tuple(node for node in self.everywhere.values() if isinstance(node, Population))

    def source(self, node: Node, position: int = 0) -> Node:
        """Return the node that feeds input `position` of `node`."""
        return self.by_name[node.inputs[position].source]

    def mapped(self, change: Callable[[Node], Node]) -> "Graph":
        """Return a graph with every node changed, names kept, inside loops too."""

        def changed(node: Node) -> Node:
            return change(replace(node, body=node.body.mapped(change)) if isinstance(node, Loop) else node)

        return replace(self, nodes=tuple(map(changed, self.nodes)))

    def with_nodes(self, nodes: Iterable[Node]) -> "Graph":
        """Return a graph of the same code with other nodes, put in order."""
        return replace(self, nodes=tuple(ordered(tuple(nodes))))


def ordered(nodes: tuple[Node, ...]) -> Iterator[Node]:
    """Yield `nodes` so that each comes after the sources of its edges without delay.

    Raises:
        InputError: an edge names no node, or a cycle has no delay.
    """
    by_name = {node.name: node for node in nodes}
    done: set[str] = set()
    for root in nodes:
        stack: list[tuple[Node, bool]] = [(root, False)]
        open_nodes: set[str] = set()
        while stack:
            node, expanded = stack.pop()
            if node.name in done:
                continue
            if expanded:
                done.add(node.name)
                open_nodes.discard(node.name)
                yield node
                continue
            if node.name in open_nodes:
                raise InputError(
                    f"the graph has a cycle without delay through {node.name!r}; give one of its edges a delay of 1"
                )
            open_nodes.add(node.name)
            stack.append((node, True))
            for edge in reversed(node.inputs):
                if edge.source not in by_name:
                    raise InputError(f"node {node.name!r} reads {edge.source!r}, which is not in the graph")
                if edge.delay == 0:
                    stack.append((by_name[edge.source], False))
