"""Damaged recordings end in data or an error of ours, whatever they do to the library that opens them."""

import errno
import os
import signal
import time

import h5py
import numpy as np
import pytest

from neurobridge.errors import FileFormatError, InputError
from neurobridge.spikes import recordings
from neurobridge.spikes.recordings import apart, archive, hdf5
from tests.spikes.recordings.files import assert_same, recording, write_matlab


def crashing(path):
    os.kill(os.getpid(), signal.SIGSEGV)


def faulty(path):
    return 1 / 0


def refusing(path):
    raise InputError(f"{path} has no units")


def endless(path):
    time.sleep(600)


def hungry(path):
    raise MemoryError("Unable to allocate 8.00 EiB")


def killed(path):
    os.kill(os.getpid(), signal.SIGKILL)


def stopped(path):
    os.kill(os.getpid(), signal.SIGTERM)


def filling(path):
    """Read, in a process whose disk is full from then on."""

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    np.savez = full
    return archive.read(path)


@pytest.mark.parametrize(
    ("reader", "message"),
    [
        (hungry, r"a\.npz: reading it takes more memory than there is \(Unable to allocate 8.00 EiB\); free some, or"),
        (
            killed,
            r"a\.npz: the process that reads it was killed, as systems do when memory runs out; read",
        ),
        (stopped, r"a\.npz: the process that reads it was stopped \(SIGTERM\); read the file again"),
        (
            filling,
            r"a\.npz: what was read can't be passed on \(No space left on device\); make room in .*, or set TMPDIR",
        ),
    ],
)
def test_what_is_not_the_fault_of_the_file_is_told_apart(tmp_path, reader, message):
    with pytest.raises(InputError, match=message) as told:
        apart.read(reader, archive.write(recording(), tmp_path / "a.npz"))
    assert "damaged" not in str(told.value)


@pytest.mark.parametrize("place", ["tempfile.TemporaryDirectory", "subprocess.run"])
def test_a_process_that_cannot_begin_is_not_the_fault_of_the_file_either(tmp_path, monkeypatch, place):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    path = archive.write(recording(), tmp_path / "a.npz")
    monkeypatch.setattr(place, full)
    with pytest.raises(InputError, match=r"a\.npz: no process can be started to read it \(No space left on device\)"):
        apart.read(archive.read, path)


@pytest.mark.parametrize(
    ("reader", "error", "message"),
    [
        (crashing, FileFormatError, r"a\.npz: the library that reads it crashes \(SIGSEGV\).*get it again"),
        (faulty, FileFormatError, r"a\.npz: ZeroDivisionError: division by zero while it is read"),
        (refusing, InputError, r"a\.npz has no units"),
        (endless, FileFormatError, r"a\.npz: reading it takes more than 1 s, as some damaged files do"),
    ],
)
def test_what_happens_to_a_reader_is_an_error_that_names_the_file(tmp_path, monkeypatch, reader, error, message):
    if reader is endless:
        monkeypatch.setattr(apart, "PATIENCE", 1.0)
    with pytest.raises(error, match=message):
        apart.read(reader, archive.write(recording(), tmp_path / "a.npz"))


def test_a_data_set_that_memory_does_not_hold_is_told_as_that(tmp_path, monkeypatch):
    path = write_matlab(tmp_path / "a.mat", recording())
    with (
        pytest.raises(InputError, match=r"a\.mat: reading it takes more memory than there is \(8 EiB\)"),
        hdf5.opened(path, "a recording"),
    ):
        raise MemoryError("8 EiB")


def test_a_recording_comes_back_as_it_is(tmp_path):
    made = recording()
    assert_same(apart.read(archive.read, archive.write(made, tmp_path / "a.npz")), made)


def test_hdf5_is_opened_elsewhere_and_in_less_than_a_second(tmp_path, monkeypatch):
    path = write_matlab(tmp_path / "a.mat", recording())
    monkeypatch.setattr(h5py, "File", lambda *_, **__: pytest.fail("a stranger's file is opened in this process"))
    begun = os.times()
    assert_same(recordings.read(path), recording())
    ended = os.times()
    assert sum(ended[:4]) - sum(begun[:4]) < 2  # of CPU time, the other process's too; 0.5 on an idle machine


def test_a_million_blocks_of_one_number_are_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(apart, "PATIENCE", 2.0)
    path = write_matlab(tmp_path / "a.mat", recording())
    with h5py.File(path, "r+") as file:
        del file["t"]
        file.create_dataset("t", (1, 2**27), "f8", chunks=(1, 1))
    with pytest.raises(FileFormatError, match=r"a\.mat: reading it takes more than 2 s"):
        recordings.read(path)


@pytest.mark.parametrize("ending", [".mat", ".nwb"])
@pytest.mark.parametrize("count", [12, pytest.param(200, marks=pytest.mark.slow)])
def test_damaged_files_are_told_or_harmless(tmp_path, monkeypatch, ending, count):
    """Bits flip anywhere, bytes change where HDF5 keeps its own, files end too soon."""
    if ending == ".nwb":
        pytest.importorskip("pynwb", reason="the extra `exchange` is not installed")
    monkeypatch.setattr(apart, "PATIENCE", 10.0)
    path = tmp_path / f"a{ending}"
    write_matlab(path, recording()) if ending == ".mat" else recordings.write(recording(), path)
    whole, random = path.read_bytes(), np.random.default_rng(0)
    marks = [place for mark in (b"HEAP", b"TREE", b"SNOD", b"GCOL") for place in places(whole, mark)]
    for number in range(count):
        path.write_bytes(damaged(whole, marks, random, number))
        try:
            found = recordings.read(path)
        except (FileFormatError, InputError) as error:
            assert "a." in str(error) or "recording" in str(error)
        else:
            assert np.isfinite(found.position).all()


def places(content, mark):
    """Return where a mark stands."""
    found = [-1]
    while (place := content.find(mark, found[-1] + 1)) >= 0:
        found.append(place)
    return found[1:]


def damaged(whole, marks, random, number):
    """Return a file's content with a few bits flipped, a few bytes changed after marks, or its end cut off."""
    content = bytearray(whole)
    if number % 4 == 3:
        return content[: random.integers(len(content))]
    for _ in range(random.integers(1, 20)):
        if number % 2:
            content[random.integers(len(content))] ^= 1 << random.integers(8)
        else:
            content[min(random.choice(marks) + random.integers(300), len(content) - 1)] = random.choice(
                [0, 1, 128, 255]
            )
    return content
