"""HDF5 files of strangers: what lies in the file itself is read, and nothing that it points to elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy import ndarray

from neurobridge.errors import FileFormatError, InputError
from neurobridge.optional import require
from neurobridge.spikes.recordings import apart

SIGNATURE = b"\x89HDF\r\n\x1a\n"
LARGEST = 2**28
"""Numbers that one array may hold: ten hours of a position at 1 kHz are 2**27. Files can declare any size."""


@contextmanager
def opened(path: Path, kind: str) -> Iterator[Any]:
    """Open a file for reading; whatever HDF5 finds wrong with it becomes a `FileFormatError`.

    Args:
        path: of the file.
        kind: what it should be, for errors.

    Raises:
        FileFormatError: not HDF5, truncated or damaged.
        InputError: it takes more memory than there is.
        MissingExtraError: h5py isn't installed.
    """
    h5py = require("h5py")
    if not signed(path):
        raise FileFormatError(f"{path} is not {kind}: nowhere that HDF5 looks does it begin with the mark of HDF5.")
    try:
        with h5py.File(path, "r") as file:
            yield file
    except (OSError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise FileFormatError(f"{path} is not {kind}, or is truncated or damaged ({error}).") from None
    except MemoryError as error:
        raise InputError(apart.too_large(path, error)) from None


def signed(path: Path) -> bool:
    """Return whether a file has HDF5's signature at byte 0, 512, 1024, 2048 ..., as the format demands."""
    size, place = path.stat().st_size, 0
    with path.open("rb") as file:
        while place < size:
            file.seek(place)
            if file.read(len(SIGNATURE)) == SIGNATURE:
                return True
            place = 2 * place or 512
    return False


def member(group: Any, place: str, where: str) -> Any:
    """Return the group or data set at a place, or None if there is none.

    Args:
        group: an open file or group.
        place: names with slashes between them.
        where: the file, for errors.

    Raises:
        FileFormatError: the place is a link into another file.
    """
    h5py = require("h5py")
    for name in place.split("/"):
        if not isinstance(group, h5py.Group) or name not in group:
            return None
        if isinstance(group.get(name, getlink=True), h5py.ExternalLink):
            raise FileFormatError(f"{where}: {name!r} is a link into another file, which is never opened.")
        group = group[name]
    return group


def numbers(found: Any, name: str, where: str) -> ndarray:
    """Return a data set as floats.

    Args:
        found: what `member` returned.
        name: what it is, for errors.
        where: the file, for errors.

    Raises:
        FileFormatError: missing, not an array of real numbers, kept in another file, or larger than `LARGEST`.
    """
    array = dataset(found, name, where)
    if array.dtype.kind not in "fiu":
        raise FileFormatError(f"{where}: {name!r} holds {array.dtype}, real numbers are due.")
    return np.asarray(array[()], dtype=np.float64)


def dataset(found: Any, name: str, where: str) -> Any:
    """Return a data set that can be read without opening other files or filling the memory."""
    if not isinstance(found, require("h5py").Dataset):
        raise FileFormatError(f"{where} holds no array {name!r}.")
    if found.external or found.is_virtual:
        raise FileFormatError(f"{where}: {name!r} is kept in another file, which is never opened.")
    if found.size is None or found.size > LARGEST:
        raise FileFormatError(f"{where}: {name!r} declares {found.size or 'no'} numbers; at most {LARGEST:,} are read.")
    return found
