"""Spike trains for other tools: Neo objects, and NWB files."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from neurobridge.optional import require
from neurobridge.spikes.trains import Trains
from neurobridge.units import Seconds


def to_neo(trains: Trains, duration: Seconds) -> Any:
    """Return a `neo.Segment` with one spike train a neuron, for Elephant.

    Raises:
        MissingExtraError: neo is not installed.
    """
    neo = require("neo")
    segment = neo.Segment(name="neurobridge")
    segment.spiketrains = [neo.SpikeTrain(train, units="s", t_stop=duration) for train in trains]
    return segment


def from_neo(segment: Any) -> list[np.ndarray]:
    """Return the trains of a `neo.Segment` in seconds."""
    return [np.asarray(train.rescale("s").magnitude, dtype=float) for train in segment.spiketrains]


def to_nwb(trains: Trains, path: str | Path, description: str, started: datetime | None = None) -> Path:
    """Write trains as the units of an NWB file.

    Args:
        trains: one a neuron.
        path: of the file.
        description: of the simulation.
        started: when it was run, with a time zone; now if None.

    Raises:
        MissingExtraError: pynwb is not installed.
    """
    pynwb = require("pynwb")
    moment = datetime.now(UTC) if started is None else started
    file = pynwb.NWBFile(description, identifier=f"neurobridge-{moment.timestamp():.6f}", session_start_time=moment)
    for train in trains:
        file.add_unit(spike_times=np.asarray(train, dtype=float))
    with pynwb.NWBHDF5IO(str(path), "w") as writer:
        writer.write(file)
    return Path(path)


def from_nwb(path: str | Path) -> list[np.ndarray]:
    """Read the units of an NWB file as trains in seconds.

    Raises:
        MissingExtraError: pynwb is not installed.
    """
    pynwb = require("pynwb")
    with pynwb.NWBHDF5IO(str(path), "r") as reader:
        units = reader.read().units
        return [np.asarray(units["spike_times"][place], dtype=float) for place in range(len(units))]
