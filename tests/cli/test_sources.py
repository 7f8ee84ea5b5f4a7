"""What users hand over is checked before any work, and refused by name."""

import numpy as np
import pytest
from torch import nn

from neurobridge.cli.sources import calibration, network, writable
from neurobridge.errors import CalibrationError, FileFormatError, InputError, UnknownNameError

CODE = """
from torch import nn

def small():
    return nn.Linear(4, 2)

def text():
    return "not a network"

def broken():
    return nn.Linear(4, 2)[7]

class Net(nn.Linear):
    def __init__(self):
        super().__init__(4, 2)

ready = nn.Linear(4, 2)
number = 7
"""


@pytest.fixture
def code(tmp_path, monkeypatch):
    (tmp_path / "my_nets.py").write_text(CODE)
    (tmp_path / "my_fault.py").write_text("import torch\n\n1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.parametrize("name", ["small", "Net", "ready"])
def test_functions_classes_and_networks_will_do(code, name):
    assert isinstance(network(f"my_nets:{name}"), nn.Linear)


def test_the_current_directory_is_searched(tmp_path, monkeypatch):
    (tmp_path / "nets_of_here.py").write_text(CODE)
    monkeypatch.chdir(tmp_path)
    assert isinstance(network("nets_of_here:small"), nn.Linear)


@pytest.mark.parametrize(
    ("place", "error", "message"),
    [
        ("my_nets", InputError, "'my_nets' doesn't name a factory; write MODULE:NAME"),
        (":small", InputError, "doesn't name a factory"),
        ("no_such_module:small", InputError, "importing 'no_such_module' failed: ModuleNotFoundError"),
        ("my_fault:small", InputError, r"importing 'my_fault' failed: ZeroDivisionError: .*my_fault\.py, line 3"),
        ("my_nets:smal", UnknownNameError, "unknown name in my_nets, 'smal'; did you mean 'small'"),
        ("my_nets:number", InputError, "my_nets:number is a int; it must be a function or"),
        ("my_nets:text", InputError, r"my_nets:text\(\) gave a str; it must give a torch.nn.Module"),
        ("my_nets:broken", InputError, r"calling my_nets:broken\(\) failed: TypeError: .*my_nets\.py, line 11"),
    ],
)
def test_a_factory_that_gives_no_network_is_refused(code, place, error, message):
    with pytest.raises(error, match=message):
        network(place)


@pytest.mark.parametrize("name", ["x.npz", "x.npy"])
def test_one_array_is_read(tmp_path, name):
    array = np.random.default_rng(0).normal(size=(5, 3))
    (np.savez if name == "x.npz" else np.save)(tmp_path / name, array)
    read = calibration(tmp_path / name)
    assert read.dtype == np.float32
    np.testing.assert_allclose(read, array, rtol=1e-6)


def test_tokens_stay_whole_numbers(tmp_path):
    np.save(tmp_path / "x.npy", np.ones((5, 3), dtype=np.uint8))
    assert calibration(tmp_path / "x.npy").dtype == np.int64


def refused(tmp_path, error, message, **arrays):
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(error, match=message):
        calibration(tmp_path / "x.npz")


def test_arrays_that_cannot_calibrate_are_refused(tmp_path):
    whole = np.ones((5, 3))
    refused(tmp_path, CalibrationError, r"holds 2 arrays \(x, y\); give a file with one", x=whole, y=whole)
    refused(tmp_path, CalibrationError, r"has shape \(0, 3\); its first axis must be the sample", x=whole[:0])
    refused(tmp_path, CalibrationError, r"has shape \(5,\)", x=whole[:, 0])
    refused(tmp_path, CalibrationError, "numbers that aren't finite", x=np.full((5, 3), np.inf))
    refused(tmp_path, CalibrationError, "holds <U1; calibration needs real numbers", x=np.array([["a"]]))
    refused(tmp_path, CalibrationError, "holds complex128", x=whole * 1j)


def test_pickled_objects_are_never_opened(tmp_path):
    np.savez(tmp_path / "x.npz", x=np.array([{"hostile": True}], dtype=object))
    with pytest.raises(FileFormatError, match="pickled objects are never opened"):
        calibration(tmp_path / "x.npz")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04torn", b"\x80\x04K\x01.", b"plain text"])
def test_files_of_another_kind_are_refused(tmp_path, content):
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(FileFormatError, match=r"isn't an \.npz or \.npy file of plain numbers"):
        calibration(tmp_path / "x.npz")


def test_a_missing_file_says_how_to_write_one(tmp_path):
    with pytest.raises(FileFormatError, match=r"no calibration data at .*write them with numpy.savez"):
        calibration(tmp_path / "x.npz")


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(InputError, match="is a folder; give the name of a file"):
        writable(tmp_path)
    with pytest.raises(InputError, match=r"there is no folder .*nowhere that can be written to"):
        writable(tmp_path / "nowhere" / "net.nb")
