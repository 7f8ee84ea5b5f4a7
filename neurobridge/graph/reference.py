"""The interpreter that every backend must agree with: slow, short and plain."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy import ndarray
from numpy.lib.stride_tricks import sliding_window_view

from neurobridge.graph import nodes
from neurobridge.graph.apply import apply
from neurobridge.graph.codes import CODES
from neurobridge.graph.dynamics import State, advance, resting, settle, unsettled
from neurobridge.graph.graph import Graph
from neurobridge.graph.neurons import fire_window, window_excess
from neurobridge.graph.scales import wire_scale


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a graph did.

    Attributes:
        outputs: of the readouts, each (sample, ...).
        spikes: node -> its spikes (step, sample, ...); -1 is a spike of the OFF neuron of a pair.
        excess: population -> how far its membranes stood above the threshold at each decision (step, sample, ...), in
            thresholds or quanta (tables and `Dynamics`: in the unit of the drive); not a number where none was made.
    """

    outputs: tuple[ndarray, ...]
    spikes: dict[str, ndarray]
    excess: dict[str, ndarray] = field(default_factory=dict)

    @property
    def margins(self) -> dict[str, float]:
        """The margin certificate: population -> the least distance of a membrane from its threshold.

        Simulators that sum in another order fire the same spikes if it exceeds their rounding.
        """
        return {name: float(np.nanmin(np.abs(x), initial=np.inf)) for name, x in self.excess.items()}


def run(graph: Graph, *inputs: ndarray) -> Run:
    """Run a graph on real inputs (sample, ...) in float64.

    Raises:
        InputError: another number of inputs than the graph has.
    """
    given = graph.given([np.asarray(x, dtype=float) for x in inputs])
    if CODES[graph.code].streaming:
        return _stream(graph, given)
    spikes: Trains = {}
    excess: Trains = {}
    outputs = _windows(graph, given, spikes, excess)
    return Run(outputs=outputs, spikes=_joined(spikes), excess=_joined(excess))


Trains = dict[str, list[ndarray]]


def _joined(trains: Trains) -> dict[str, ndarray]:
    return {name: np.concatenate(windows) for name, windows in trains.items()}


def _windows(graph: Graph, given: dict[str, ndarray], trains: Trains, excess: Trains) -> tuple[ndarray, ...]:
    """Return the readouts; each window is added to `trains` and `excess`, one window for each step of a loop."""
    values: dict[str, ndarray] = dict(given)
    for node in graph.nodes:
        held = [given[node.name]] if isinstance(node, nodes.Encode) else [values[edge.source] for edge in node.inputs]
        match node:
            case nodes.Port():
                continue
            case nodes.Encode(size=int() as size):
                values[node.name] = np.eye(size)[held[0].astype(int)]
                trains.setdefault(node.name, []).append(values[node.name][None].astype(np.int64))
            case nodes.Population() | nodes.Winner():
                fired = _race(node, trains[node.inputs[0].source][-1]) if isinstance(node, nodes.Winner) else None
                planes = fire_window(node, held[0], graph.code) if fired is None else fired  # type: ignore[arg-type]
                trains.setdefault(node.name, []).append(planes)
                if isinstance(node, nodes.Population):
                    excess.setdefault(node.name, []).append(window_excess(node, held[0], planes, graph.code))
                low, unit = wire_scale(graph, node)
                values[node.name] = low + unit * CODES[graph.code].decode(planes)
            case nodes.Loop():
                values[node.name] = _repeat(node, held, trains, excess)
            case _:
                values[node.name] = _value(node, held)
    return tuple(values[node.name] for node in graph.outputs)


def _repeat(loop: nodes.Loop, held: list[ndarray], trains: Trains, excess: Trains) -> ndarray:
    """Return the emissions of a loop over sequences (sample, step, ...)."""
    sequences, states = held[: loop.sequences], held[loop.sequences :]
    length = sequences[0].shape[1]
    emitted: dict[int, ndarray] = {}
    for step in reversed(range(length)) if loop.reverse else range(length):
        now = [sequence[:, step] for sequence in sequences] + states
        given = {port.name: now[port.position] for port in loop.body.ports}
        *states, emitted[step] = _windows(loop.body, given, trains, excess)
    return np.stack([emitted[step] for step in range(length)], axis=1)


def _value(node: nodes.Node, held: list[ndarray]) -> ndarray:
    match node:
        case nodes.Synapses(maps=()):
            return np.asarray(node.bias)[None]
        case nodes.Synapses():
            total = sum(apply(linear, x, x.ndim - 1) for linear, x in zip(node.maps, held, strict=True))
            return np.asarray(total if node.bias is None else total + node.bias)
        case nodes.Gate(equation=""):
            return held[0] * held[1]
        case nodes.Gate():
            return np.einsum(batched(node.equation), *held)
        case nodes.Readout():
            return held[0]
        case _:
            raise TypeError(f"the reference has no rule for {type(node).__name__}")


def batched(equation: str) -> str:
    """Return an einsum over samples from one over a single sample."""
    left, right = equation.split("->")
    return ",".join("..." + term for term in left.split(",")) + "->..." + right


def _race(node: nodes.Winner, planes: ndarray) -> ndarray:
    """Return the spikes of the winners: those still alive fire, and a spike silences all that did not."""
    every = np.ones(planes.shape[1:], dtype=bool)
    alive = competitors(node, every if node.mask is None else every & node.mask)
    won = []
    for plane in planes:
        fires = alive & competitors(node, plane.astype(bool))
        any_fires = fires.any(axis=-1)
        alive = np.where(any_fires[..., None], fires, alive)
        won.append(any_fires)
    return np.array(won).astype(np.int64)


def competitors(node: nodes.Winner, x: ndarray) -> ndarray:
    """Return `x` with the competitors of each winner along a new last axis; padding is zero."""
    if node.axes:
        moved = np.moveaxis(x, node.axes, range(-len(node.axes), 0))
        flat = moved.reshape(*moved.shape[: -len(node.axes)], -1)
        return np.expand_dims(flat, tuple(sorted(axis - 1 for axis in node.axes)))
    rank = len(node.kernel)
    reach = [d * (k - 1) + 1 for k, d in zip(node.kernel, node.dilation, strict=True)]
    sizes = node.shape[-rank:]
    spatial = x.shape[-rank:]
    widths = [
        (p, max(0, (out - 1) * s + r - n - p))
        for p, out, s, r, n in zip(node.padding, sizes, node.stride, reach, spatial, strict=True)
    ]
    x = np.pad(x, [(0, 0)] * (x.ndim - rank) + widths)
    windows = sliding_window_view(x, tuple(reach), axis=tuple(range(-rank, 0)))  # type: ignore[call-overload]
    places = tuple(slice(0, (out - 1) * s + 1, s) for out, s in zip(sizes, node.stride, strict=True))
    windows = windows[(..., *places, *[slice(None)] * rank)]
    taps = tuple(slice(0, None, d) for d in node.dilation)
    windows = windows[(..., *taps)]
    return windows.reshape(*windows.shape[:-rank], -1)


def _stream(graph: Graph, given: dict[str, ndarray]) -> Run:
    samples = len(next(iter(given.values())))
    neurons = [node for node in graph.nodes if isinstance(node, nodes.Neurons | nodes.Dynamics)]
    averages = CODES[graph.code].averages
    begin: Callable[[Any, int], State] = resting if averages else unsettled
    move: Callable[[Any, State, ndarray], State] = advance if averages else settle
    states = {node.name: begin(node, samples) for node in neurons}
    total = {node.name: np.zeros((samples, *node.shape)) for node in graph.outputs}
    past: Trains = {node.name: [] for node in graph.nodes}
    spikes: Trains = {node.name: [] for node in neurons}
    excess: Trains = {node.name: [] for node in neurons}
    for step in range(graph.steps):
        given_now = averages or step == 0  # inputs, biases, the value of silence
        for node in graph.nodes:
            held = [_arrived(past, graph, edge, step, samples) for edge in node.inputs]
            if isinstance(node, nodes.Encode):
                now = given[node.name][:, step] if node.timed else given[node.name] * given_now
            elif isinstance(node, nodes.Neurons | nodes.Dynamics):
                state = states[node.name] = move(node, states[node.name], held[0])
                spikes[node.name].append(state.spikes)
                excess[node.name].append(state.excess)
                low, unit = wire_scale(graph, node)
                now = low * given_now + unit * state.spikes
            else:
                now = _value(node if given_now else _without_bias(node), held)
            if isinstance(node, nodes.Readout):
                total[node.name] += now
            past[node.name].append(now)
    return Run(
        outputs=tuple(total[node.name] / (graph.steps if averages else 1) for node in graph.outputs),
        spikes={name: np.array(trains) for name, trains in spikes.items()},
        excess={name: np.array(trains) for name, trains in excess.items()},
    )


def _without_bias(node: nodes.Node) -> nodes.Node:
    if not isinstance(node, nodes.Synapses) or node.bias is None:
        return node
    return replace(node, bias=None if node.maps else np.zeros_like(node.bias))


def _arrived(past: dict[str, list[ndarray]], graph: Graph, edge: nodes.Edge, step: int, samples: int) -> ndarray:
    if edge.delay > step:
        return np.zeros((samples, *graph.by_name[edge.source].shape))
    return past[edge.source][step - edge.delay]
