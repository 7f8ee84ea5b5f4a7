"""A NIR graph without graphs inside graphs, its soft resets found, its nodes in order."""

from dataclasses import dataclass, field
from typing import Any

import nir

from neurobridge.errors import FileFormatError


@dataclass(frozen=True, kw_only=True)
class Soft:
    """Integrators that end in a Threshold, and the feedback that takes away what a spike cost.

    Attributes:
        membrane: an I or LI.
        current: an LI before it, the synaptic current; None if there is none.
        reset: the Scale from the Threshold back to the membrane; None if spikes cost nothing.
        entry: name of the node that the drive reaches.
    """

    membrane: Any
    current: Any
    reset: Any
    entry: str


@dataclass
class Flat:
    """Nodes and edges of one level.

    Attributes:
        nodes: by name; those inside a graph are "graph|name".
        edges: (source, target).
        soft: Threshold -> what it ends; their other nodes are gone from `nodes`, and edges reach the Threshold.
        order: names so that each comes after what it reads, apart from loops.
    """

    nodes: dict[str, Any]
    edges: list[tuple[str, str]]
    soft: dict[str, Soft] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)

    @property
    def inputs(self) -> list[str]:
        """Names of the inputs in the order of the file."""
        return [name for name, node in self.nodes.items() if isinstance(node, nir.Input)]

    @property
    def outputs(self) -> list[str]:
        """Names of the outputs in the order of the file."""
        return [name for name, node in self.nodes.items() if isinstance(node, nir.Output)]

    def before(self, name: str) -> list[str]:
        """Return what a node reads."""
        return [a for a, b in self.edges if b == name]

    def behind(self, name: str) -> list[str]:
        """Return what reads a node."""
        return [b for a, b in self.edges if a == name]

    def waits(self, source: str, target: str) -> bool:
        """Return whether the loop that an edge closes has a Delay, so that the edge itself takes no step."""
        seen, open_names = set[str](), [target]
        free = True
        while open_names and free:
            name = open_names.pop()
            if name == source:
                free = False
            elif name not in seen and not isinstance(self.nodes[name], nir.Delay):
                seen.add(name)
                open_names += self.behind(name)
        # the source was reached from the target without a Delay: then this edge must take the step
        return free or isinstance(self.nodes[source], nir.Delay)


def flattened(network: nir.NIRGraph) -> Flat:
    """Return one level of nodes.

    Raises:
        FileFormatError: an edge that names no node, a node without a meaning here, or no input or output.
    """
    flat = Flat(nodes={}, edges=[])
    _unpack(network, "", flat, depth=0)
    for a, b in flat.edges:
        for name in (a, b):
            if name not in flat.nodes:
                raise FileFormatError(f"an edge of the NIR graph names {name!r}, which is not in it")
    if not flat.inputs or not flat.outputs:
        raise FileFormatError("the NIR graph has no Input or no Output; it needs one of each or more")
    _find_soft_resets(flat)
    for name, node in flat.nodes.items():
        if isinstance(node, nir.I | nir.LI | nir.CubaLI):
            raise FileFormatError(
                f"NIR node {name!r} ({type(node).__name__}) integrates and never fires; "
                "neurobridge reads integrators only where they end in one Threshold"
            )
    _order(flat)
    return flat


MOST_LEVELS = 16


def _unpack(network: nir.NIRGraph, prefix: str, flat: Flat, depth: int) -> None:
    """Add the nodes of a graph and of the graphs in it; an inner Input or Output is a place that edges pass."""
    if depth > MOST_LEVELS:
        raise FileFormatError(f"the NIR graph has graphs inside graphs more than {MOST_LEVELS} deep")
    enter: dict[str, list[str]] = {}
    leave: dict[str, list[str]] = {}
    for name, node in network.nodes.items():
        if isinstance(node, nir.NIRGraph):
            inner = f"{prefix}{name}|"
            ends = {
                kind: [inner + n for n, x in node.nodes.items() if isinstance(x, kind)]
                for kind in (nir.Input, nir.Output)
            }
            enter[prefix + name], leave[prefix + name] = ends[nir.Input], ends[nir.Output]
            _unpack(node, inner, flat, depth + 1)
        elif depth and isinstance(node, nir.Input | nir.Output):
            shape = node.input_type
            flat.nodes[prefix + name] = nir.Flatten(input_type=shape, start_dim=0, end_dim=0)
        else:
            flat.nodes[prefix + name] = node
    for a, b in network.edges:
        a, b = prefix + a, prefix + b
        flat.edges += [(x, y) for x in leave.get(a, [a]) for y in enter.get(b, [b])]


def _find_soft_resets(flat: Flat) -> None:
    """Replace integrator -> Threshold (-> Scale -> integrator) by the Threshold alone."""
    for name in [n for n, node in flat.nodes.items() if isinstance(node, nir.Threshold)]:
        before = flat.before(name)
        if len(before) != 1 or not isinstance(flat.nodes[before[0]], nir.I | nir.LI):
            continue
        membrane = before[0]
        if flat.behind(membrane) != [name]:
            continue
        back = [n for n in flat.behind(name) if isinstance(flat.nodes[n], nir.Scale) and flat.behind(n) == [membrane]]
        back = [n for n in back if flat.before(n) == [name]]
        if len(back) > 1:
            continue
        drives = [n for n in flat.before(membrane) if n not in back]
        current = drives[0] if len(drives) == 1 and _is_current(flat, drives[0], membrane) else None
        entry = membrane if current is None else current
        flat.soft[name] = Soft(
            membrane=flat.nodes[membrane],
            current=None if current is None else flat.nodes[current],
            reset=flat.nodes[back[0]] if back else None,
            entry=entry,
        )
        gone = {membrane, *back, *([current] if current else [])}
        arriving = [a for a, b in flat.edges if b == entry and a not in gone]
        flat.edges = [(a, b) for a, b in flat.edges if a not in gone and b not in gone]
        flat.edges += [(a, name) for a in arriving]
        for inner in gone:
            del flat.nodes[inner]


def _is_current(flat: Flat, name: str, membrane: str) -> bool:
    return isinstance(flat.nodes[name], nir.LI) and flat.behind(name) == [membrane]


def _order(flat: Flat) -> None:
    """Order the nodes depth first from the inputs; what is left unordered by loops keeps the order of the file."""
    state: dict[str, int] = {}
    found: list[str] = []
    for root in [*flat.inputs, *flat.nodes]:
        if root in state:
            continue
        stack = [(root, iter(flat.behind(root)))]
        state[root] = 1
        while stack:
            name, behind = stack[-1]
            following = next((n for n in behind if n not in state), None)
            if following is None:
                found.append(name)
                stack.pop()
            else:
                state[following] = 1
                stack.append((following, iter(flat.behind(following))))
    flat.order = found[::-1]
