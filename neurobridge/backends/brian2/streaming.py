"""Streaming codes in Brian2: each layer one step later than the layer before it, its bias held back until then.

The equations stand in a function that runs at every step rather than in differential equations: an exact copy of a
grid simulator needs its order of operations, v <- beta v + I - reset s_before, then s = [v >= threshold].
"""

from collections.abc import Mapping

import numpy as np
from brian2 import BrianObject, Clock, NeuronGroup, TimedArray
from numpy import ndarray

from neurobridge.backends.brian2.wires import STEP, connect, copied, fired, shifts
from neurobridge.graph.dynamics import Cells, cells
from neurobridge.graph.graph import Graph
from neurobridge.graph.matrices import Drive, drive
from neurobridge.graph.nodes import Dynamics, Encode, Neurons, Node, Readout
from neurobridge.graph.reference import Run
from neurobridge.neuro.recording import Recording

STATE = """
v : 1
total : 1
synaptic : 1
arrived : 1
fired : 1
beta : 1 (constant)
decay : 1 (constant)
level : 1 (constant)
drop : 1 (constant)
bias : 1 (constant)
constant_current : 1 (constant)
"""


class StreamingPlan:
    """How a graph of a streaming code is laid out in Brian2.

    Attributes:
        labels: neurons -> name of their Brian2 group.
        readouts: readout -> name of its Brian2 group.
        watched: nodes whose membranes are compared with a threshold.
        sizes: node -> neurons of one sample.
        steps: that the simulation takes.
        neurons: of one sample.
        synapses: of one sample.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.receivers = [n for n in graph.nodes if isinstance(n, Neurons | Dynamics | Readout)]
        self.drives: dict[str, Drive] = {node.name: drive(graph, node) for node in self.receivers}
        spiking = [n.name for n in self.receivers if not isinstance(n, Readout)]
        self.labels = {name: f"population{i}" for i, name in enumerate(spiking)}
        self.readouts = {node.name: f"readout{i}" for i, node in enumerate(graph.outputs)}
        self.watched = tuple(spiking)
        self.sizes = {name: drives.size for name, drives in self.drives.items()}
        self.shifts = shifts({name: d.projections for name, d in self.drives.items()}, spiking)
        self.steps = graph.steps + max(self.shifts.values()) + 2  # membranes are recorded one step late
        self.neurons = sum(self.sizes.values())
        self.synapses = sum(len(p.weights) for d in self.drives.values() for p in d.projections)

    def objects(self, clock: Clock, inputs: tuple[ndarray, ...]) -> Mapping[str, BrianObject]:
        """Return the Brian2 objects for a batch of inputs."""
        given = self.graph.given(inputs)
        samples = len(inputs[0])
        names = self.labels | self.readouts
        found: dict[str, BrianObject] = {
            names[node.name]: self._group(node, clock, given, samples) for node in self.receivers
        }
        for node in self.receivers:
            for number, projection in enumerate(self.drives[node.name].projections):
                if projection.source in given or not len(projection.weights):
                    continue
                pairs = copied(projection, (self.sizes[projection.source], self.sizes[node.name]), samples)
                wait = self.shifts[node.name] - self.shifts[projection.source] - 1 + projection.delay
                source, target = found[names[projection.source]], found[names[node.name]]
                name = f"{names[node.name]}_synapses{number}"
                found[name] = connect(name, source, target, pairs, "arrived_post += w", clock, wait)
        return found

    def _group(self, node: Node, clock: Clock, given: dict[str, ndarray], samples: int) -> NeuronGroup:
        first = self.shifts[node.name]
        reads = isinstance(node, Readout)
        cell = None if isinstance(node, Readout) else cells(node)  # type: ignore[arg-type]
        now = f"int(t_in_timesteps >= {first} and t_in_timesteps < {first + self.graph.steps})"
        started = f"int(t_in_timesteps >= {first})"
        current, namespace = self._currents(node.name, given, samples)
        left = "0" if cell is None or cell.alpha is None else "decay * synaptic"
        code = f"""
        synaptic = {started} * ({left} + arrived + {current})
        v = {_update(cell, started)}
        total = total + {now} * v
        arrived = 0
        fired = 0
        """
        group = NeuronGroup(
            self.sizes[node.name] * samples,
            STATE,
            threshold=None if cell is None else f"v {'>=' if cell.at else '>'} level and t_in_timesteps >= {first}",
            reset=None if cell is None else "fired = 1",
            clock=clock,
            namespace=namespace,
            name=(self.readouts if reads else self.labels)[node.name],
        )
        group.run_regularly(code, clock=clock, when="groups", name=f"{group.name}_step")
        group.constant_current = self._constant(node.name, given, samples).ravel()
        if cell is not None:
            values = {"beta": cell.beta, "decay": cell.alpha, "level": cell.threshold, "drop": cell.reset}
            for name, value in (values | {"bias": cell.bias, "v": cell.initial}).items():
                if value is not None:
                    setattr(group, name, np.tile(value, samples))
        return group

    def _constant(self, name: str, given: dict[str, ndarray], samples: int) -> ndarray:
        """Return what arrives undelayed at every step, (sample, neuron)."""
        drives = self.drives[name]
        total = np.zeros((samples, drives.size)) + drives.constants.get(0, 0.0)
        for p in drives.projections:
            if p.source in given and not p.delay and not self._timed(p.source):
                p.add_to(total, np.asarray(given[p.source], dtype=float).reshape(samples, -1))
        return total

    def _currents(self, name: str, given: dict[str, ndarray], samples: int) -> tuple[str, dict[str, TimedArray]]:
        """Return the current of one step as an expression, and the table of what changes over time if anything does.

        The bias is constant, but begins when the layer does: a gate that the obvious port forgets.
        """
        drives = self.drives[name]
        table = np.zeros((self.steps, samples, drives.size))
        first = self.shifts[name]
        for delay, constant in drives.constants.items():
            if delay:
                table[first + delay :] += constant
        for p in drives.projections:
            if p.source not in given or not (p.delay or self._timed(p.source)):
                continue
            x = np.asarray(given[p.source], dtype=float)
            for step in range(self.graph.steps - p.delay):
                now = x[:, step] if self._timed(p.source) else x
                p.add_to(table[first + p.delay + step], now.reshape(samples, -1))
        if not table.any():
            return "constant_current", {}
        return "constant_current + timed(t, i)", {"timed": TimedArray(table.reshape(self.steps, -1), dt=STEP)}

    def _timed(self, source: str) -> bool:
        node = self.graph.by_name[source]
        return isinstance(node, Encode) and node.timed

    def result(self, recording: Recording, samples: int) -> Run:
        """Return what was recorded, at the steps of the graph."""
        steps = self.graph.steps
        spikes, excess = {}, {}
        for name, label in self.labels.items():
            node, first = self.graph.by_name[name], self.shifts[name]
            whole = (steps, samples, *node.shape)
            spikes[name] = fired(recording, label, first, steps, samples).reshape(whole)
            if label in recording.traces:
                level = cells(node).threshold.reshape(node.shape)  # type: ignore[arg-type]
                v = np.asarray(recording.traces[label]["v"]).T[first + 1 : first + 1 + steps].reshape(whole)
                excess[name] = v - level
        outputs = []
        for name, label in self.readouts.items():
            total = np.asarray(recording.final[label]["total"])
            outputs.append(total.reshape(samples, *self.graph.by_name[name].shape) / steps)
        return Run(outputs=tuple(outputs), spikes=spikes, excess=excess)


def _update(cell: Cells | None, started: str) -> str:
    """Return the membrane after a step, as an expression; it waits at its first value until the layer starts."""
    if cell is None:
        return "synaptic"
    if cell.reset is None:
        return f"{started} * (beta * ((1 - fired) * v) + synaptic + bias) + (1 - {started}) * v"
    return f"{started} * (beta * v + synaptic + bias - drop * fired) + (1 - {started}) * v"
