"""Recordings as NumPy archives: plain arrays, nothing that runs when it is opened."""

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy import ndarray

from neurobridge.errors import FileFormatError
from neurobridge.spikes.recordings.recording import MovementRecording, as_trains

NEEDED = ("spike_times", "spike_ends", "time", "position")
LARGEST = 2**31
"""Bytes that an archive may unpack to."""

UNREADABLE = (
    ValueError, OSError, EOFError, KeyError, MemoryError, NotImplementedError, RuntimeError, OverflowError, zlib.error,
    zipfile.BadZipFile,
)  # fmt: skip
"""What damaged archives make of zipfile and NumPy."""


def write(recording: MovementRecording, path: Path) -> Path:
    """Write a recording and return the path."""
    np.savez_compressed(path, allow_pickle=False, **packed(recording))  # type: ignore[arg-type]
    return path


def packed(recording: MovementRecording) -> dict[str, ndarray]:
    """Return a recording as arrays."""
    arrays = {
        "spike_times": np.concatenate(recording.trains),
        "spike_ends": np.cumsum([len(train) for train in recording.trains]),
        "time": recording.time,
        "position": recording.position,
        "source": np.array(recording.source),
    }
    if recording.target is not None:
        arrays["target"] = recording.target
    return arrays


def read(path: Path) -> MovementRecording:
    """Return the recording in an archive that `write` made, or that has the same arrays.

    Raises:
        FileFormatError: not an archive, truncated, too large, pickled objects in it, or arrays missing.
        InputError: times or positions that cannot be.
    """
    return unpacked(_arrays(path), path)


def unpacked(arrays: Mapping[str, ndarray], path: Path) -> MovementRecording:
    """Return the recording that arrays hold.

    Args:
        arrays: as `packed` returns them.
        path: where they come from.

    Raises:
        FileFormatError: arrays are missing, or hold no numbers.
        InputError: times or positions that cannot be.
    """
    for name in NEEDED:
        if name not in arrays:
            found = ", ".join(sorted(arrays)) or "nothing"
            raise FileFormatError(f"{path} holds {found}; a recording needs {', '.join(NEEDED)}.")
    try:
        numbers = {
            name: arrays[name].astype(np.int64 if name == "spike_ends" else np.float64)
            for name in (*NEEDED, "target")
            if name in arrays
        }
    except ValueError as error:
        raise FileFormatError(f"{path}: {error}; recordings are arrays of numbers.") from None
    return MovementRecording(
        trains=as_trains(numbers["spike_times"], numbers["spike_ends"], str(path)),
        time=numbers["time"],
        position=numbers["position"],
        target=numbers.get("target"),
        source=str(arrays.get("source", path.name)),
    )


def _arrays(path: Path) -> dict[str, ndarray]:
    try:
        with zipfile.ZipFile(path) as packed:
            unpacked = sum(member.file_size for member in packed.infolist())
        if unpacked > LARGEST:
            raise FileFormatError(f"{path} unpacks to {unpacked:,} bytes; at most {LARGEST:,} are read.")
        with np.load(path, allow_pickle=False) as content:
            return {name: content[name] for name in content.files}
    except UNREADABLE as error:
        raise FileFormatError(
            f"{path} isn't an archive of plain arrays ({error}); pickled objects are never opened."
        ) from None
