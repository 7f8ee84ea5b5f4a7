"""What a conversion lost, layer by layer, and what each operation became."""

from dataclasses import asdict, dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from neurobridge.backends.snntorch.analog import AnalogNetwork
from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.graph.codes import CODES
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import (
    Analog,
    Dynamics,
    Encode,
    Gate,
    Loop,
    Neurons,
    Node,
    Population,
    Port,
    Readout,
    Synapses,
    Winner,
)
from neurobridge.graph.scales import number_scale
from neurobridge.graph.sharing import sharing

KINDS: dict[type[Node], str] = {
    Encode: "encode",
    Synapses: "synapses",
    Neurons: "neurons",
    Dynamics: "neurons",
    Winner: "winner",
    Gate: "gate",
    Loop: "loop",
    Port: "loop",
    Readout: "readout",
    Analog: "analog",
}
"""Node -> what the certificate calls it."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One population on the calibration data.

    Attributes:
        population: name of the node.
        operation: what it was made from, with the user's line.
        function: that its neurons code.
        neurons: how many; an ON/OFF pair counts as two, and all that share a number count.
        steps: its T.
        low: value of silence, the smallest over channels.
        theta_min: smallest largest value over channels.
        theta_max: largest largest value over channels.
        observed_min: smallest value seen.
        observed_max: largest value seen.
        clipped: share of values beyond the range.
        own_error: relative RMS error of coding the exact value.
        error: relative RMS error of what the neurons send, with all errors before them.
        spikes_per_neuron: mean over neurons and samples.
    """

    population: str
    operation: str
    function: str
    neurons: int
    steps: int
    low: float
    theta_min: float
    theta_max: float
    observed_min: float
    observed_max: float
    clipped: float
    own_error: float
    error: float
    spikes_per_neuron: float


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """The evidence of a conversion.

    Attributes:
        populations: one row each, in order.
        operations: every node: {node, kind, operation}; what is "analog" is not spiking.
        samples: how many calibration samples were seen.
        output_error: relative RMS error of the outputs.
        agreement: share of samples whose largest output is the network's own.
    """

    populations: tuple[Row, ...]
    operations: tuple[dict[str, str], ...]
    samples: int
    output_error: float
    agreement: float

    def rows(self) -> list[dict]:
        """Return the populations as plain records."""
        return [asdict(row) for row in self.populations]

    def table(self, width: int = 80) -> str:
        """Return the populations as text of at most `width` columns."""
        room = max(12, width - 58)
        lines = [
            f"{'population':<{room}}{'function':>9}{'neurons':>9}{'theta':>10}{'clip %':>8}{'error %':>9}{'spikes':>8}"
        ]
        for row in self.populations:
            name = row.population if len(row.population) < room else row.population[: room - 2] + "…"
            lines.append(
                f"{name:<{room}}{row.function[:8]:>9}{_number(row.neurons, 0):>9}{row.theta_max:>10.3g}"
                f"{100 * row.clipped:>8.2f}{_number(100 * row.error, 3):>9}{_number(row.spikes_per_neuron, 2):>8}"
            )
        return "\n".join(lines)


def _number(x: float, digits: int) -> str:
    """Return a number in at most seven characters, or eight if it is whole."""
    text = f"{x:.{digits}f}"
    return text if len(text) <= (8 if digits == 0 else 7) else f"{x:.1e}"


def certify(network: SpikingNetwork, analog: AnalogNetwork, batches: list[tuple[Tensor, ...]]) -> Certificate:
    """Return the certificate of a converted network on the batches of its calibration."""
    groups = sharing(network.graph)
    tally = {n.name: _Tally(network.graph, n, len(groups[n.name])) for n in _coded(network.graph) if n.name in groups}
    squares, norms, agreeing, samples = 0.0, 0.0, 0, 0
    for batch in batches:
        exact: dict[str, list[Tensor]] = {name: [] for name in tally}
        fired: dict[str, list[Tensor]] = {member: [] for name in tally for member in groups[name]}
        wanted = analog.run(batch, partial(_keep, exact))
        got = network.run(batch, "fast", partial(_keep, fired))
        for name, one in tally.items():
            for real, *spikes in zip(exact[name], *(fired[member] for member in groups[name]), strict=True):
                one.add(real, spikes)
        squares += sum(float((a - b).square().sum()) for a, b in zip(got, wanted, strict=True))
        norms += sum(float(b.square().sum()) for b in wanted)
        agreeing += int((_choice(got[0]) == _choice(wanted[0])).all(dim=-1).sum())
        samples += len(batch[0])
    return Certificate(
        populations=tuple(one.row() for one in tally.values()),
        operations=tuple(
            {"node": node.name, "kind": KINDS[type(node)], "operation": node.origin}
            for node in network.graph.everywhere.values()
        ),
        samples=samples,
        output_error=(squares / norms) ** 0.5 if norms else 0.0,
        agreement=agreeing / samples,
    )


def _keep(rounds: dict[str, list[Tensor]], node: Node, values: Tensor) -> None:
    """Keep what a population did, once a round in a loop."""
    if node.name in rounds:
        rounds[node.name].append(values)


def _choice(outputs: Tensor) -> Tensor:
    """Return the largest output of each sample (and position), a row a sample."""
    return outputs.reshape(len(outputs), -1, outputs.shape[-1] if outputs.ndim > 1 else 1).argmax(dim=-1)


def _coded(graph: Graph) -> list[Population]:
    return [n for n in graph.populations if not (isinstance(n, Encode) and (n.current or n.size is not None))]


class _Tally:
    """Sums over batches for one population."""

    def __init__(self, graph: Graph, node: Population, copies: int) -> None:
        self.node, self.code, self.copies = node, CODES[graph.code], copies
        low, unit = number_scale(graph, node)
        self.low, self.unit = torch.as_tensor(low), torch.as_tensor(unit)
        self.least, self.most = np.inf, -np.inf
        self.clipped = self.own = self.sent = self.norm = self.spikes = 0.0
        self.count = 0

    def add(self, exact: Tensor, fired: list[Tensor]) -> None:
        """Add a batch: the real values, and the numbers (or spikes over time) that each of its neurons fired."""
        exact = exact.double()
        numbers = torch.stack([x.double().sum(dim=0) if self.code.streaming else x.double() for x in fired]).mean(dim=0)
        levels = self.code.levels(self.node.steps)
        unit = self.unit / levels if self.code.averages else self.unit
        bottom = -unit * levels if self.node.paired else self.low
        top = unit * levels if self.node.paired else self.low + unit * levels
        finest = unit / self.copies
        own = self.low + finest * torch.floor((exact.clamp(bottom, top) - self.low) / finest + 0.5)
        self.least, self.most = min(self.least, float(exact.min())), max(self.most, float(exact.max()))
        self.clipped += float(((exact > top) | (exact < bottom)).double().sum())
        self.own += float((own - exact).square().sum())
        self.sent += float((self.low + unit * numbers - exact).square().sum())
        self.norm += float(exact.square().sum())
        for x in fired:
            self.spikes += float(x.abs().sum() if self.code.streaming else self.code.count(x.long().numpy()).sum())
        self.count += exact.numel()

    def row(self) -> Row:
        """Return the row of the certificate."""
        node = self.node
        norm = self.norm or 1.0
        neurons = (2 if node.paired else 1) * self.copies
        return Row(
            population=node.name,
            operation=node.origin,
            function=getattr(node, "function", "encode"),
            neurons=neurons * int(np.prod(node.shape)),
            steps=node.steps,
            low=float(np.min(node.low)),
            theta_min=float(np.min(node.high)),
            theta_max=float(np.max(node.high)),
            observed_min=self.least,
            observed_max=self.most,
            clipped=self.clipped / self.count,
            own_error=(self.own / norm) ** 0.5,
            error=(self.sent / norm) ** 0.5,
            spikes_per_neuron=self.spikes / self.count / neurons,
        )
