"""Archives keep a recording exactly, and strange ones are refused."""

import contextlib

import numpy as np
import pytest

from neurobridge.errors import FileFormatError, InputError
from neurobridge.spikes import recordings
from neurobridge.spikes.recordings import archive
from tests.spikes.recordings.files import assert_same, recording


def test_what_is_written_is_read(tmp_path):
    made = recording()
    found = recordings.read(recordings.write(made, tmp_path / "a.npz"))
    assert_same(found, made)
    assert found.source == "made for a test"


def test_truncated_and_foreign_files_are_refused(tmp_path):
    path = recordings.write(recording(), tmp_path / "a.npz")
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"not a recording"):
        path.write_bytes(content)
        with pytest.raises(FileFormatError, match="isn't an archive of plain arrays"):
            recordings.read(path)


def test_pickled_objects_are_never_opened(tmp_path):
    np.savez(tmp_path / "a.npz", spike_times=np.array([{}], dtype=object))
    with pytest.raises(FileFormatError, match="pickled objects are never opened"):
        recordings.read(tmp_path / "a.npz")


def test_missing_arrays_and_words_are_named(tmp_path):
    np.savez(tmp_path / "a.npz", time=np.zeros(3))
    with pytest.raises(FileFormatError, match="holds time; a recording needs spike_times, spike_ends, time, position"):
        recordings.read(tmp_path / "a.npz")
    np.savez(tmp_path / "b.npz", spike_times=np.array(["now"]), spike_ends=[1], time=[0, 1], position=[[0], [1]])
    with pytest.raises(FileFormatError, match="recordings are arrays of numbers"):
        recordings.read(tmp_path / "b.npz")


def test_archives_that_would_fill_the_memory_are_refused(tmp_path, monkeypatch):
    path = recordings.write(recording(), tmp_path / "a.npz")
    monkeypatch.setattr(archive, "LARGEST", 1000)
    with pytest.raises(FileFormatError, match="at most 1,000 are read"):
        recordings.read(path)


def test_damaged_bytes_are_told_or_harmless(tmp_path):
    path = recordings.write(recording(samples=60), tmp_path / "a.npz")
    whole, random = path.read_bytes(), np.random.default_rng(0)
    for _ in range(100):
        damaged = bytearray(whole)
        for place in random.integers(0, len(whole), random.integers(1, 30)):
            damaged[place] = random.integers(256)
        path.write_bytes(damaged)
        with contextlib.suppress(FileFormatError, InputError):
            recordings.read(path)
