"""N-MNIST: digits seen by a moving event camera, from folders of binary files.

An event is 5 bytes: column, row, then polarity (highest bit) and the time in microseconds (23 bits), big-endian.
"""

from pathlib import Path

import numpy as np
from numpy import ndarray

from neurobridge.errors import FileFormatError, InputError
from neurobridge.tasks.digits import LABELS
from neurobridge.tasks.task import ACCURACY, Split, SupervisedTask

SOURCE = "Orchard, Jayawant, Cohen & Thakor 2015, https://www.garrickorchard.com/datasets/n-mnist"
SIZE = 34
MICROSECONDS = 300_000


def nmnist(data: Path, seed: int = 0, steps: int = 6, limit: int | None = None) -> SupervisedTask:
    """N-MNIST: digits seen by a moving event camera, from folders of binary files.

    Videos `(steps, 2, 34, 34)` of events counted by polarity, in steps of 300 ms / steps.

    Args:
        data: the folder with Train/0 ... Train/9 and Test/0 ... Test/9, each with .bin files.
        seed: chooses the validation recordings, a tenth of the training side.
        steps: pictures of a video; later events fall into the last.
        limit: read only the first so many files of each folder; all 70,000 need 4 GB at 6 steps.

    Raises:
        InputError: a folder is missing, or steps is below 1.
        FileFormatError: a folder holds no recordings, or a file is truncated or has events outside the picture.
    """
    if steps < 1:
        raise InputError(f"n-mnist: steps is {steps}; it must be at least 1.")
    whole, test = (_side(data / name, steps, limit) for name in ("Train", "Test"))
    order = np.random.default_rng(seed).permutation(len(whole))
    held = max(1, len(order) // 10)
    return SupervisedTask(
        name="n-mnist",
        title="Digits seen by an event camera",
        source=SOURCE,
        metric=ACCURACY,
        input_shape=(steps, 2, SIZE, SIZE),
        output_size=10,
        train=whole.take(order[held:]),
        validation=whole.take(order[:held]),
        test=test,
        judge_batch=64,
        labels=LABELS,
        baselines=("logistic regression of the mean",),
    )


def read_events(path: Path) -> tuple[ndarray, ndarray, ndarray, ndarray]:
    """Return (time in microseconds, polarity 0 or 1, row, column) of a recording's events, each `(event,)`.

    Raises:
        FileFormatError: not a whole number of events, or one lies outside the picture.
    """
    raw = path.read_bytes()
    if len(raw) % 5:
        raise FileFormatError(f"{path} is truncated: {len(raw)} bytes are not a multiple of 5.")
    events = np.frombuffer(raw, dtype=np.uint8).reshape(-1, 5).astype(np.int64)
    column, row = events[:, 0], events[:, 1]
    if len(events) and max(column.max(), row.max()) >= SIZE:
        raise FileFormatError(f"{path} has an event at ({row.max()}, {column.max()}); pictures are {SIZE} x {SIZE}.")
    time = ((events[:, 2] & 0x7F) << 16) | (events[:, 3] << 8) | events[:, 4]
    return time, events[:, 2] >> 7, row, column


def _side(folder: Path, steps: int, limit: int | None) -> Split:
    files, labels = [], []
    for digit in range(10):
        if not (folder / str(digit)).is_dir():
            raise InputError(f"folder {folder / str(digit)} does not exist; get the data from {SOURCE.split()[-1]}.")
        found = sorted((folder / str(digit)).glob("*.bin"))[:limit]
        files += found
        labels += [digit] * len(found)
    if not files:
        raise FileFormatError(f"{folder} holds no .bin files.")
    videos = np.zeros((len(files), steps, 2, SIZE, SIZE), dtype=np.float32)
    for index, path in enumerate(files):
        time, polarity, row, column = read_events(path)
        step = np.minimum(time * steps // MICROSECONDS, steps - 1)
        np.add.at(videos[index], (step, polarity, row, column), 1)
    return Split(inputs=videos, targets=np.array(labels), groups=np.arange(len(files)))
