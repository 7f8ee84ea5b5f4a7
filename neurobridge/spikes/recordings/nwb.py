"""Recordings in the Neurodata Without Borders format: spike times of units, positions as a series."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy import ndarray

from neurobridge.errors import FileFormatError
from neurobridge.optional import require
from neurobridge.spikes.recordings.hdf5 import dataset, member, numbers, opened
from neurobridge.spikes.recordings.recording import MovementRecording, as_trains

CENTIMETRES = {"m": 100.0, "meter": 100.0, "meters": 100.0, "cm": 1.0, "centimeters": 1.0, "mm": 0.1}
PLACES = ("processing", "acquisition")
PREFERRED = ("cursor", "hand", "finger")
DEEPEST = 4  # groups between a place and its series


def write(recording: MovementRecording, path: Path) -> Path:
    """Write a recording as an NWB file and return the path.

    Raises:
        MissingExtraError: pynwb isn't installed.
    """
    pynwb = require("pynwb")
    from pynwb.behavior import Position, SpatialSeries

    started = datetime.now(UTC)
    file = pynwb.NWBFile(
        recording.source, identifier=f"neurobridge-{started.timestamp():.6f}", session_start_time=started
    )
    for train in recording.trains:
        file.add_unit(spike_times=train)
    holder = Position()
    series = {"cursor_pos": recording.position, "target_pos": recording.target}
    for name, values in series.items():
        if values is not None:
            holder.add_spatial_series(
                SpatialSeries(
                    name=name, data=values, timestamps=recording.time, unit="cm", reference_frame="centre of the field"
                )
            )
    file.create_processing_module("behavior", "what the hand did").add(holder)
    with pynwb.NWBHDF5IO(str(path), "w") as writer:
        writer.write(file)
    return path


def read(path: Path) -> MovementRecording:
    """Return the units and the position in an NWB file; the cursor's, the hand's or a finger's if there are several.

    Raises:
        FileFormatError: not such a file, no units, no position or several, an unknown unit of length, or unsafe.
        InputError: times or positions that cannot be.
        MissingExtraError: h5py isn't installed.
    """
    where = str(path)
    with opened(path, "an NWB file") as file:
        times = numbers(member(file, "units/spike_times", where), "units/spike_times", where)
        ends = numbers(member(file, "units/spike_times_index", where), "units/spike_times_index", where)
        found = {name: group for place in PLACES for name, group in _series(member(file, place, where), where)}
        name = _chosen([name for name in found if "target" not in name.lower()], where)
        targets = found.get(name.replace(_owner(name), "target"))
        position, time = _values(found[name], name, where)
        target = None if targets is None else _values(targets, "target", where)[0]
    if target is not None and len(target) != len(position):
        target = None  # kept on another clock
    return MovementRecording(
        trains=as_trains(times, ends.astype(np.int64), where),
        time=time, position=position, target=target, source=path.name,
    )  # fmt: skip


def _series(group: Any, where: str, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield the series of positions under a group."""
    if not isinstance(group, require("h5py").Group) or depth > DEEPEST:
        return
    for name in group:
        inner = member(group, name, where)
        holds = isinstance(inner, require("h5py").Group) and "data" in inner
        kind = inner.attrs.get("neurodata_type", "") if holds else ""
        if kind == "SpatialSeries" or (kind == "TimeSeries" and "pos" in name.lower()):
            yield name, inner
        else:
            yield from _series(inner, where, depth + 1)


def _chosen(names: list[str], where: str) -> str:
    for owner in PREFERRED:
        if len(fitting := [name for name in names if owner in name.lower()]) == 1:
            return fitting[0]
    if len(names) != 1:
        listed = ", ".join(sorted(names)) or "none"
        raise FileFormatError(
            f"{where}: one position is due, as a SpatialSeries under processing or acquisition whose name tells "
            f"{', '.join(PREFERRED)}; its series are: {listed}."
        )
    return names[0]


def _owner(name: str) -> str:
    return next((owner for owner in PREFERRED if owner in name), name)


def _values(group: Any, name: str, where: str) -> tuple[ndarray, ndarray]:
    """Return positions `(sample, axis)` in centimetres and their times in seconds."""
    data = member(group, "data", where)
    values = numbers(data, f"{name}/data", where)
    unit = data.attrs.get("unit", "")
    unit = unit.decode() if isinstance(unit, bytes) else str(unit)
    if values.ndim != 2 or unit not in CENTIMETRES:
        raise FileFormatError(
            f"{where}: {name!r} has shape {values.shape} and unit {unit!r}; (sample, axis) is due, in one of "
            f"{', '.join(CENTIMETRES)}."
        )
    scaled = values * float(data.attrs.get("conversion", 1.0)) * CENTIMETRES[unit]
    if (stamps := member(group, "timestamps", where)) is not None:
        return scaled, numbers(stamps, f"{name}/timestamps", where)
    start = dataset(member(group, "starting_time", where), f"{name}/timestamps", where)
    rate = float(start.attrs.get("rate", 0))
    if not rate > 0:
        raise FileFormatError(f"{where}: {name!r} has a rate of {rate:g} Hz; a positive one is due.")
    return scaled, float(start[()]) + np.arange(len(scaled)) / rate
