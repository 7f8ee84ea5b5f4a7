"""Handwritten digits read as sequences: row by row, or pixel by pixel in a fixed random order."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy import ndarray

from neurobridge.tasks.digits import digits
from neurobridge.tasks.digits_augmented import digits_augmented
from neurobridge.tasks.task import Split, SupervisedTask

ORDER_SEED = 92_916
"""The pixel order is a constant of the task, as in Le, Jaitly & Hinton 2015, and does not follow the split's seed."""


def rows(data: Path | None = None, seed: int = 0) -> SupervisedTask:
    """Handwritten digits read row by row: 8 steps of 8 features."""
    return _read(digits(data, seed), "digits-rows", "row by row", _rows)


def augmented_rows(data: Path | None = None, seed: int = 0) -> SupervisedTask:
    """Altered copies of the digits read row by row: 12 steps of 12 features."""
    return _read(digits_augmented(data, seed), "digits-augmented-rows", "row by row", _rows)


def permuted(data: Path | None = None, seed: int = 0) -> SupervisedTask:
    """Handwritten digits read pixel by pixel in a fixed random order: 64 steps."""
    return _read(digits(data, seed), "digits-permuted", "pixel by pixel, permuted", _permuted)


def augmented_permuted(data: Path | None = None, seed: int = 0) -> SupervisedTask:
    """Altered copies of the digits read pixel by pixel in a fixed random order: 144 steps."""
    return _read(digits_augmented(data, seed), "digits-augmented-permuted", "pixel by pixel, permuted", _permuted)


def _rows(images: ndarray) -> ndarray:
    return images[:, 0]


def _permuted(images: ndarray) -> ndarray:
    pixels = images.reshape(len(images), -1, 1)
    return pixels[:, np.random.default_rng(ORDER_SEED).permutation(pixels.shape[1])]


def _read(task: SupervisedTask, name: str, how: str, order: Callable[[ndarray], ndarray]) -> SupervisedTask:
    def side(split: Split) -> Split:
        return replace(split, inputs=order(split.inputs))

    train = side(task.train)
    return replace(
        task,
        name=name,
        title=f"{task.title}, {how}",
        input_shape=train.inputs.shape[1:],
        train=train,
        validation=side(task.validation),
        test=side(task.test),
    )
