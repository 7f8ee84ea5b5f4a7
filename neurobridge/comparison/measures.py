"""What is measured of a contender: one row of a comparison."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, final

import numpy as np
from numpy import ndarray

from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.comparison.energy import PRESETS, Operations, applies, total
from neurobridge.tasks import Predict, Scores, Task

OBSERVED = 512  # samples whose spikes are counted; the mean number of spikes is then known to about a percent


@final
@dataclass(frozen=True, kw_only=True)
class Row:
    """One contender on one seed; what a file of rows holds.

    Args:
        task: name of the task.
        model: name of the network.
        seed: of its training.
        kind: of the contender.
        code: of a spiking contender.
        steps: T of a spiking contender, bits of a quantised one.
        metric: what `score` is, and how it comes from scores per unit: name, unit, higher_is_better, reduction.
        score: the metric over the whole test side.
        loss: by how much `score` is worse than the ANN's, in its unit; negative if it is better.
        agreement: share of outputs whose largest entry is where the ANN's is; None where that means nothing.
        logit_error: |outputs - ANN's outputs| / |ANN's outputs|, Euclidean norms over the whole test side.
        latency: steps from input to output.
        interval: steps between one input and the next.
        neurons: how many neurons the network has.
        spikes: per inference.
        spikes_per_neuron: per inference.
        spikes_per_synapse: per inference: accumulates over the ANN's multiply-accumulates. Pooling without neurons
            makes it larger: a spike then reaches every synapse that its pool reaches.
        operations: per inference, by kind.
        energy: preset -> picojoules per inference; a preset of another number format is missing.
        seconds: wall time of one pass over the test side, on the machine the row was made on.
        samples: how many inputs that pass had.
        tallies: per group of test units: sums and counts of scores, agreements and their trials.
        layers: the certificate's rows.
        spiking: what became of each operation of the network: node, kind, operation.
        raster: spikes of one sample, layer by layer; None for all rows but one of each code.
    """

    task: str
    model: str
    seed: int
    kind: str
    code: str | None
    steps: int | None
    metric: Mapping[str, Any]
    score: float
    loss: float = 0.0
    agreement: float | None = None
    logit_error: float | None = None
    latency: int | None = None
    interval: int | None = None
    neurons: int | None = None
    spikes: float | None = None
    spikes_per_neuron: float | None = None
    spikes_per_synapse: float | None = None
    operations: Mapping[str, float]
    energy: Mapping[str, float]
    seconds: float
    samples: int
    tallies: Mapping[str, Sequence[float]]
    layers: Sequence[Mapping[str, Any]] = ()
    spiking: Sequence[Mapping[str, str]] = ()
    raster: Sequence[Mapping[str, Any]] | None = None

    def fields(self) -> Mapping[str, Any]:
        """Return the row as JSON holds it."""
        return asdict(self)


@final
@dataclass(frozen=True, kw_only=True)
class Judged:
    """A contender's pass over a task's test side.

    Args:
        scores: its scores per unit.
        inputs: what it was shown.
        outputs: what it answered.
        seconds: wall time spent in the contender.
    """

    scores: Scores
    inputs: ndarray
    outputs: ndarray
    seconds: float


def judged(task: Task, predict: Predict, limit: int | None = None) -> Judged:
    """Return a contender's pass over a task's test side, with everything it saw and said."""
    inputs, outputs, seconds = [], [], 0.0

    def recorded(batch: ndarray) -> ndarray:
        nonlocal seconds
        begun = time.perf_counter()
        answer = predict(batch)
        seconds += time.perf_counter() - begun
        inputs.append(batch)
        outputs.append(answer)
        return answer

    scores = task.judge(recorded, limit=limit)
    return Judged(scores=scores, inputs=np.concatenate(inputs), outputs=np.concatenate(outputs), seconds=seconds)


def on_the_same_inputs(contender: Judged, predict: Predict, ann: Judged, batch: int = 512) -> ndarray:
    """Return a contender's outputs on the inputs that the ANN was shown.

    They are those it was judged by, unless the task's next input depends on the last output, as in control.
    """
    if np.array_equal(contender.inputs, ann.inputs):
        return contender.outputs
    return np.concatenate([predict(ann.inputs[start : start + batch]) for start in range(0, len(ann.inputs), batch)])


def relative_error(outputs: ndarray, reference: ndarray) -> float:
    """Return |outputs - reference| / |reference|."""
    difference = outputs.astype(np.float64) - reference
    return float(np.linalg.norm(difference) / np.linalg.norm(reference.astype(np.float64)))


def agreements(outputs: ndarray, reference: ndarray) -> ndarray:
    """Return `(sample, position)`: whether the largest output is where the reference's is."""
    same = outputs.argmax(axis=-1) == reference.argmax(axis=-1)
    return same.reshape(len(same), -1)


def chooses(task: Task) -> bool:
    """Return whether a contender's answer to a task is the place of its largest output."""
    return task.output_size > 1 and getattr(task, "scoring", "correct") in ("correct", "all correct", "surprise")


def tallies(scores: Scores, same: ndarray | None, task: Task) -> Mapping[str, Sequence[float]]:
    """Return sums over groups, from which every interval can be computed again.

    Args:
        scores: one contender's.
        same: `(sample, position)` agreements with the ANN, or None.
        task: it knows the groups of the samples.
    """
    found: dict[str, Sequence[float]] = {}
    if scores.values.ndim == 1:
        place = np.unique(scores.groups, return_inverse=True)[1]
        found["sums"] = np.bincount(place, scores.values).tolist()
        found["counts"] = np.bincount(place).tolist()
    if same is not None:
        place = np.unique(sample_groups(task, len(same)), return_inverse=True)[1]
        found["agreements"] = np.bincount(place, same.sum(axis=1)).astype(int).tolist()
        found["trials"] = (np.bincount(place) * same.shape[1]).tolist()
    return found


def sample_groups(task: Task, count: int) -> ndarray:
    """Return the group of each of the first `count` test samples; a group of its own where a task has none."""
    side = getattr(task, "test", None)
    return np.arange(count) if side is None else side.groups[:count]


@final
@dataclass(frozen=True, kw_only=True)
class Spiking:
    """Means over some inferences of a spiking network.

    Args:
        neurons: how many it has.
        spikes: per inference.
        operations: per inference.
    """

    neurons: int
    spikes: float
    operations: Operations


def spiking(network: SpikingNetwork, inputs: ndarray, batch: int = 128) -> Spiking:
    """Return what a spiking network does per inference, over evenly spaced ones of `inputs`."""
    chosen = inputs[spread(len(inputs), OBSERVED)]
    spikes, accumulates = 0.0, 0.0
    for start in range(0, len(chosen), batch):
        activity = network.observe(chosen[start : start + batch])
        spikes += sum(float(counts.sum()) for counts in activity.spikes.values())
        accumulates += sum(float(counts.sum()) for counts in activity.operations.values())
    return Spiking(
        neurons=sum(activity.neurons.values()),
        spikes=spikes / len(chosen),
        operations=Operations(
            accumulates=accumulates / len(chosen),
            analog=float(sum(activity.analog_operations.values())),
            updates=float(sum(activity.updates.values())),
        ),
    )


def energies(operations: Operations, bits: int | None) -> Mapping[str, float]:
    """Return preset -> picojoules for the presets whose number format a contender computes in."""
    return {preset: total(operations, preset) for preset in PRESETS if applies(preset, bits)}


SHOWN = 96  # neurons of a layer in a raster


def raster_of(network: SpikingNetwork, sample: ndarray) -> Sequence[Mapping[str, Any]]:
    """Return the spikes of one sample, layer by layer, of at most `SHOWN` evenly spaced neurons a layer.

    Args:
        network: a spiking network.
        sample: a batch of one.
    """
    layers = []
    for name, spikes in network.raster(sample).items():
        flat = np.asarray(spikes).reshape(len(spikes), -1)
        first, last = network.windows[name]
        shown = spread(flat.shape[1], SHOWN)
        steps, indices = np.nonzero(flat[:, shown])
        layers.append(
            {
                "name": name,
                "window": [int(first), int(last)],
                "neurons": len(shown),
                "total": flat.shape[1],
                "steps": (steps + int(first)).tolist(),
                "indices": indices.tolist(),
            }
        )
    return layers


def spread(count: int, most: int) -> ndarray:
    """Return at most `most` evenly spaced indices below `count`."""
    return np.unique(np.linspace(0, count - 1, num=min(most, count)).astype(int))
