"""What is recorded while a hand or a cursor moves: spike trains and positions on one clock."""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy import ndarray

from neurobridge.errors import FileFormatError, InputError
from neurobridge.spikes.trains import Train
from neurobridge.units import Seconds


@final
@dataclass(frozen=True, kw_only=True)
class MovementRecording:
    """Spikes and positions.

    Args:
        trains: sorted spike times in seconds, one train a unit.
        time: `(sample,)` in seconds, rising.
        position: `(sample, axis)` in centimetres.
        target: `(sample, axis)` in centimetres, where the target was; None if it isn't known.
        source: where it comes from, for tables.
    """

    trains: tuple[Train, ...]
    time: ndarray
    position: ndarray
    target: ndarray | None = None
    source: str = ""

    def __post_init__(self) -> None:
        time, position = self.time, self.position
        if not self.trains:
            raise InputError(f"recording {self.source!r} has no units.")
        if time.ndim != 1 or len(time) < 2 or not (np.diff(time) > 0).all():
            raise InputError(f"recording {self.source!r}: times must be one rising row of two or more.")
        for name, values in (("positions", position), ("targets", position if self.target is None else self.target)):
            if values.ndim != 2 or len(values) != len(time):
                raise InputError(
                    f"recording {self.source!r}: {name} have shape {values.shape}; ({len(time)}, axes) is due."
                )
        if not np.isfinite(time).all() or not np.isfinite(position).all():
            raise InputError(f"recording {self.source!r}: times and positions must be finite numbers.")

    @property
    def duration(self) -> Seconds:
        """From the first position to the last."""
        return float(self.time[-1] - self.time[0])

    def binned(self, width: Seconds) -> tuple[ndarray, ndarray]:
        """Return spikes in each bin, `(bin, unit)`, and the mean velocity over it, `(bin, axis)` in cm/s.

        The mean velocity over a bin is the way between its edges over its width; positions between samples lie on
        straight lines. Spikes before the first position and after the last bin are left out.

        Raises:
            InputError: the recording is shorter than two bins, or `width` isn't positive.
        """
        bins = int(np.floor(self.duration / width + 1e-9)) if width > 0 else 0
        if bins < 2:
            raise InputError(
                f"recording {self.source!r} of {self.duration:g} s doesn't fill two bins of {width:g} s; bins must be "
                "above 0 and shorter."
            )
        edges = self.time[0] + width * np.arange(bins + 1)
        counts = np.stack([np.diff(np.searchsorted(train, edges)) for train in self.trains], axis=1)
        at_edges = np.stack([np.interp(edges, self.time, axis) for axis in self.position.T], axis=1)
        return counts, np.diff(at_edges, axis=0) / width


def as_trains(times: ndarray, ends: ndarray, where: str) -> tuple[Train, ...]:
    """Return one sorted train a unit from the spike times of all units, one unit after another.

    Args:
        times: `(spike,)` in seconds.
        ends: `(unit,)` where each unit's spikes end.
        where: what is read, for errors.

    Raises:
        FileFormatError: ends that fall or don't fit, or times that are not finite numbers.
    """
    fitting = times.ndim == ends.ndim == 1 and len(ends) and (np.diff(ends) >= 0).all()
    if not fitting or ends[0] < 0 or ends[-1] != len(times):
        raise FileFormatError(
            f"{where}: the units' spikes must end at rising places, the last at {len(times)}, the number of spikes; "
            f"they end at {ends[:3].tolist()} ... {ends[-3:].tolist()}."
        )
    if not np.isfinite(times).all():
        raise FileFormatError(f"{where}: spike time {int(np.argmin(np.isfinite(times)))} is not a finite number.")
    return tuple(np.sort(train) for train in np.split(times, ends[:-1]))
