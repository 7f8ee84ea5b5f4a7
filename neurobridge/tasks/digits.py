"""Real handwritten digits, 1797 images of 8 x 8, from scikit-learn."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from neurobridge.tasks.task import ACCURACY, Split, SupervisedTask

SOURCE = "E. Alpaydin and C. Kaynak 1998, Optical Recognition of Handwritten Digits, UCI; as in scikit-learn"
LABELS = tuple(str(digit) for digit in range(10))
TEST_COUNT, VALIDATION_COUNT = 450, 135


@lru_cache(maxsize=4)
def originals(seed: int = 0) -> tuple[Split, Split, Split]:
    """Return (train, validation, test) of the original images, `(sample, 1, 8, 8)` in [0, 1].

    1347 images on the training side, of which 135 validate, and 450 test images; every class keeps its share.
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    bunch = load_digits()
    images = (bunch.images / 16).astype(np.float32)[:, None]
    everything = Split(inputs=images, targets=bunch.target.astype(np.int64), groups=np.arange(len(images)))
    rest, test = train_test_split(
        np.arange(len(images)), test_size=TEST_COUNT, stratify=bunch.target, random_state=seed
    )
    train, validation = train_test_split(
        rest, test_size=VALIDATION_COUNT, stratify=bunch.target[rest], random_state=seed
    )
    return everything.take(train), everything.take(validation), everything.take(test)


def digits(data: Path | None = None, seed: int = 0) -> SupervisedTask:
    """Real handwritten digits, 1797 images of 8 x 8, from scikit-learn; `seed` fixes the split."""
    train, validation, test = originals(seed)
    return SupervisedTask(
        name="digits",
        title="Handwritten digits, 8 x 8",
        source=SOURCE,
        metric=ACCURACY,
        input_shape=(1, 8, 8),
        output_size=10,
        train=train,
        validation=validation,
        test=test,
        labels=LABELS,
        baselines=("logistic regression",),
    )
