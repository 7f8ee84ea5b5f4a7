"""Small recordings, and the MATLAB files that hold them as MATLAB would write them."""

import h5py
import numpy as np

from neurobridge.spikes.recordings.recording import MovementRecording


def recording(units=4, samples=500, seed=0):
    """Return a recording of 5 s at 100 Hz; the second unit never fires."""
    random = np.random.default_rng(seed)
    trains = [np.sort(random.uniform(100, 105, random.integers(20, 60))) for _ in range(units)]
    trains[1] = np.empty(0)
    position = np.cumsum(random.normal(0, 0.1, (samples, 2)), axis=0)
    return MovementRecording(
        trains=tuple(trains),
        time=100 + np.arange(samples) / 100,
        position=position,
        target=np.round(position),
        source="made for a test",
    )


def write_matlab(path, recorded, units_a_channel=2):
    """Write a recording as a session of O'Doherty et al. 2017: axes reversed, cells as references, empty ones marked.

    The spikes of a channel are dealt out to its units in turn.
    """
    with h5py.File(path, "w", userblock_size=512) as file:
        file["t"] = recorded.time[None]
        file["cursor_pos"] = recorded.position.T * 10
        file["target_pos"] = recorded.target.T * 10
        cells = file.create_dataset("spikes", (units_a_channel, len(recorded.trains)), dtype=h5py.ref_dtype)
        names = file.create_dataset("chan_names", (1, len(recorded.trains)), dtype=h5py.ref_dtype)
        for channel, train in enumerate(recorded.trains):
            letters = np.array([[ord(letter)] for letter in f"M1 {channel:03d}"], dtype=np.uint16)
            names[0, channel] = file.create_dataset(f"#refs#/name{channel}", data=letters).ref
            for unit in range(units_a_channel):
                times = train[unit::units_a_channel][None]
                stored = file.create_dataset(
                    f"#refs#/{channel}_{unit}", data=times if times.size else np.zeros(2, dtype=np.uint64)
                )
                if not times.size:
                    stored.attrs["MATLAB_empty"] = np.uint8(1)
                cells[unit, channel] = stored.ref
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")
    return path


def assert_same(found, wanted):
    """Compare what was read with what was written."""
    assert len(found.trains) == len(wanted.trains)
    for one, other in zip(found.trains, wanted.trains, strict=True):
        assert np.array_equal(one, other)
    assert np.allclose(found.time, wanted.time, rtol=0, atol=1e-12)
    assert np.allclose(found.position, wanted.position, rtol=0, atol=1e-12)
    assert np.allclose(found.target, wanted.target, rtol=0, atol=1e-12)
