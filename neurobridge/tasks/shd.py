"""Spiking Heidelberg Digits: spoken digits as spikes of 700 channels of a model cochlea, from two HDF5 files."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy import ndarray

from neurobridge.errors import FileFormatError, InputError
from neurobridge.optional import require
from neurobridge.tasks.task import ACCURACY, Split, SupervisedTask

SOURCE = "Cramer, Stradmann, Schemmel & Zenke 2022, https://zenkelab.org/resources/spiking-heidelberg-datasets-shd/"
FILES = ("shd_train.h5", "shd_test.h5")
CHANNELS, CLASSES, SECONDS = 700, 20, 1.4


def shd(data: Path, seed: int = 0, steps: int = 50, pooled: int = 5) -> SupervisedTask:
    """Spiking Heidelberg Digits: spoken digits in two languages, as spikes of 700 channels.

    Inputs `(steps, 700 / pooled)`: spikes of `pooled` neighbouring channels in bins of 1.4 s / steps. Later spikes
    fall into the last bin. A tenth of the training recordings validates; groups are the recordings.

    Args:
        data: the folder with shd_train.h5 and shd_test.h5.
        seed: chooses the validation recordings.
        steps: time bins.
        pooled: channels that are counted together, a divisor of 700.

    Raises:
        InputError: a file is missing, or steps or pooled cannot be used.
        FileFormatError: a file is damaged or has another layout.
        MissingExtraError: h5py isn't installed.
    """
    if steps < 1 or pooled < 1 or CHANNELS % pooled:
        raise InputError(
            f"shd: steps is {steps}, at least 1 is due; pooled is {pooled}, a divisor of {CHANNELS} is due."
        )
    whole, test = (_read(data / name, steps, pooled) for name in FILES)
    order = np.random.default_rng(seed).permutation(len(whole))
    held = max(1, len(order) // 10)
    return SupervisedTask(
        name="shd",
        title="Spiking Heidelberg Digits",
        source=SOURCE,
        metric=ACCURACY,
        input_shape=(steps, CHANNELS // pooled),
        output_size=CLASSES,
        train=whole.take(order[held:]),
        validation=whole.take(order[:held]),
        test=test,
        baselines=("logistic regression",),
    )


def _read(path: Path, steps: int, pooled: int) -> Split:
    if not path.is_file():
        raise InputError(f"{path} is missing; get it from {SOURCE.split()[-1]}.")
    try:
        with require("h5py").File(path, "r") as file:
            labels = np.asarray(file["labels"], dtype=np.int64)
            counts = _binned(file["spikes"], len(labels), steps, pooled)
    except (OSError, KeyError) as error:
        raise FileFormatError(f"{path} is not a file of the Spiking Heidelberg Digits ({error}).") from None
    if len(labels) == 0 or labels.min() < 0 or labels.max() >= CLASSES:
        raise FileFormatError(f"{path}: labels must be there and lie in 0 to {CLASSES - 1}.")
    return Split(inputs=counts, targets=labels, groups=np.arange(len(labels)))


def _binned(spikes: Any, count: int, steps: int, pooled: int) -> ndarray:
    counts = np.zeros((count, steps, CHANNELS // pooled), dtype=np.float32)
    for index in range(count):
        times, units = np.asarray(spikes["times"][index], dtype=np.float64), np.asarray(spikes["units"][index])
        if len(times) != len(units) or (len(units) and (units.min() < 0 or units.max() >= CHANNELS)):
            raise KeyError(f"recording {index}: {len(times)} times, {len(units)} units, units below {CHANNELS} are due")
        step = np.minimum((times / SECONDS * steps).astype(np.int64), steps - 1)
        np.add.at(counts[index], (step, units.astype(np.int64) // pooled), 1)
    return counts
