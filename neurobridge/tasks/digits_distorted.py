"""Handwritten digits on a 16 x 16 canvas, each copy under a random map: what a spatial transformer should undo.

Distortions are those of Jaderberg et al. 2015, section 4.1: rotation, scale, translation, shear, perspective, clutter.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from neurobridge.tasks.digits import LABELS, SOURCE, originals
from neurobridge.tasks.task import ACCURACY, Split, SupervisedTask
from neurobridge.tasks.warp import centred, rotations, warp

SIZE = 16
ENLARGED = 1.5
"""An 8 x 8 original fills 12 x 12 of the canvas."""
TRAIN_COPIES, TEST_COPIES = 2, 20
LARGEST_ANGLE = np.deg2rad(60)
SCRAPS, SCRAP = 4, 4
"""Clutter: so many squares of other digits, each so many pixels wide."""


def _rotated(count: int, random: Generator) -> ndarray:
    """Turned by up to 60 degrees and moved by up to a pixel."""
    turned = rotations(random.uniform(-LARGEST_ANGLE, LARGEST_ANGLE, count), np.full(count, ENLARGED))
    return centred(turned, random.uniform(-1, 1, (count, 2)))


def _scaled(count: int, random: Generator) -> ndarray:
    """Between half and one and a third of the usual size."""
    return centred(rotations(np.zeros(count), ENLARGED * random.uniform(0.5, 4 / 3, count)), np.zeros((count, 2)))


def _translated(count: int, random: Generator) -> ndarray:
    """At two thirds of the usual size, moved by up to 4 pixels."""
    small = rotations(np.zeros(count), np.full(count, 1.0))
    return centred(small, random.uniform(-4, 4, (count, 2)))


def _sheared(count: int, random: Generator) -> ndarray:
    """Sheared by up to 45 degrees along either axis."""
    matrices = np.tile(ENLARGED * np.eye(2), (count, 1, 1))
    lean, axis = ENLARGED * random.uniform(-1, 1, count), random.integers(0, 2, count)
    matrices[np.arange(count), axis, 1 - axis] = lean
    return centred(matrices, np.zeros((count, 2)))


def _tilted(count: int, random: Generator) -> ndarray:
    """Turned by up to 30 degrees and tilted: a homography with random last row."""
    turned = rotations(random.uniform(-np.pi / 6, np.pi / 6, count), np.full(count, ENLARGED))
    maps = centred(turned, np.zeros((count, 2)))
    maps[:, 2, :2] = random.uniform(-0.07, 0.07, (count, 2))
    return maps


MAPS: Mapping[str, Callable[[int, Generator], ndarray]] = {
    "rotated": _rotated,
    "scaled": _scaled,
    "translated": _translated,
    "sheared": _sheared,
    "perspective": _tilted,
    "cluttered": _translated,
}


def rotated(data: Path | None = None, seed: int = 0) -> SupervisedTask:
    """Handwritten digits turned by up to 60 degrees, 16 x 16."""
    return distorted("rotated", seed)


def scaled(data: Path | None = None, seed: int = 0) -> SupervisedTask:
    """Handwritten digits of half to one and a third of the usual size, 16 x 16."""
    return distorted("scaled", seed)


def translated(data: Path | None = None, seed: int = 0) -> SupervisedTask:
    """Small handwritten digits anywhere on a canvas of 16 x 16."""
    return distorted("translated", seed)


def sheared(data: Path | None = None, seed: int = 0) -> SupervisedTask:
    """Handwritten digits sheared by up to 45 degrees, 16 x 16."""
    return distorted("sheared", seed)


def perspective(data: Path | None = None, seed: int = 0) -> SupervisedTask:
    """Handwritten digits seen at an angle, 16 x 16."""
    return distorted("perspective", seed)


def cluttered(data: Path | None = None, seed: int = 0) -> SupervisedTask:
    """Small handwritten digits among scraps of others, 16 x 16."""
    return distorted("cluttered", seed)


@lru_cache(maxsize=2)
def distorted(how: str, seed: int) -> SupervisedTask:
    """Return a task; `how` is one of `MAPS`. 2,424 training, 270 validation and 9,000 test images."""
    random = np.random.default_rng([seed, 16, list(MAPS).index(how)])
    train, validation, test = originals(seed)
    return SupervisedTask(
        name=f"digits-{how}",
        title=f"Handwritten digits, {how}, 16 x 16",
        source=f"{SOURCE}; distortions as in Jaderberg et al. 2015",
        metric=ACCURACY,
        input_shape=(1, SIZE, SIZE),
        output_size=10,
        train=_copies(train, TRAIN_COPIES, how, random),
        validation=_copies(validation, TRAIN_COPIES, how, random),
        test=_copies(test, TEST_COPIES, how, random),
        labels=LABELS,
        baselines=("logistic regression",),
    )


def _copies(side: Split, count: int, how: str, random: Generator) -> Split:
    repeated = side.take(np.repeat(np.arange(len(side)), count))
    images = warp(repeated.inputs, MAPS[how](len(repeated), random), SIZE)
    if how == "cluttered":
        images = np.maximum(images, _clutter(repeated.inputs, random))
    return Split(inputs=images, targets=repeated.targets, groups=repeated.groups)


def _clutter(inputs: ndarray, random: Generator) -> ndarray:
    """Return canvases with scraps of the same side's digits, taken and put anywhere."""
    count = len(inputs)
    canvas = np.zeros((count, 1, SIZE, SIZE), dtype=np.float32)
    sample, offsets = np.arange(count)[:, None, None], np.arange(SCRAP)
    for _ in range(SCRAPS):
        origin = random.integers(0, inputs.shape[2] - SCRAP + 1, (2, count, 1))
        place = random.integers(0, SIZE - SCRAP + 1, (2, count, 1))
        other = random.permutation(count)[:, None, None]
        scrap = inputs[other, 0, (origin[0] + offsets)[:, :, None], (origin[1] + offsets)[:, None, :]]
        canvas[sample, 0, (place[0] + offsets)[:, :, None], (place[1] + offsets)[:, None, :]] = scrap
    return canvas
