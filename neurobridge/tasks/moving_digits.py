"""Moving digits: short videos of a digit that bounces about, each picture showing only a part of its pixels."""

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from neurobridge.tasks.digits import LABELS, SOURCE, originals
from neurobridge.tasks.task import ACCURACY, Split, SupervisedTask
from neurobridge.tasks.warp import centred, rotations, warp

STEPS, SIZE = 6, 16
SHOWN = 0.3
"""Share of the pixels that a picture shows; one picture is not enough to read the digit."""
TRAIN_COPIES, TEST_COPIES = 3, 10


@lru_cache(maxsize=1)
def moving_digits(data: Path | None = None, seed: int = 0) -> SupervisedTask:
    """Moving digits, mostly hidden: each of six pictures shows a third of its pixels.

    Videos `(6, 1, 16, 16)`; the digit moves in a straight line and bounces off the walls.
    3,636 training, 405 validation and 4,500 test videos; groups are the originals, which never cross sides.
    """
    random = np.random.default_rng([seed, 6])
    train, validation, test = originals(seed)
    return SupervisedTask(
        name="moving-digits",
        title="Moving digits, mostly hidden",
        source=f"{SOURCE}; motion as in Srivastava, Mansimov & Salakhutdinov 2015",
        metric=ACCURACY,
        input_shape=(STEPS, 1, SIZE, SIZE),
        output_size=10,
        train=_videos(train, TRAIN_COPIES, random),
        validation=_videos(validation, TRAIN_COPIES, random),
        test=_videos(test, TEST_COPIES, random),
        labels=LABELS,
        baselines=("logistic regression of the mean",),
    )


def _videos(side: Split, copies: int, random: Generator) -> Split:
    repeated = side.take(np.repeat(np.arange(len(side)), copies))
    places = _paths(len(repeated), random)
    upright = rotations(np.zeros(len(repeated)), np.full(len(repeated), 1.25))
    pictures = [warp(repeated.inputs, centred(upright, places[:, step]), SIZE) for step in range(STEPS)]
    videos = np.stack(pictures, axis=1)
    videos *= random.random(videos.shape, dtype=np.float32) < SHOWN
    return Split(inputs=videos, targets=repeated.targets, groups=repeated.groups)


def _paths(count: int, random: Generator, wall: float = 3.0) -> ndarray:
    """Return places `(sample, step, 2)`: straight lines, reflected at +-wall."""
    angle = random.uniform(0, 2 * np.pi, (count, 1))
    velocity = 1.5 * np.concatenate([np.cos(angle), np.sin(angle)], axis=1)
    start = random.uniform(-wall, wall, (count, 2))
    line = start[:, None] + velocity[:, None] * np.arange(STEPS)[:, None]
    return wall - np.abs((line + wall) % (4 * wall) - 2 * wall)
