"""What is measured of a contender: one row of a comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, final

import numpy as np
from numpy import ndarray

from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.comparison.energy import PRESETS, Operations, applies, total
from neurobridge.tasks import Predict, Scores, SupervisedTask, Task
from neurobridge.tasks.control import ControlTask

STATES = 10_000  # states that the answers of agents are compared in
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
        action_error: root mean square difference of actions that are numbers, as a share of their range.
        latency: steps from input to output.
        interval: steps between one input and the next.
        neurons: how many neurons the network has.
        spikes: per inference.
        spikes_per_neuron: per inference.
        spikes_per_synapse: per inference: accumulates over the ANN's multiply-accumulates. Pooling without neurons
            makes it larger: a spike then reaches every synapse that its pool reaches.
        operations: per inference, by kind.
        energy: preset -> picojoules per inference; a preset of another number format is missing.
        samples: how many inputs a pass over the test side has.
        tallies: per group of test units: sums and counts of scores, agreements and their trials.
        layers: the certificate's rows.
        spiking: what became of each operation of the network: node, kind, operation.
        raster: spikes of one sample, layer by layer; None for all rows but one of each code.
        robustness: disturbance -> [level, score] for rising levels; None where it was not measured.
        milliseconds: CPU time of one inference in a batch, see `timing`; None of a network that has no program.
        slowdown: over the ANN's, the median of ratios within a turn; 1 of the ANN.
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
    action_error: float | None = None
    latency: int | None = None
    interval: int | None = None
    neurons: int | None = None
    spikes: float | None = None
    spikes_per_neuron: float | None = None
    spikes_per_synapse: float | None = None
    operations: Mapping[str, float]
    energy: Mapping[str, float]
    samples: int
    tallies: Mapping[str, Sequence[float]]
    layers: Sequence[Mapping[str, Any]] = ()
    spiking: Sequence[Mapping[str, str]] = ()
    raster: Sequence[Mapping[str, Any]] | None = None
    robustness: Mapping[str, Sequence[Sequence[float]]] | None = None
    milliseconds: float | None = None
    slowdown: float | None = None

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
    """

    scores: Scores
    inputs: ndarray
    outputs: ndarray


def judged(task: Task, predict: Predict, limit: int | None = None) -> Judged:
    """Return a contender's pass over a task's test side, with everything it saw and said."""
    inputs, outputs = [], []

    def recorded(batch: ndarray) -> ndarray:
        answer = predict(batch)
        inputs.append(batch)
        outputs.append(answer)
        return answer

    scores = task.judge(recorded, limit=limit)
    return Judged(scores=scores, inputs=np.concatenate(inputs), outputs=np.concatenate(outputs))


@final
@dataclass(frozen=True, kw_only=True)
class Asked:
    """What every contender answers alike, so that answers can be compared.

    Args:
        inputs: the test side, or states that the ANN comes to.
        outputs: the ANN's.
        groups: `(input,)` the origin of each: the original image, the episode.
    """

    inputs: ndarray
    outputs: ndarray
    groups: ndarray


def asked(task: Task, predict: Predict, ann: Judged) -> Asked:
    """Return the test side; in control, where inputs depend on outputs, states of other episodes of the ANN."""
    if isinstance(task, ControlTask):
        visits = task.visited(predict, STATES, seed=1, explore=0.0)
        return Asked(inputs=visits.inputs, outputs=in_batches(predict, visits.inputs), groups=visits.groups)
    return Asked(inputs=ann.inputs, outputs=ann.outputs, groups=sample_groups(task, len(ann.inputs)))


def on_the_same_inputs(contender: Judged, predict: Predict, wanted: Asked) -> ndarray:
    """Return a contender's outputs on what all are asked: those it was judged by, if it was judged by the same."""
    if np.array_equal(contender.inputs, wanted.inputs):
        return contender.outputs
    return in_batches(predict, wanted.inputs)


def in_batches(predict: Predict, inputs: ndarray, batch: int = 512) -> ndarray:
    """Return a contender's outputs, asked for a batch at a time."""
    return np.concatenate([predict(inputs[start : start + batch]) for start in range(0, len(inputs), batch)])


def compared(task: Task, outputs: ndarray, wanted: Asked) -> tuple[ndarray | None, dict[str, Any]]:
    """Return how a contender's answers differ from the ANN's.

    Returns:
        `(input, position)` whether the choices agree, None where nothing is chosen; and the errors that a row holds.
    """
    own, theirs = outputs, wanted.outputs
    if isinstance(task, ControlTask):
        own, theirs = task.answers(own), task.answers(theirs)
    same = agreements(own, theirs) if chooses(task) else None
    action_error = None
    if isinstance(task, ControlTask) and not task.spaces.actions:
        width = np.array(task.spaces.high) - np.array(task.spaces.low)
        difference = (task.spaces.greedy(own) - task.spaces.greedy(theirs)) / width
        action_error = float(np.sqrt((difference.astype(np.float64) ** 2).mean()))
    return same, {
        "agreement": None if same is None else float(same.mean()),
        "logit_error": relative_error(own, theirs),
        "action_error": action_error,
    }


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
    if isinstance(task, ControlTask):
        return task.spaces.actions > 0
    return task.output_size > 1 and getattr(task, "scoring", "correct") in ("correct", "all correct", "surprise")


def tallies(
    scores: Scores, same: ndarray | None, groups: ndarray, lowest: Scores | None = None
) -> Mapping[str, Sequence[float]]:
    """Return sums over groups, from which every interval can be computed again.

    Args:
        scores: one contender's.
        same: `(sample, position)` agreements with the ANN, or None.
        groups: `(sample,)` the groups of the samples of `same`.
        lowest: scores on the same units of someone who knows nothing, where differences are measured from there.
    """
    found: dict[str, Sequence[float]] = {}
    if scores.values.ndim == 1:
        place = np.unique(scores.groups, return_inverse=True)[1]
        found["sums"] = np.bincount(place, scores.values).tolist()
        found["counts"] = np.bincount(place).tolist()
    if lowest is not None:
        place = np.unique(lowest.groups, return_inverse=True)[1]
        found["lowest"] = np.bincount(place, lowest.values).tolist()
    if same is not None:
        place = np.unique(groups, return_inverse=True)[1]
        found["agreements"] = np.bincount(place, same.sum(axis=1)).astype(int).tolist()
        found["trials"] = (np.bincount(place) * same.shape[1]).tolist()
    return found


def sample_groups(task: Task, count: int) -> ndarray:
    """Return the group of each of the first `count` inputs that judging shows; one of its own where a task has none.

    A task that feeds a contender its own answers shows every batch once for each of them.
    """
    side = getattr(task, "test", None)
    if side is None:
        return np.arange(count)
    if not isinstance(task, SupervisedTask) or not task.own_answers:
        return side.groups[:count]
    starts = range(0, len(side), task.judge_batch)
    return np.concatenate([np.tile(side.groups[i : i + task.judge_batch], task.output_steps) for i in starts])[:count]


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
