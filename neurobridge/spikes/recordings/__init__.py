"""Recordings of neurons and movement: what they hold, and the files they are read from."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from neurobridge.errors import FileFormatError, lookup
from neurobridge.spikes.recordings import apart, archive, matlab, nwb
from neurobridge.spikes.recordings.recording import MovementRecording

READERS: Mapping[str, Callable[[Path], MovementRecording]] = {
    ".mat": partial(apart.read, matlab.read),
    ".npz": archive.read,
    ".nwb": partial(apart.read, nwb.read),
}
WRITERS: Mapping[str, Callable[[MovementRecording, Path], Path]] = {".npz": archive.write, ".nwb": nwb.write}


def read(path: Path | str) -> MovementRecording:
    """Return the recording that a file holds, by the ending of its name.

    Raises:
        UnknownNameError: another ending than those of `READERS`.
        FileFormatError: the file is missing, damaged, unsafe to open or of another layout.
        InputError: its times or positions are not finite numbers.
        MissingExtraError: h5py isn't installed and the file needs it.
    """
    path = Path(path)
    reader = lookup("ending of a recording's name", path.suffix, READERS)
    if not path.is_file():
        raise FileFormatError(f"there is no recording {path}.")
    return reader(path)


def write(recording: MovementRecording, path: Path | str) -> Path:
    """Write a recording, by the ending of the name, and return the path.

    Raises:
        UnknownNameError: another ending than those of `WRITERS`.
        MissingExtraError: pynwb isn't installed and the ending is .nwb.
    """
    path = Path(path)
    return lookup("ending of a recording's name", path.suffix, WRITERS)(recording, path)
