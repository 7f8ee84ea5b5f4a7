"""What every task offers, whether its unit is an image, a sequence, a token or an episode.

A task judges any contender by scores per unit, on the same units for all contenders, so that two contenders are
compared in pairs; units that share an origin carry one group, so that a bootstrap can resample whole groups.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy import ndarray

from neurobridge.errors import InputError, lookup
from neurobridge.tasks.scoring import IGNORE, REDUCTIONS, SCORINGS
from neurobridge.tasks.vocabulary import check

Predict = Callable[[ndarray], ndarray]
"""Maps a batch of inputs `(sample, *input_shape)` to raw outputs `(sample, ..., output_size)`."""


@final
@dataclass(frozen=True, kw_only=True)
class Metric:
    """How scores per unit become the one number that is reported.

    Args:
        name: what the number is called ("accuracy", "perplexity", "return").
        unit: its unit, "" for a plain number.
        higher_is_better: which way is up.
        reduction: name of the function from scores to the number, one of `scoring.REDUCTIONS`.
    """

    name: str
    unit: str = ""
    higher_is_better: bool = True
    reduction: str = "mean"

    def __post_init__(self) -> None:
        lookup("reduction", self.reduction, REDUCTIONS)

    def summarise(self, values: ndarray) -> float:
        """Return the number for scores `(unit, ...)`."""
        return float(REDUCTIONS[self.reduction](np.asarray(values, dtype=np.float64)))


ACCURACY = Metric(name="accuracy", unit="%", reduction="percent")


@final
@dataclass(frozen=True, kw_only=True)
class Scores:
    """One contender's scores on one task.

    Args:
        values: `(unit, ...)` float64; mostly one number a unit, two for (anomaly score, label).
        groups: `(unit,)` int64, the origin of each unit: the original image, the document, the environment's seed.
        metric: how `values` become one number.
    """

    values: ndarray
    groups: ndarray
    metric: Metric

    def __post_init__(self) -> None:
        if len(self.values) == 0 or len(self.values) != len(self.groups):
            raise InputError(
                f"scores need one group a unit and at least one unit; got {len(self.values)} values and "
                f"{len(self.groups)} groups."
            )

    @property
    def summary(self) -> float:
        """The metric over all units."""
        return self.metric.summarise(self.values)


@final
@dataclass(frozen=True, kw_only=True)
class Split:
    """One side of a data set.

    Args:
        inputs: `(sample, *input_shape)`, float32, or int64 for tokens.
        targets: `(sample, ...)`, int64 for classes and tokens, float32 for numbers.
        groups: `(sample,)` int64, the origin of each sample; samples of one origin never sit on both sides.
    """

    inputs: ndarray
    targets: ndarray
    groups: ndarray

    def __post_init__(self) -> None:
        lengths = {len(self.inputs), len(self.targets), len(self.groups)}
        if len(lengths) > 1 or 0 in lengths:
            raise InputError(
                "a split needs as many targets and groups as inputs, and at least one; got "
                f"{len(self.inputs)} inputs, {len(self.targets)} targets, {len(self.groups)} groups."
            )

    def __len__(self) -> int:
        return len(self.inputs)

    def head(self, count: int | None) -> "Split":
        """Return the first `count` samples, or all of them for None."""
        return self if count is None else self.take(np.arange(min(count, len(self))))

    def take(self, indices: ndarray) -> "Split":
        """Return the samples at `indices`."""
        return Split(inputs=self.inputs[indices], targets=self.targets[indices], groups=self.groups[indices])


@dataclass(frozen=True, kw_only=True)
class Task(ABC):
    """Something networks are asked to do.

    Args:
        name: the name it is registered under.
        title: one line for tables and figures.
        source: where the data or the rules come from (paper, package).
        metric: what is reported.
        input_shape: shape of one input, without the batch.
        output_size: length of the last axis of a contender's outputs: classes, tokens, actions, targets.
        output_steps: answers a sample, outputs are `(sample, output_steps, output_size)`; 0 for one answer,
            outputs are `(sample, output_size)`.
        vocabulary: inputs are tokens 0 ... vocabulary - 1; 0 if inputs are numbers.
        baselines: names of the plain methods that a network must beat, in `baselines.BASELINES`.
    """

    name: str
    title: str
    source: str
    metric: Metric
    input_shape: tuple[int, ...]
    output_size: int
    output_steps: int = 0
    vocabulary: int = 0
    baselines: tuple[str, ...] = ()

    @abstractmethod
    def calibration(self, count: int, seed: int = 0) -> ndarray:
        """Return `count` unlabelled inputs `(count, *input_shape)` from the training side, chosen by `seed`."""

    @abstractmethod
    def judge(self, predict: Predict, *, limit: int | None = None) -> Scores:
        """Return a contender's scores.

        Args:
            predict: the contender; it is called with batches of inputs.
            limit: judge only the first so many samples or episodes; None for all.
        """

    def checked(self, inputs: ndarray, outputs: ndarray) -> ndarray:
        """Return a contender's outputs as an array, or say what is wrong with them.

        Raises:
            InputError: another shape than the task asks for, or numbers that are not finite.
        """
        outputs = np.asarray(outputs)
        expected = (len(inputs), *((self.output_steps,) if self.output_steps else ()), self.output_size)
        if outputs.shape != expected:
            raise InputError(
                f"task {self.name!r}: a contender returned outputs of shape {outputs.shape} for {len(inputs)} inputs; "
                f"expected {expected}."
            )
        if not np.isfinite(outputs).all():
            raise InputError(f"task {self.name!r}: a contender returned outputs that are not finite numbers.")
        return outputs


@final
@dataclass(frozen=True, kw_only=True)
class SupervisedTask(Task):
    """A task whose answers are known: classes, numbers or tokens, one a sample or one a time step.

    Args:
        train: what weights are fitted to.
        validation: what training stops by; taken from the training side.
        test: what `judge` uses, and nothing else does.
        loss: name of the training loss, one of `ann.losses.LOSSES`.
        scoring: name of the function (outputs, targets) -> scores per unit, one of `scoring.SCORINGS`.
        own_answers: the last `output_steps` places of an input hold the answers before each place. They are given in
            training; `judge` fills them with the contender's own, one call a step.
        judge_batch: samples in one call of a contender; few where outputs are large.
        labels: names of the outputs, for tables and figures; empty if they have none.
        facts: what else is known about the data and a figure may want, such as the words behind the tokens.
    """

    train: Split
    validation: Split
    test: Split
    loss: str = "cross-entropy"
    scoring: str = "correct"
    own_answers: bool = False
    judge_batch: int = 512
    labels: tuple[str, ...] = ()
    facts: Mapping[str, object] | None = None

    def __post_init__(self) -> None:
        lookup("scoring", self.scoring, SCORINGS)
        if 0 in self.input_shape:
            raise InputError(f"task {self.name!r}: input_shape {self.input_shape} holds nothing; lengths start at 1.")
        for name in ("train", "validation", "test"):
            self._check(getattr(self, name), f"task {self.name!r}, {name} side")

    def _check(self, side: Split, where: str) -> None:
        if side.inputs.dtype == object:
            raise InputError(f"{where}: sequences of one batch have one length; pad the shorter ones in front.")
        if side.inputs.shape[1:] != self.input_shape:
            raise InputError(f"{where}: inputs have shape {side.inputs.shape[1:]}, input_shape is {self.input_shape}.")
        if self.vocabulary:
            check(side.inputs, self.vocabulary, f"{where}: ")
        elif not np.isfinite(side.inputs).all():
            raise InputError(
                f"{where}: input {np.argwhere(~np.isfinite(side.inputs))[0].tolist()} is not a finite number."
            )
        if np.issubdtype(side.targets.dtype, np.integer):
            check(np.where(side.targets == IGNORE, 0, side.targets), self.output_size, f"{where}, targets: ")

    def calibration(self, count: int, seed: int = 0) -> ndarray:
        """Return `count` training inputs, without repetition, chosen by `seed`.

        Raises:
            InputError: fewer than one, or more than the training side holds.
        """
        if not 1 <= count <= len(self.train):
            raise InputError(
                f"task {self.name!r} can give 1 to {len(self.train)} inputs for calibration; asked for {count}."
            )
        chosen = np.random.default_rng(seed).choice(len(self.train), size=count, replace=False)
        return self.train.inputs[chosen]

    def judge(self, predict: Predict, *, limit: int | None = None, batch: int | None = None) -> Scores:
        """Return a contender's scores on the test side.

        Args:
            predict: the contender.
            limit: judge only the first so many samples; None for all.
            batch: samples in one call of `predict`; `judge_batch` if None.

        Raises:
            InputError: outputs of a wrong shape or not finite, or `limit` or `batch` below 1.
        """
        return self.judge_on(self.test, predict, limit=limit, batch=batch)

    def judge_on(self, side: Split, predict: Predict, *, limit: int | None = None, batch: int | None = None) -> Scores:
        """Return a contender's scores on any side of the data; `judge` is this on the test side."""
        batch = self.judge_batch if batch is None else batch
        if batch < 1 or (limit is not None and limit < 1):
            raise InputError(f"judging needs limit >= 1 and batch >= 1; got limit={limit}, batch={batch}.")
        side = side.head(limit)
        values, groups = [], []
        for start in range(0, len(side), batch):
            part = side.take(np.arange(start, min(start + batch, len(side))))
            outputs = self._answers(part.inputs, predict)
            scored, sample = SCORINGS[self.scoring](outputs, part.targets)
            values.append(scored)
            groups.append(part.groups[sample])
        return Scores(values=np.concatenate(values), groups=np.concatenate(groups), metric=self.metric)

    def _answers(self, inputs: ndarray, predict: Predict) -> ndarray:
        if not self.own_answers:
            return self.checked(inputs, predict(inputs))
        filled, first = inputs.copy(), inputs.shape[1] - self.output_steps
        filled[:, first + 1 :] = inputs[:, first, None]  # what stands in the places after the first is the solution
        outputs = self.checked(filled, predict(filled))
        for step in range(1, self.output_steps):
            filled[:, first + step] = outputs[:, step - 1].argmax(axis=-1)
            outputs = self.checked(filled, predict(filled))
        return outputs
