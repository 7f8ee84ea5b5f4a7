"""Sessions of O'Doherty et al. 2017, written as MATLAB writes them, and files that only look like one."""

import h5py
import numpy as np
import pytest
import scipy.io

from neurobridge.errors import FileFormatError, InputError
from neurobridge.spikes import recordings
from neurobridge.spikes.recordings import hdf5, matlab
from tests.spikes.recordings.files import assert_same, recording, write_matlab


@pytest.mark.parametrize("units", [1, 2, 5])
def test_a_session_is_read_with_the_units_of_a_channel_together(tmp_path, units):
    made = recording()
    found = recordings.read(write_matlab(tmp_path / "indy_20160407_02.mat", made, units))
    assert_same(found, made)
    assert found.source == "O'Doherty et al. 2017, indy_20160407_02"


def changed(tmp_path, change):
    path = write_matlab(tmp_path / "a.mat", recording())
    with h5py.File(path, "r+") as file:
        change(file)
    return path


def replaced(name, value):
    def change(file):
        del file[name]
        if value is not None:
            file[name] = value

    return change


def cell(value):
    def change(file):
        file["#refs#/other"] = value
        file["spikes"][0, 0] = file["#refs#/other"].ref

    return change


def nowhere(file):
    file["spikes"][0, 0] = h5py.Reference()


def group(file):
    file["spikes"][0, 0] = file["#refs#"].ref


def elsewhere(file):
    del file["t"]
    file["t"] = h5py.ExternalLink("/etc/passwd", "/t")


def raw_elsewhere(file):
    del file["t"]
    file.create_dataset("t", (4,), "f8", external=[("/etc/passwd", 0, 32)])


def endless(file):
    del file["t"]
    file.create_dataset("t", (1, 2**40), "f8", chunks=(1, 1024))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (replaced("t", None), "holds no array 't'"),
        (replaced("spikes", None), "holds no array 'spikes'"),
        (replaced("cursor_pos", np.zeros((500, 2))), r"'cursor_pos' has shape \(500, 2\); \(2, 500\) is due"),
        (replaced("target_pos", np.zeros((2, 499))), "'target_pos' has shape"),
        (replaced("spikes", np.zeros((2, 4))), r"a cell array \(channel, unit\) is due"),
        (replaced("chan_names", np.zeros((1, 3))), "'spikes' has 4 channels, 'chan_names' names 3"),
        (replaced("t", "now"), "real numbers are due"),
        (cell(np.zeros((3, 4))), "not one row of finite times"),
        (cell(np.array([[1.0, np.nan]])), "not one row of finite times"),
        (nowhere, "points to nothing"),
        (group, "holds no array 'spikes of channel 0'"),
        (elsewhere, "'t' is a link into another file, which is never opened"),
        (raw_elsewhere, "'t' is kept in another file, which is never opened"),
        (endless, "declares 1,?0?9?9?.* numbers; at most"),
    ],
)
def test_other_layouts_and_hostile_files_are_refused(tmp_path, change, message):
    with pytest.raises(FileFormatError, match=message):
        recordings.read(changed(tmp_path, change))


def test_times_that_stand_still_are_refused(tmp_path):
    with pytest.raises(InputError, match="one rising row"):
        recordings.read(changed(tmp_path, replaced("t", np.zeros((1, 500)))))


def test_truncated_files_and_other_versions_are_refused(tmp_path):
    path = write_matlab(tmp_path / "a.mat", recording())
    whole = path.read_bytes()
    for share in (0.1, 0.5, 0.9):
        path.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(FileFormatError, match=r"is not a MATLAB file of version 7\.3, or is truncated"):
            recordings.read(path)
    scipy.io.savemat(path, {"t": np.zeros(3)})
    with pytest.raises(FileFormatError, match=r"save it again with -v7\.3"):
        recordings.read(path)


def test_what_is_not_hdf5_is_told_without_asking_the_library(tmp_path):
    path = tmp_path / "a.mat"
    for content in (b"", b"MATLAB 7.3 MAT-file".ljust(5000)):
        path.write_bytes(content)
        with pytest.raises(FileFormatError, match=r"a\.mat is not a MATLAB file.*: nowhere .* mark of HDF5"):
            recordings.read(path)


def test_the_largest_array_is_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(hdf5, "LARGEST", 100)
    with pytest.raises(FileFormatError, match="'t' declares 500 numbers; at most 100"):
        matlab.read(write_matlab(tmp_path / "a.mat", recording()))
