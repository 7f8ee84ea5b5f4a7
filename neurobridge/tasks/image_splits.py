"""From published training and test images to a task with a validation side."""

import numpy as np
from numpy import ndarray

from neurobridge.errors import FileFormatError
from neurobridge.tasks.task import ACCURACY, Split, SupervisedTask

Pair = tuple[ndarray, ndarray]
"""Images `(sample, channel, row, column)` as bytes, and their classes `(sample,)`."""

VALIDATION_SHARE = 1 / 12


def image_task(
    name: str, title: str, source: str, train: Pair, test: Pair, labels: tuple[str, ...], seed: int
) -> SupervisedTask:
    """Return a classification task; a twelfth of the training images, chosen by `seed`, validates.

    Raises:
        FileFormatError: as many labels as images are due, and each of a known class.
    """
    sides = [_split(name, images, classes, len(labels)) for images, classes in (train, test)]
    order = np.random.default_rng(seed).permutation(len(sides[0]))
    held = max(1, round(VALIDATION_SHARE * len(order)))
    return SupervisedTask(
        name=name,
        title=title,
        source=source,
        metric=ACCURACY,
        input_shape=sides[0].inputs.shape[1:],
        output_size=len(labels),
        train=sides[0].take(order[held:]),
        validation=sides[0].take(order[:held]),
        test=sides[1],
        labels=labels,
        baselines=("logistic regression",),
    )


def _split(name: str, images: ndarray, classes: ndarray, count: int) -> Split:
    if len(images) != len(classes) or len(images) == 0:
        raise FileFormatError(
            f"{name}: {len(images)} images but {len(classes)} labels; the files do not belong together."
        )
    if classes.max() >= count:
        raise FileFormatError(f"{name}: a label is {classes.max()}; classes go from 0 to {count - 1}.")
    return Split(
        inputs=images.astype(np.float32) / 255, targets=classes.astype(np.int64), groups=np.arange(len(images))
    )
