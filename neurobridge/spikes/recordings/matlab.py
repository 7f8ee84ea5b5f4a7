"""Primate reaching as MATLAB keeps it: the sessions of O'Doherty et al. 2017, which NeuroBench uses.

A file of version 7.3 is HDF5 with all axes reversed. `spikes` is a cell array `(channel, unit)` of spike times in
seconds, `t` the times of the samples, `cursor_pos` and `target_pos` are in millimetres; see
https://zenodo.org/records/583331.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy import ndarray

from neurobridge.errors import FileFormatError
from neurobridge.optional import require
from neurobridge.spikes.recordings.hdf5 import dataset, member, numbers, opened
from neurobridge.spikes.recordings.recording import MovementRecording

MILLIMETRES = 0.1  # in centimetres
KIND = "a MATLAB file of version 7.3"
CELLS = 2**16
"""Cells that a file may hold: hundreds of channels with a few units each."""


def read(path: Path) -> MovementRecording:
    """Return a session; the units of a channel are taken together, as NeuroBench does.

    Raises:
        FileFormatError: of another version or layout, truncated, damaged, or unsafe to open.
        InputError: times or positions that cannot be.
        MissingExtraError: h5py isn't installed.
    """
    with path.open("rb") as file:
        if file.read(10) == b"MATLAB 5.0":
            raise FileFormatError(f"{path} is a MATLAB file of version 5 to 7; save it again with -v7.3.")
    with opened(path, KIND) as file:
        time = numbers(member(file, "t", str(path)), "t", str(path)).ravel()
        targets = member(file, "target_pos", str(path))
        return MovementRecording(
            trains=_channels(file, str(path)),
            time=time,
            position=_positions(member(file, "cursor_pos", str(path)), "cursor_pos", len(time), str(path)),
            target=None if targets is None else _positions(targets, "target_pos", len(time), str(path)),
            source=f"O'Doherty et al. 2017, {path.stem}",
        )


def _positions(found: Any, name: str, samples: int, where: str) -> ndarray:
    values = numbers(found, name, where)
    if values.ndim != 2 or values.shape[1] != samples or not 1 <= values.shape[0] <= 3:
        raise FileFormatError(f"{where}: {name!r} has shape {values.shape}; (2, {samples}) is due, as t is that long.")
    return values.T * MILLIMETRES


def _channels(file: Any, where: str) -> tuple[ndarray, ...]:
    cells = dataset(member(file, "spikes", where), "spikes", where)
    if cells.ndim != 2 or cells.dtype != require("h5py").ref_dtype or not 0 < cells.size <= CELLS:
        raise FileFormatError(
            f"{where}: 'spikes' has shape {cells.shape} of {cells.dtype}; a cell array (channel, unit) is due."
        )
    channels = cells.shape[1]
    names = member(file, "chan_names", where)
    if names is not None and dataset(names, "chan_names", where).size != channels:
        raise FileFormatError(f"{where}: 'spikes' has {channels} channels, 'chan_names' names {names.size}.")
    return tuple(
        np.sort(np.concatenate([_unit(file, cell, channel, where) for cell in column]))
        for channel, column in enumerate(cells[()].T)
    )


def _unit(file: Any, cell: Any, channel: int, where: str) -> ndarray:
    if not cell:
        raise FileFormatError(f"{where}: a cell of channel {channel} in 'spikes' points to nothing.")
    found = file[cell]
    times = numbers(found, f"spikes of channel {channel}", where)
    if found.attrs.get("MATLAB_empty", 0):
        return np.empty(0)  # an empty matrix holds its own shape instead
    if not np.isfinite(times).all() or times.size != max(times.shape, default=1):
        raise FileFormatError(f"{where}: spikes of channel {channel} are not one row of finite times.")
    return times.ravel()
