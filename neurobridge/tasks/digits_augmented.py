"""Shifted, turned, resized and noisy copies of the handwritten digits on a 12 x 12 canvas.

450 images cannot resolve 0.1 points; 20 copies of each held-out original can, when the bootstrap resamples originals.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np

from neurobridge.tasks.digits import LABELS, SOURCE, originals
from neurobridge.tasks.task import ACCURACY, Split, SupervisedTask
from neurobridge.tasks.warp import centred, rotations, warp

SIZE = 12
COPIES = 20
LARGEST_ANGLE = np.deg2rad(15)
SCALES = (0.9, 1.15)
LARGEST_SHIFT = 1.5
NOISE = 0.05


def copies(side: Split, count: int, random: np.random.Generator) -> Split:
    """Return `count` altered copies of each image: turned, resized, shifted, with Gaussian noise, clipped to [0, 1]."""
    repeated = side.take(np.repeat(np.arange(len(side)), count))
    number = len(repeated)
    matrices = rotations(random.uniform(-LARGEST_ANGLE, LARGEST_ANGLE, number), random.uniform(*SCALES, number))
    shifts = random.uniform(-LARGEST_SHIFT, LARGEST_SHIFT, (number, 2))
    images = warp(repeated.inputs, centred(matrices, shifts), SIZE)
    images += random.normal(0, NOISE, images.shape).astype(np.float32)
    return Split(inputs=images.clip(0, 1), targets=repeated.targets, groups=repeated.groups)


@lru_cache(maxsize=2)
def digits_augmented(data: Path | None = None, seed: int = 0) -> SupervisedTask:
    """Shifted, turned, resized and noisy copies of the handwritten digits, 12 x 12.

    24,240 training, 2,700 validation and 9,000 test images; originals never cross sides.
    """
    random = np.random.default_rng([seed, 12])
    train, validation, test = (copies(side, COPIES, random) for side in originals(seed))
    return SupervisedTask(
        name="digits-augmented",
        title="Handwritten digits, altered copies, 12 x 12",
        source=SOURCE,
        metric=ACCURACY,
        input_shape=(1, SIZE, SIZE),
        output_size=10,
        train=train,
        validation=validation,
        test=test,
        labels=LABELS,
        baselines=("logistic regression",),
    )
