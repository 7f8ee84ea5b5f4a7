"""Sequences drawn from a rule, that ask for memory: adding, copying, parity."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from neurobridge.errors import InputError
from neurobridge.tasks.scoring import IGNORE
from neurobridge.tasks.task import ACCURACY, Metric, Split, SupervisedTask

Draw = Callable[[int, Generator], tuple[ndarray, ndarray]]
"""(samples, random) -> (inputs, targets)."""

SYMBOLS, COPIED = 8, 10
BLANK, GO = SYMBOLS, SYMBOLS + 1
MEAN_SQUARED_ERROR = Metric(name="mean squared error", higher_is_better=False)


def adding(data: Path | None = None, seed: int = 0, length: int = 100) -> SupervisedTask:
    """The adding problem: the sum of the two marked numbers of a long sequence.

    Inputs `(length, 2)`: a number in [0, 1] and a mark, one mark in either half. Answering 1 always has a mean squared
    error of 1/6. Source: Hochreiter & Schmidhuber 1997, section 5.4, in the form of Le, Jaitly & Hinton 2015.

    Raises:
        InputError: `length` is below 2.
    """
    if length < 2:
        raise InputError(f"the adding problem needs a length of at least 2; got {length}.")

    def draw(count: int, random: Generator) -> tuple[ndarray, ndarray]:
        numbers = random.random((count, length))
        marks = np.zeros((count, length))
        first = random.integers(0, length // 2, count)
        second = random.integers(length // 2, length, count)
        marks[np.arange(count), first] = marks[np.arange(count), second] = 1
        inputs = np.stack([numbers, marks], axis=-1).astype(np.float32)
        return inputs, (numbers * marks).sum(axis=1, keepdims=True).astype(np.float32)

    train, validation, test = _sides(draw, 20_000, seed)
    return SupervisedTask(
        name="adding",
        title=f"Adding problem, length {length}",
        source="Hochreiter & Schmidhuber 1997",
        metric=MEAN_SQUARED_ERROR,
        input_shape=(length, 2),
        output_size=1,
        train=train,
        validation=validation,
        test=test,
        loss="squared error",
        scoring="squared error",
        baselines=("mean",),
    )


def copy_memory(data: Path | None = None, seed: int = 0, delay: int = 20) -> SupervisedTask:
    """Copy memory: repeat 10 symbols of 8 after `delay` blanks.

    Inputs are tokens `(delay + 20,)`: 10 symbols, blanks with a go sign at the end of the delay, 10 blanks; only the
    last 10 answers count, and guessing has 12.5 %. Source: Hochreiter & Schmidhuber 1997; Arjovsky, Shah & Bengio 2016.

    Raises:
        InputError: `delay` is below 1.
    """
    if delay < 1:
        raise InputError(f"copy memory needs a delay of at least 1; got {delay}.")
    length = delay + 2 * COPIED

    def draw(count: int, random: Generator) -> tuple[ndarray, ndarray]:
        symbols = random.integers(0, SYMBOLS, (count, COPIED))
        inputs = np.full((count, length), BLANK)
        inputs[:, :COPIED] = symbols
        inputs[:, COPIED + delay - 1] = GO
        targets = np.full((count, length), IGNORE)
        targets[:, -COPIED:] = symbols
        return inputs, targets

    train, validation, test = _sides(draw, 20_000, seed)
    return SupervisedTask(
        name="copy-memory",
        title=f"Copy memory, delay {delay}",
        source="Hochreiter & Schmidhuber 1997; Arjovsky, Shah & Bengio 2016",
        metric=ACCURACY,
        input_shape=(length,),
        output_size=SYMBOLS,
        output_steps=length,
        vocabulary=SYMBOLS + 2,
        train=train,
        validation=validation,
        test=test,
        labels=tuple("abcdefgh"),
        baselines=("most frequent",),
    )


def parity(data: Path | None = None, seed: int = 0, length: int = 20) -> SupervisedTask:
    """Running parity: at every step, whether the number of ones so far is odd.

    Inputs `(length, 1)` of 0 and 1. No network without memory can do better than chance.
    Source: Minsky & Papert 1969; Hochreiter & Schmidhuber 1997.

    Raises:
        InputError: `length` is below 1.
    """
    if length < 1:
        raise InputError(f"parity needs a length of at least 1; got {length}.")

    def draw(count: int, random: Generator) -> tuple[ndarray, ndarray]:
        bits = random.integers(0, 2, (count, length))
        return bits[..., None].astype(np.float32), bits.cumsum(axis=1) % 2

    train, validation, test = _sides(draw, 5_000, seed)
    return SupervisedTask(
        name="parity",
        title=f"Running parity, length {length}",
        source="Minsky & Papert 1969",
        metric=ACCURACY,
        input_shape=(length, 1),
        output_size=2,
        output_steps=length,
        train=train,
        validation=validation,
        test=test,
        labels=("even", "odd"),
        baselines=("most frequent",),
    )


def _sides(draw: Draw, count: int, seed: int) -> tuple[Split, Split, Split]:
    sides = []
    for index, size in enumerate((count, 1000, 2000)):
        inputs, targets = draw(size, np.random.default_rng([seed, index]))
        sides.append(Split(inputs=inputs, targets=targets, groups=np.arange(size)))
    return sides[0], sides[1], sides[2]
