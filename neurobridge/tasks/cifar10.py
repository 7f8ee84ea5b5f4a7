"""CIFAR-10 from its binary version: records of one class byte and 3 x 32 x 32 pixel bytes.

The pickled version is never opened.
"""

import tarfile
from pathlib import Path

import numpy as np
from numpy import ndarray

from neurobridge.errors import FileFormatError
from neurobridge.tasks.files import PublishedFile, content, existing, obtain
from neurobridge.tasks.image_splits import image_task
from neurobridge.tasks.task import SupervisedTask

SOURCE = "Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images"
FOLDER = "cifar-10-batches-bin"
ARCHIVE = PublishedFile(
    name="cifar-10-binary.tar.gz",
    address="https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
    md5="c32a1d4ab5d03f1284b67883e8d87530",
)
TRAIN = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
TEST = "test_batch.bin"
RECORD = 1 + 3 * 32 * 32
LABELS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def cifar10(data: Path, seed: int = 0) -> SupervisedTask:
    """CIFAR-10: photographs of ten kinds, 32 x 32, in colour, from its binary version.

    `seed` chooses the validation images. `data` holds the six `.bin` files, or their folder, or the published archive,
    or is empty and may be filled.

    Raises:
        InputError: the directory does not exist.
        FileFormatError: a file is missing and cannot be downloaded, or is damaged.
    """
    folder = _folder(existing(data))
    parts = [read(folder / name) for name in TRAIN]
    train = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
    return image_task("cifar10", "Photographs, 32 x 32, 10 kinds", SOURCE, train, read(folder / TEST), LABELS, seed)


def read(path: Path) -> tuple[ndarray, ndarray]:
    """Return images `(sample, 3, 32, 32)` and classes `(sample,)` as bytes.

    Raises:
        FileFormatError: missing, or not a whole number of records.
    """
    raw = content(path, ARCHIVE.address)
    if not raw or len(raw) % RECORD:
        raise FileFormatError(
            f"{path} is truncated or not CIFAR-10's binary version: {len(raw)} bytes are not a multiple of {RECORD}."
        )
    records = np.frombuffer(raw, dtype=np.uint8).reshape(-1, RECORD)
    return records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0]


def _folder(data: Path) -> Path:
    for folder in (data, data / FOLDER):
        if any((folder / name).exists() for name in (*TRAIN, TEST)):
            return folder
    archive = obtain(data, ARCHIVE)
    with tarfile.open(archive) as packed:
        packed.extractall(data, filter="data")
    return data / FOLDER
