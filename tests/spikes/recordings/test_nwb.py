"""NWB files: those of pynwb are read, and what is missing or strange is named."""

from datetime import UTC, datetime

import h5py
import numpy as np
import pytest

from neurobridge.errors import FileFormatError
from neurobridge.spikes import recordings
from neurobridge.spikes.exchange import from_nwb
from tests.spikes.recordings.files import assert_same, recording

pynwb = pytest.importorskip("pynwb", reason="the extra `exchange` is not installed")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    made = recording()
    return made, recordings.write(made, tmp_path_factory.mktemp("nwb") / "a.nwb")


def test_what_is_written_is_read_here_and_by_pynwb(written):
    made, path = written
    assert_same(recordings.read(path), made)
    for train, wanted in zip(from_nwb(path), made.trains, strict=True):
        assert np.array_equal(train, wanted)


def strangers(path, *series):
    """Write a file as another laboratory would: plain series in metres at a fixed rate, in a module of its own."""
    file = pynwb.NWBFile("x", identifier="x", session_start_time=datetime.now(UTC))
    for train in recording().trains:
        file.add_unit(spike_times=train)
    module = file.create_processing_module("behavior", "x")
    for name, unit, conversion in series:
        module.add(
            pynwb.TimeSeries(
                name=name, data=recording().position * 10, unit=unit, conversion=conversion, starting_time=100.0,
                rate=100.0,
            )
        )  # fmt: skip
    with pynwb.NWBHDF5IO(str(path), "w") as writer:
        writer.write(file)
    return path


def test_series_of_other_laboratories_are_found_and_scaled(tmp_path):
    series = [("cursor_pos", "m", 0.001), ("finger_pos", "m", 0.001), ("cursor_vel", "m/s", 1.0)]
    found = recordings.read(strangers(tmp_path / "a.nwb", *series))
    assert np.allclose(found.position, recording().position)
    assert np.allclose(found.time, recording().time)
    assert found.target is None


@pytest.mark.parametrize(
    ("series", "message"),
    [
        ((), "one position is due.*its series are: none"),
        ((("pos_a", "cm", 1.0), ("pos_b", "cm", 1.0)), "its series are: pos_a, pos_b"),
        ((("cursor_pos", "pixels", 1.0),), "unit 'pixels'.*in one of m, meter"),
    ],
)
def test_files_without_one_position_are_refused(tmp_path, series, message):
    with pytest.raises(FileFormatError, match=message):
        recordings.read(strangers(tmp_path / "a.nwb", *series))


def test_missing_units_and_links_are_refused(written, tmp_path):
    path = tmp_path / "a.nwb"
    path.write_bytes(written[1].read_bytes())
    with h5py.File(path, "r+") as file:
        del file["units/spike_times_index"]
    with pytest.raises(FileFormatError, match="holds no array 'units/spike_times_index'"):
        recordings.read(path)
    with h5py.File(path, "r+") as file:
        del file["units"]
        file["units"] = h5py.ExternalLink(str(written[1]), "/units")
    with pytest.raises(FileFormatError, match="'units' is a link into another file"):
        recordings.read(path)


def test_truncated_files_are_refused(written, tmp_path):
    path = tmp_path / "a.nwb"
    path.write_bytes(written[1].read_bytes()[:5000])
    with pytest.raises(FileFormatError, match="is not an NWB file, or is truncated or damaged"):
        recordings.read(path)
