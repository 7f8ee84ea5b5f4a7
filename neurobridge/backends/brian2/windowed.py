"""Windowed codes in Brian2: neurons that integrate one window and fire the next, and races among them.

A spike's worth falls from step to step of its window (2^(T-1) ... 1, or T-1 ... 0) and is read from the neuron that
fired it when its synapses act. A race takes two steps: competitors that are still in it fire and tell each other, and
those that did not fire when another did are out.
"""

from collections.abc import Mapping
from math import prod

import numpy as np
from brian2 import BrianObject, Clock, NeuronGroup, TimedArray, second
from numpy import ndarray

from neurobridge.backends.brian2.wires import connect, copied, fired
from neurobridge.graph.codes import CODES, quantum
from neurobridge.graph.functions import function
from neurobridge.graph.graph import Graph
from neurobridge.graph.matrices import Drive, Projection, drive
from neurobridge.graph.neurons import first_membrane, window_excess
from neurobridge.graph.nodes import Encode, Neurons, Node, Population, Readout, Winner
from neurobridge.graph.reference import Run, competitors
from neurobridge.graph.scales import carrier
from neurobridge.graph.timing import windows
from neurobridge.neuro.recording import Recording

STATE = """
v : 1
total : 1
worth : 1
sent : 1
hits : 1
now : 1
seen : 1
won : 1
alive : 1
rail : 1 (constant)
initial : 1 (constant)
"""
FAR = 1e300
"""Stands for an infinite threshold: compilers may assume that numbers are finite."""
RACE_STEPS = 2


class WindowedPlan:
    """How a graph of a windowed code is laid out in Brian2.

    Attributes:
        labels: node that spikes -> name of its Brian2 group.
        readouts: readout -> name of its Brian2 group.
        watched: nodes whose membranes are compared with a threshold.
        sizes: node -> neurons of one sample; an ON/OFF pair is two, all ON neurons first.
        steps: that the simulation takes.
        neurons: of one sample.
        synapses: of one sample.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph, self.code = graph, CODES[graph.code]
        self.spiking = [node for node in graph.nodes if isinstance(node, Population | Winner)]
        self.populations = [node for node in self.spiking if isinstance(node, Population)]
        self.labels = {node.name: f"population{i}" for i, node in enumerate(self.spiking)}
        self.readouts = {node.name: f"readout{i}" for i, node in enumerate(graph.outputs)}
        self.watched = tuple(n.name for n in self.populations if not isinstance(n, Encode))
        self.sizes = {n.name: prod(n.shape) * (1 + _paired(n)) for n in (*self.spiking, *graph.outputs)}
        receivers = [node for node in graph.nodes if isinstance(node, Neurons | Readout)]
        self.drives: dict[str, Drive] = {node.name: drive(graph, node) for node in receivers}
        self.races = {node.name: _race(graph, node) for node in graph.of(Winner)}
        self.begin = self._starts()
        ends = [self.begin[node.name] + self._length(node) for node in self.spiking]
        self.steps = max(ends, default=0) + 3
        self.neurons = sum(self.sizes.values()) + sum(len(entries[0]) for entries in self.races.values())
        self.synapses = sum(len(p.weights) for d in self.drives.values() for p in d.projections)

    def _length(self, node: Node) -> int:
        population = carrier(self.graph, node)
        return 1 if isinstance(population, Encode) and population.size is not None else population.steps

    def _starts(self) -> dict[str, int]:
        """Return node -> the step at which it begins to fire: its window, later by the races before it."""
        spans = windows(self.graph)
        late: dict[str, int] = {}
        for node in self.graph.nodes:
            late[node.name] = max((late[edge.source] for edge in node.inputs), default=0)
            late[node.name] += RACE_STEPS * isinstance(node, Winner)
        return {n.name: spans.get(n.name, (0, 0))[0] + late[n.name] for n in self.spiking}

    def objects(self, clock: Clock, inputs: tuple[ndarray, ...]) -> Mapping[str, BrianObject]:
        """Return the Brian2 objects for a batch of inputs."""
        samples = len(inputs[0])
        given = self.graph.given(inputs)
        names = self.labels | self.readouts
        found: dict[str, BrianObject] = {}
        for node in self.populations:
            found[names[node.name]] = self._population(node, clock, self._start(node, given, samples))
        for readout in self.graph.outputs:
            found[names[readout.name]] = self._readout(readout, clock, samples)
        for race in self.graph.of(Winner):
            found |= self._winner(race, clock, found[names[race.inputs[0].source]], samples)
        for name, drives in self.drives.items():
            for number, projection in enumerate(drives.projections):
                wide = self._on_and_off(projection, name)
                pairs = copied(wide, (self.sizes[wide.source], self.sizes[name]), samples)
                if len(pairs[0]):
                    label, groups = f"{names[name]}_synapses{number}", (found[names[wide.source]], found[names[name]])
                    found[label] = connect(label, *groups, pairs, "v_post += w * worth_pre", clock)
        return found

    def _start(self, node: Population, given: dict[str, ndarray], samples: int) -> ndarray:
        """Return the membranes (sample, neuron of one rail) before the first step: the input itself, or the bias."""
        if not isinstance(node, Encode):
            return np.zeros((samples, prod(node.shape))) + self.drives[node.name].constants.get(0, 0.0)
        if node.size is not None:
            return np.eye(node.size)[given[node.name].astype(int)].reshape(samples, -1)
        offset = 0.0 if node.paired else node.low
        return np.asarray((given[node.name] - offset) / self._quantum(node)).reshape(samples, -1)

    def _quantum(self, node: Population) -> ndarray:
        return quantum(node.low, node.high, self.graph.code, node.steps, node.paired)

    def _population(self, node: Population, clock: Clock, start: ndarray) -> NeuronGroup:
        first, length = self.begin[node.name], self._length(node)
        namespace, passes = {}, "rail * v + initial >= sent + worth"
        table = node.table if isinstance(node, Neurons) else None
        if table is not None:
            # a table over time, read at the number that this spike would make
            namespace = {"threshold_of": TimedArray(np.clip(table, -FAR, FAR), dt=1 * second)}
            passes = _table_condition(node, self.code.levels(node.steps))  # type: ignore[arg-type]
        window = f"t_in_timesteps >= {first} and t_in_timesteps < {first + length} and worth >= 1"
        once = " and sent == 0" if self.graph.code == "latency" else ""
        rails = (1.0, -1.0) if node.paired else (1.0,)
        group = NeuronGroup(
            start.size * len(rails),
            STATE,
            threshold=f"{window} and {passes}{once}",
            reset="sent += worth",
            clock=clock,
            namespace=namespace,
            name=self.labels[node.name],
        )
        group.run_regularly(self._fading(node, first), clock=clock, when="groups", name=f"{group.name}_step")
        group.v = np.repeat(start[:, None], len(rails), axis=1).ravel()
        group.rail = np.tile(np.repeat(rails, start.shape[1]), len(start))
        group.initial = np.tile(np.broadcast_to(first_membrane(node), node.shape).ravel(), len(start) * len(rails))
        return group

    def _fading(self, node: Node, first: int) -> str:
        """Return how the worth of a spike falls over the window: halved, or one less, from step to step."""
        population = carrier(self.graph, node)
        if isinstance(population, Encode) and population.size is not None:
            return f"worth = int(t_in_timesteps == {first})"
        top = float(self.code.weights(population.steps)[0])
        later = "worth * 0.5" if self.graph.code == "radix" else "worth - 1"
        return f"worth = int(t_in_timesteps == {first}) * {top} + int(t_in_timesteps > {first}) * ({later})"

    def _readout(self, node: Readout, clock: Clock, samples: int) -> NeuronGroup:
        group = NeuronGroup(self.sizes[node.name] * samples, STATE, clock=clock, name=self.readouts[node.name])
        group.run_regularly("total = v", clock=clock, when="end", name=f"{group.name}_step")
        group.v = self._start(node, {}, samples).ravel()  # type: ignore[arg-type]
        return group

    def _winner(self, node: Winner, clock: Clock, source: NeuronGroup, samples: int) -> dict[str, BrianObject]:
        """Return the runners of a race, the neurons that say who won, and the synapses between them."""
        label = self.labels[node.name]
        places, winners = self.races[node.name]
        runners = NeuronGroup(
            len(places) * samples,
            STATE,
            threshold="now > 0 and alive > 0",
            reset="won = 1",
            clock=clock,
            name=f"{label}_runners",
        )
        step = "alive = alive * int(seen == 0 or won > 0)\nnow = hits\nhits = 0\nseen = 0\nwon = 0"
        runners.run_regularly(step, clock=clock, when="groups", name=f"{label}_runners_step")
        runners.alive = 1
        says = NeuronGroup(
            self.sizes[node.name] * samples, STATE, threshold="now > 0", reset="", clock=clock, name=label
        )
        step = self._fading(node, self.begin[node.name])
        says.run_regularly(f"now = hits\nhits = 0\n{step}", clock=clock, when="groups", name=f"{label}_step")
        index = np.arange(len(places))
        rivals = np.nonzero(winners[:, None] == winners[None, :])
        wires = {
            "entries": (source, runners, (places, index), self.sizes[node.inputs[0].source], len(places), "hits"),
            "rivals": (runners, runners, rivals, len(places), len(places), "seen"),
            "winners": (runners, says, (index, winners), len(places), self.sizes[node.name], "hits"),
        }
        found: dict[str, BrianObject] = {label: says, runners.name: runners}
        for name, (before, behind, (sources, targets), *sizes, variable) in wires.items():
            ones = np.ones(len(sources))
            projection = Projection(source="", delay=0, sources=sources, targets=targets, weights=ones)
            pairs = copied(projection, (sizes[0], sizes[1]), samples)
            found[f"{label}_{name}"] = connect(f"{label}_{name}", before, behind, pairs, f"{variable}_post += w", clock)
        return found

    def _on_and_off(self, p: Projection, target: str) -> Projection:
        """Return a projection between the neurons of ON/OFF pairs: OFF spikes act with the opposite sign."""
        source_pairs, target_pairs = (_paired(self.graph.by_name[name]) for name in (p.source, target))
        sources, targets, weights = p.sources, p.targets, p.weights
        if source_pairs:
            sources = np.concatenate([sources, sources + prod(self.graph.by_name[p.source].shape)])
            targets, weights = np.tile(targets, 2), np.concatenate([weights, -weights])
        if target_pairs:
            targets = np.concatenate([targets, targets + prod(self.graph.by_name[target].shape)])
            sources, weights = np.tile(sources, 2), np.tile(weights, 2)
        return Projection(source=p.source, delay=0, sources=sources, targets=targets, weights=weights)

    def result(self, recording: Recording, samples: int) -> Run:
        """Return what was recorded, each population at the steps of its window."""
        spikes, excess = {}, {}
        for node in self.spiking:
            label, steps = self.labels[node.name], self._length(node)
            planes = fired(recording, label, self.begin[node.name], steps, samples)
            if _paired(node):
                on, off = np.split(planes, 2, axis=2)
                planes = on - off
            spikes[node.name] = planes.reshape(steps, samples, *node.shape)
            if label in recording.traces:
                v = np.asarray(recording.traces[label]["v"])[:, self.begin[node.name]].reshape(samples, -1)
                drives = v[:, : prod(node.shape)].reshape(samples, *node.shape)
                excess[node.name] = window_excess(node, drives, spikes[node.name], self.graph.code)  # type: ignore[arg-type]
        outputs = [
            np.asarray(recording.final[label]["total"]).reshape(samples, *self.graph.by_name[name].shape)
            for name, label in self.readouts.items()
        ]
        return Run(outputs=tuple(outputs), spikes=spikes, excess=excess)


def _paired(node: Node) -> bool:
    return isinstance(node, Population) and node.paired


def _race(graph: Graph, node: Winner) -> tuple[ndarray, ndarray]:
    """Return for each competitor its flat place among the numbers and the flat place of the winner it runs for."""
    shape = graph.source(node).shape
    numbered = np.arange(1, prod(shape) + 1).reshape(1, *shape)
    if node.mask is not None:
        numbered = numbered * node.mask
    runs = competitors(node, numbered).reshape(prod(node.shape), -1)
    winners, _ = np.nonzero(runs)
    return runs[runs > 0] - 1, winners


def _table_condition(node: Neurons, levels: int) -> str:
    """Return when a neuron with a threshold table fires, as an expression."""
    v = "v" if function(node.function).increasing else "(-v)"
    offset = levels - 1 if node.paired else -1
    on = f"{v} >= threshold_of(clip(sent + worth + {offset}, 0, {len(node.table) - 1}) * second)"  # type: ignore[arg-type]
    if not node.paired:
        return on
    off = f"{v} < threshold_of(clip({levels} - sent - worth, 0, {levels}) * second)"
    return f"((rail > 0 and {on}) or (rail < 0 and {off}))"
