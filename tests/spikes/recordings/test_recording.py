"""Recordings check what they are made of, and bins hold every spike and the whole way."""

import numpy as np
import pytest

from neurobridge.errors import FileFormatError, InputError, UnknownNameError
from neurobridge.spikes import recordings
from neurobridge.spikes.recordings.recording import MovementRecording, as_trains
from tests.spikes.recordings.files import recording


def test_bins_hold_every_spike_and_the_whole_way():
    made = recording()
    counts, velocity = made.binned(0.05)
    assert counts.shape == (99, 4) and velocity.shape == (99, 2)
    last = made.time[0] + 99 * 0.05
    assert counts.sum(axis=0).tolist() == [int((train < last).sum()) for train in made.trains]
    way = [np.interp(last, made.time, axis) - axis[0] for axis in made.position.T]
    assert np.allclose(velocity.sum(axis=0) * 0.05, way)


def test_the_velocity_of_a_straight_line_is_its_slope():
    time = np.sort(np.random.default_rng(0).uniform(0, 3, 400))
    made = MovementRecording(trains=(np.array([1.0]),), time=time, position=np.outer(time, [3.0, -2.0]))
    assert np.allclose(made.binned(0.1)[1], [3.0, -2.0])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"trains": ()}, "has no units"),
        ({"time": np.zeros(500)}, "one rising row"),
        ({"position": np.zeros((3, 2))}, r"positions have shape \(3, 2\); \(500, axes\) is due"),
        ({"target": np.zeros((3, 2))}, r"targets have shape \(3, 2\)"),
        ({"position": np.full((500, 2), np.nan)}, "must be finite"),
    ],
)
def test_recordings_that_cannot_be_are_refused(changes, message):
    made = recording()
    fields = {"trains": made.trains, "time": made.time, "position": made.position, "source": "x"} | changes
    with pytest.raises(InputError, match=message):
        MovementRecording(**fields)


@pytest.mark.parametrize("width", [0.0, -1.0, 3.0])
def test_bins_that_do_not_fit_are_refused(width):
    with pytest.raises(InputError, match="doesn't fill two bins"):
        recording().binned(width)


@pytest.mark.parametrize(
    ("times", "ends", "message"),
    [
        ([1.0, 2.0], [1, 3], "the last at 2, the number of spikes"),
        ([1.0, 2.0], [2, 1], "rising places"),
        ([1.0, 2.0], [], "rising places"),
        ([1.0, np.inf], [1, 2], "spike time 1 is not a finite number"),
    ],
)
def test_spikes_that_do_not_fit_their_units_are_refused(times, ends, message):
    with pytest.raises(FileFormatError, match=message):
        as_trains(np.array(times), np.array(ends, dtype=np.int64), "here")


def test_other_endings_and_missing_files_are_refused(tmp_path):
    with pytest.raises(UnknownNameError, match=r"unknown ending of a recording's name '.csv'"):
        recordings.read(tmp_path / "spikes.csv")
    with pytest.raises(FileFormatError, match="there is no recording"):
        recordings.read(tmp_path / "spikes.npz")
    with pytest.raises(UnknownNameError, match=r"unknown ending of a recording's name '.mat'"):
        recordings.write(recording(), tmp_path / "spikes.mat")
