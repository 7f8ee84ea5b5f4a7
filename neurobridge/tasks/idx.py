"""MNIST and Fashion-MNIST from a directory of IDX files.

IDX: two zero bytes, a type byte (8 = unsigned byte), the number of axes, the length of each axis as a big-endian
32-bit number, the data.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np
from numpy import ndarray

from neurobridge.errors import FileFormatError
from neurobridge.tasks.digits import LABELS
from neurobridge.tasks.files import PublishedFile, content, existing, obtain
from neurobridge.tasks.image_splits import image_task
from neurobridge.tasks.task import SupervisedTask

UNSIGNED_BYTE = 8
MNIST_ADDRESS = "https://ossci-datasets.s3.amazonaws.com/mnist/"
FASHION_ADDRESS = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
GARMENTS = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")


@final
@dataclass(frozen=True, kw_only=True)
class Quartet:
    """The four files of such a data set."""

    train_images: PublishedFile
    train_labels: PublishedFile
    test_images: PublishedFile
    test_labels: PublishedFile


def _quartet(address: str, *checksums: str) -> Quartet:
    names = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    files = [
        PublishedFile(name=f"{name}-ubyte.gz", address=f"{address}{name}-ubyte.gz", md5=checksum)
        for name, checksum in zip(names, checksums, strict=True)
    ]
    return Quartet(train_images=files[0], train_labels=files[1], test_images=files[2], test_labels=files[3])


MNIST = _quartet(
    MNIST_ADDRESS,
    "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "d53e105ee54ea40749a09fcbcd1e9432",
    "9fb629c4189551a2d022fa330f9573f3",
    "ec29112dd5afa0611ce80d1b7f02629c",
)
FASHION = _quartet(
    FASHION_ADDRESS,
    "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "25c81989df183df01b3e8a0aad5dffbe",
    "bef4ecab320f06d8554ea6380940ec79",
    "bb300cfdad3c16e7a12a480ee83cd310",
)


def mnist(data: Path, seed: int = 0) -> SupervisedTask:
    """MNIST: handwritten digits, 28 x 28, from a directory of IDX files.

    `seed` chooses the 5,000 validation images.

    Raises:
        InputError: the directory does not exist.
        FileFormatError: a file is missing and cannot be downloaded, is damaged, or is another file.
    """
    return _load(data, seed, MNIST, "mnist", "Handwritten digits, 28 x 28", "LeCun, Cortes & Burges 1998", LABELS)


def fashion_mnist(data: Path, seed: int = 0) -> SupervisedTask:
    """Fashion-MNIST: garments of ten kinds, 28 x 28, from a directory of IDX files.

    `seed` chooses the 5,000 validation images.

    Raises:
        InputError: the directory does not exist.
        FileFormatError: a file is missing and cannot be downloaded, is damaged, or is another file.
    """
    return _load(data, seed, FASHION, "fashion-mnist", "Garments, 28 x 28", "Xiao, Rasul & Vollgraf 2017", GARMENTS)


def read(path: Path, axes: int) -> ndarray:
    """Return the array in an IDX file of unsigned bytes, gzipped or not.

    Args:
        path: the file.
        axes: how many axes it must have: 3 for images, 1 for labels.

    Raises:
        FileFormatError: missing, truncated, or not such a file.
    """
    raw = content(path)
    if len(raw) < 4 or raw[:4] != bytes((0, 0, UNSIGNED_BYTE, axes)):
        raise FileFormatError(
            f"{path} begins with {raw[:4].hex(' ') or 'nothing'}; an IDX file of unsigned bytes with {axes} axes "
            f"begins with 00 00 08 0{axes}."
        )
    head = 4 + 4 * axes
    if len(raw) < head:
        raise FileFormatError(f"{path} is truncated: {len(raw)} bytes, its head alone takes {head}.")
    shape = struct.unpack(f">{axes}I", raw[4:head])
    expected = head + int(np.prod(shape, dtype=np.int64))
    if len(raw) != expected:
        raise FileFormatError(f"{path} is truncated or too long: {len(raw)} bytes where {expected} are due.")
    return np.frombuffer(raw, dtype=np.uint8, offset=head).reshape(shape)


def _load(
    data: Path, seed: int, files: Quartet, name: str, title: str, source: str, labels: tuple[str, ...]
) -> SupervisedTask:
    pairs = []
    for images, classes in ((files.train_images, files.train_labels), (files.test_images, files.test_labels)):
        pixels, known = read(_locate(data, images), 3), read(_locate(data, classes), 1)
        pairs.append((pixels[:, None], known))
    return image_task(name, title, source, pairs[0], pairs[1], labels, seed)


def _locate(data: Path, published: PublishedFile) -> Path:
    """Prefer an unpacked file that is already there; its content is checked, its checksum isn't published."""
    plain = existing(data) / published.name.removesuffix(".gz")
    return plain if plain.exists() else obtain(data, published)
