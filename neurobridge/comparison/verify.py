"""One network in every simulator that is installed: the same inputs, the spikes compared population by population."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import final

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray

from neurobridge.backends import SIMULATORS, installed, simulator
from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.errors import InputError, UnsupportedOperationError, lookup
from neurobridge.graph.exact import exact as on_grid
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Encode
from neurobridge.graph.reference import Run
from neurobridge.graph.timing import windows
from neurobridge.plots.style import save
from neurobridge.plots.verification import Lane, overlaid_rasters

REFERENCE = "reference"

Simulator = Callable[[Graph, tuple[ndarray, ...]], Run]
"""What runs a graph on one array of inputs for each of its encoders, as the members of `backends.SIMULATORS` do."""


@final
@dataclass(frozen=True, kw_only=True)
class Difference:
    """The first spike, in time, that one simulator fires and the reference does not, or the other way round.

    Attributes:
        sample: which input.
        step: which step of the population's own window.
        neuron: place in the population.
        reference: what the reference fired: 1, 0 or -1.
        simulator: what the simulator fired.
        reference_membrane: how far the reference's membrane stood above its threshold then.
        membrane: how far the simulator's did; None if it cannot tell.
    """

    sample: int
    step: int
    neuron: tuple[int, ...]
    reference: int
    simulator: int
    reference_membrane: float | None
    membrane: float | None


@final
@dataclass(frozen=True, kw_only=True)
class Row:
    """One population in one simulator, against the reference.

    Attributes:
        population: name of the node.
        simulator: name of the simulator.
        neurons: that it has; an ON/OFF pair is one.
        spikes: fired by the reference, all samples together.
        differing: places and steps at which the spikes are not the same.
        first: the first of them.
        margin: least distance of a membrane from its threshold in the simulator, in thresholds or quanta.
    """

    population: str
    simulator: str
    neurons: int
    spikes: int
    differing: int
    first: Difference | None
    margin: float | None


@final
@dataclass(frozen=True, kw_only=True, repr=False)
class Verification:
    """What all simulators did with the same network and the same inputs.

    Attributes:
        code: of the network.
        steps: T.
        samples: how many inputs.
        bits: binary places of exact arithmetic; None for the network as it is.
        inputs: where the inputs came from.
        rows: for each simulator and population.
        outputs: simulator -> the largest difference of an output from the reference's.
        refused: simulator -> why it cannot run this network.
        versions: package -> version.
        runs: simulator -> everything it did.
        spans: population -> its first step and the one after its last.
    """

    code: str
    steps: int
    samples: int
    bits: int | None
    inputs: str
    rows: tuple[Row, ...]
    outputs: Mapping[str, float]
    refused: Mapping[str, str]
    versions: Mapping[str, str]
    runs: Mapping[str, Run]
    spans: Mapping[str, tuple[int, int]]

    @property
    def differing(self) -> int:
        """Spikes that are not the same, over all simulators and populations."""
        return sum(row.differing for row in self.rows)

    @property
    def spikes(self) -> int:
        """Spikes of the reference."""
        return int(sum(np.abs(train).sum() for train in self.runs[REFERENCE].spikes.values()))

    def data(self) -> dict[str, object]:
        """Return everything but the spikes themselves, as plain data."""
        names = ("code", "steps", "samples", "bits", "inputs", "outputs", "refused", "versions")
        found: dict[str, object] = {name: getattr(self, name) for name in names}
        return found | {"spikes": self.spikes, "differing": self.differing, "rows": [asdict(row) for row in self.rows]}

    def __repr__(self) -> str:
        return f"{self.table()}\n{self.differing:,} of {self.spikes:,} spikes differ"

    def table(self) -> str:
        """Return the rows as text of at most 80 columns, and what the first differences are."""
        lines = [f"{'population':<28} {'simulator':<10} {'neurons':>8} {'spikes':>9} {'differ':>7} {'margin':>9}"]
        for row in self.rows:
            margin = "-" if row.margin is None else f"{row.margin:.1e}"
            lines.append(
                f"{row.population[:28]:<28} {row.simulator:<10} {row.neurons:>8,} {row.spikes:>9,} "
                f"{row.differing:>7,} {margin:>9}"
            )
        lines += [f"\nfirst difference, {row.simulator}: {_told(row)}" for row in self.rows if row.first is not None]
        lines += [f"\n{name} was left out: {why}" for name, why in self.refused.items()]
        return "\n".join(lines)

    def figure(self, sample: int = 0, neurons: int = 24) -> Figure:
        """Return the spikes of one sample in all simulators, one over the other, differences marked.

        Args:
            sample: which input.
            neurons: of each population that are drawn, spread evenly; those that differ come first.
        """
        lanes = []
        for name, train in self.runs[REFERENCE].spikes.items():
            others = {s: run.spikes[name] for s, run in self.runs.items() if s != REFERENCE and name in run.spikes}
            flat = train[:, sample].reshape(len(train), -1)
            sides = {s: x[:, sample].reshape(len(x), -1) for s, x in others.items()}
            shown = _shown(flat, list(sides.values()), neurons)
            spikes = {REFERENCE: flat[:, shown]} | {s: x[:, shown] for s, x in sides.items()}
            first = self.spans.get(name, (0, 0))[0]
            lanes.append(Lane(name=name, first=first, spikes=spikes, total=flat.shape[1]))
        return overlaid_rasters(lanes)

    def save(self, folder: Path) -> tuple[Path, ...]:
        """Write the rows as `verification.json` and the picture as PNG and SVG; return the paths."""
        pictures = save(self.figure(), folder, "verification")
        path = folder / "verification.json"
        path.write_text(json.dumps(self.data(), indent=2) + "\n")
        return (path, *pictures)


def verify(
    network: SpikingNetwork | Graph,
    inputs: ndarray | Sequence[ndarray] | None = None,
    *,
    samples: int = 4,
    exact: bool = False,
    bits: int = 10,
    simulators: Sequence[str] | None = None,
    others: Mapping[str, Simulator] | None = None,
    seed: int = 0,
) -> Verification:
    """Run one network in all simulators on the same inputs, in float64, and compare their spikes with the reference's.

    Args:
        network: what `convert` or `load` returned, or a graph.
        inputs: real inputs (sample, ...), one array for each argument of the network; random ones inside the
            calibrated range if None.
        samples: how many inputs: the first of those given, or random ones.
        exact: round weights, biases, thresholds, first membranes and inputs to multiples of 2^-bits, so that any
            difference is a fault and not rounding.
        bits: binary places of exact arithmetic.
        simulators: names of `backends.SIMULATORS`; all that are installed if None.
        others: name -> simulator of yours, `(graph, inputs) -> Run`, judged beside ours.
        seed: of random inputs.

    Raises:
        InputError: inputs that do not fit, no samples, sums too long for exact arithmetic, or a simulator of yours that
            has the name of one of ours.
        UnsupportedOperationError: exact arithmetic of neurons that leak or of loops.
        UnknownNameError: a simulator that does not exist.
        MissingExtraError: a simulator that was asked for and is not installed.
    """
    taken = sorted(set(others or {}) & set(SIMULATORS))
    if taken:
        raise InputError(f"{', '.join(taken)}: that is a simulator of ours; give yours another name")
    graph = network if isinstance(network, Graph) else network.graph
    given, source = _inputs(graph, inputs, samples, seed)
    if exact:
        rounded = on_grid(graph, bits)
        graph, given = rounded.graph, rounded.inputs(given)
    chosen = {name: simulator(name) for name in _names(simulators)} | dict(others or {})
    runs, refused = _run(graph, given, chosen)
    rows = [row for name, run in runs.items() if name != REFERENCE for row in _rows(graph, name, runs[REFERENCE], run)]
    packages = {SIMULATORS[name][0] for name in runs if name in SIMULATORS}
    return Verification(
        code=graph.code,
        steps=graph.steps,
        samples=len(given[0]),
        bits=bits if exact else None,
        inputs=source,
        rows=tuple(rows),
        outputs={
            name: max(float(np.abs(a - b).max()) for a, b in zip(run.outputs, runs[REFERENCE].outputs, strict=True))
            for name, run in runs.items()
        },
        refused=refused,
        versions={package: version(package) for package in sorted(packages)},
        runs=runs,
        spans=windows(graph),
    )


def _names(simulators: Sequence[str] | None) -> list[str]:
    """Return the simulators to run, the reference first."""
    names = installed() if simulators is None else simulators
    for name in names:
        lookup("simulator", name, SIMULATORS)
    return [REFERENCE, *(name for name in names if name != REFERENCE)]


def _run(
    graph: Graph, given: tuple[ndarray, ...], simulators: Mapping[str, Simulator]
) -> tuple[dict[str, Run], dict[str, str]]:
    runs: dict[str, Run] = {}
    refused: dict[str, str] = {}
    for name, simulate in simulators.items():
        try:
            runs[name] = simulate(graph, given)
        except UnsupportedOperationError as error:
            refused[name] = str(error)
    return runs, refused


def _inputs(
    graph: Graph, inputs: ndarray | Sequence[ndarray] | None, samples: int, seed: int
) -> tuple[tuple[ndarray, ...], str]:
    """Return inputs for each encoder, and in words where they came from."""
    if samples < 1:
        raise InputError(f"samples is {samples}; it takes one or more")
    if inputs is None:
        rng = np.random.default_rng(seed)
        drawn = tuple(_drawn(graph, node, samples, rng) for node in graph.arguments)
        return drawn, f"random numbers inside the calibrated range (seed {seed})"
    given = (inputs,) if isinstance(inputs, ndarray) else tuple(inputs)
    if any(len(x) == 0 or not np.isfinite(x).all() for x in given):
        raise InputError("the inputs hold no sample, or numbers that are not finite")
    used = tuple(np.asarray(x)[:samples] for x in given)
    return used, f"the first {len(used[0])} of {len(given[0])} inputs given"


def _drawn(graph: Graph, node: Encode, samples: int, rng: np.random.Generator) -> ndarray:
    """Return random inputs: tokens, coin flips for spikes at every step, else numbers from low to high."""
    if node.size is not None:
        return rng.integers(0, node.size, (samples, *node.shape[:-1]))
    if node.timed:
        return rng.integers(0, 2, (samples, graph.steps, *node.shape)).astype(float)
    low, high = (-node.high, node.high) if node.paired else (node.low, node.high)
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        low, high = np.zeros(()), np.ones(())
    return low + (high - low) * rng.random((samples, *node.shape))


def _rows(graph: Graph, name: str, reference: Run, run: Run) -> list[Row]:
    found = []
    for population, wanted in reference.spikes.items():
        got = run.spikes[population]
        differ = np.argwhere(got != wanted)
        # the first in time, whatever the sample
        first = _difference(population, reference, run, tuple(map(int, differ[0]))) if len(differ) else None
        found.append(
            Row(
                population=population,
                simulator=name,
                neurons=int(np.prod(wanted.shape[2:])),
                spikes=int(np.abs(wanted).sum()),
                differing=len(differ),
                first=first,
                margin=run.margins.get(population),
            )
        )
    return found


def _difference(population: str, reference: Run, run: Run, place: tuple[int, ...]) -> Difference:
    def membrane(of: Run) -> float | None:
        return float(of.excess[population][place]) if population in of.excess else None

    return Difference(
        sample=place[1],
        step=place[0],
        neuron=place[2:],
        reference=int(reference.spikes[population][place]),
        simulator=int(run.spikes[population][place]),
        reference_membrane=membrane(reference),
        membrane=membrane(run),
    )


def _told(row: Row) -> str:
    first = row.first
    assert first is not None
    here = "unknown" if first.membrane is None else f"{first.membrane:+.3g}"
    there = "unknown" if first.reference_membrane is None else f"{first.reference_membrane:+.3g}"
    return (
        f"{row.population}, neuron {first.neuron}, sample {first.sample}, step {first.step}:\n"
        f"  fired {first.simulator} with the membrane {here} above the threshold;\n"
        f"  the reference {first.reference} with {there}"
    )


def _shown(reference: ndarray, others: list[ndarray], most: int) -> ndarray:
    """Return which neurons are drawn, in order."""
    wrong = np.zeros(reference.shape[1], dtype=bool)
    for other in others:
        wrong |= (other != reference).any(axis=0)
    even = np.linspace(0, reference.shape[1] - 1, min(most, reference.shape[1])).round().astype(int)
    chosen = np.unique(np.concatenate([np.flatnonzero(wrong)[:most], even]))
    return chosen if len(chosen) <= most else np.sort(np.concatenate([np.flatnonzero(wrong), even])[:most])
