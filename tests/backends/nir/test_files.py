"""NIR files come back with the same spikes; broken and hostile ones are refused."""

import os
from collections.abc import Callable
from pathlib import Path

import h5py
import nir
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neurobridge.backends.nir import files
from neurobridge.backends.nir.files import read, write
from neurobridge.backends.nir.reading import from_nir
from neurobridge.backends.nir.writing import to_nir
from neurobridge.errors import FileFormatError, UnsupportedOperationError
from neurobridge.graph.graph import Graph
from tests.backends.dynamical import DYNAMICAL, layers, recurrent, spikes_for
from tests.backends.nir.cases import (
    NO_LAYERS,
    STREAMING,
    assert_same_spikes,
    inputs_of,
)
from tests.cases import convolutional


@pytest.mark.parametrize("layout", ["layers", "matrices"])
@pytest.mark.parametrize("name", STREAMING)
def test_exact_files_come_back_with_the_same_spikes(name, layout, tmp_path):
    for seed in (0, 1):
        graph = STREAMING[name](seed)
        if layout == "layers" and name in NO_LAYERS:
            with pytest.raises(UnsupportedOperationError, match=NO_LAYERS[name]):
                write(graph, tmp_path / "net.nir", layout=layout)
            continue
        if layout == "matrices" and name == "constant":
            with pytest.raises(UnsupportedOperationError, match="'second' has a bias that arrives late"):
                write(graph, tmp_path / "net.nir", layout=layout)
            continue
        write(graph, tmp_path / "net.nir", layout=layout)
        assert_same_spikes(graph, read(tmp_path / "net.nir"), inputs_of(name, graph, seed))


@pytest.mark.parametrize("dt", [1.0, 1e-3, 1e-4])
def test_the_time_step_changes_no_spike(dt, tmp_path):
    graph = DYNAMICAL["synaptic"](4)
    write(graph, tmp_path / "net.nir", dt=dt)
    assert_same_spikes(graph, read(tmp_path / "net.nir"), spikes_for(graph, 4))


@pytest.mark.parametrize("backend", ["snntorch", "brian2", "nengo"])
def test_what_is_read_runs_in_every_simulator(backend, tmp_path):
    graph = recurrent(5)
    write(graph, tmp_path / "net.nir")
    assert_same_spikes(graph, read(tmp_path / "net.nir"), spikes_for(graph, 5), backend)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("nir") / "net.nir"
    write(convolutional("rate", 3, 0), path)
    return path.read_bytes()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_broken_files_are_refused_in_words(data, whole, tmp_path):
    """Cut short, or some bytes changed: either the network still reads, or a FileFormatError says that it does not."""
    if data.draw(st.booleans()):
        content = whole[: data.draw(st.integers(0, len(whole) - 1))]
    else:
        changed = bytearray(whole)
        for _ in range(data.draw(st.integers(1, 30))):
            changed[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
        content = bytes(changed)
    path = tmp_path / "broken.nir"
    path.write_bytes(content)
    try:
        assert isinstance(read(path), Graph)
    except FileFormatError as error:
        assert str(path) in str(error)


@given(st.binary(max_size=200))
def test_noise_is_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("noise") / "noise.nir"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match="is not a complete NIR file"):
        read(path)


def test_files_that_reach_out_or_claim_too_much(tmp_path):
    with pytest.raises(FileFormatError, match="does not exist"):
        read(tmp_path / "none.nir")

    def hostile(change: Callable[[h5py.File], object]) -> Path:
        path = tmp_path / "hostile.nir"
        write(layers(0), path)
        with h5py.File(path, "a") as file:
            change(file)
        return path

    with pytest.raises(FileFormatError, match="is a link to another place"):
        read(hostile(lambda file: file.__setitem__("out", h5py.ExternalLink("/etc/passwd", "/"))))
    with pytest.raises(FileFormatError, match="claims more than"):
        read(hostile(lambda file: file.create_dataset("bomb", shape=(2**40,), dtype="f8", chunks=(2**16,))))
    with pytest.raises(FileFormatError, match="stored in another file"):
        read(hostile(lambda file: file.create_dataset("x", shape=(4,), dtype="u1", external=[("/etc/passwd", 0, 4)])))
    deep = "/".join(["g"] * 60)
    with pytest.raises(FileFormatError, match="nested more than 40 levels"):
        read(hostile(lambda file: file.create_group(deep)))


def test_files_that_hdf5_never_finishes_or_that_crash_it(tmp_path, monkeypatch):
    path = tmp_path / "net.nir"
    write(layers(0), path)
    monkeypatch.setattr(files, "LOAD", "import time; time.sleep(60)")
    monkeypatch.setattr(files, "PATIENCE", 0.2)
    with pytest.raises(FileFormatError, match=r"loading it takes more than 0.2 s"):
        read(path)
    monkeypatch.setattr(files, "LOAD", "import os; os.abort()")
    monkeypatch.setattr(files, "PATIENCE", 30.0)
    with pytest.raises(FileFormatError, match="it crashes the HDF5 library"):
        read(path)


@pytest.mark.parametrize("change", [{"steps": 10**9}, {"steps": "many"}, {"dt": -1.0}, {"dt": np.nan}, {"steps": None}])
def test_broken_words_of_a_file_about_itself(change):
    written = to_nir(layers(0))
    written.metadata |= change
    with pytest.raises(FileFormatError, match="what the NIR graph says about itself is broken"):
        from_nir(written)


def test_a_single_node_is_no_network(tmp_path):
    nir.write(tmp_path / "node.nir", nir.IF(r=np.ones(3), v_threshold=np.ones(3)))
    with pytest.raises(FileFormatError, match=r"IF, not a NIR graph|not a complete NIR file"):
        read(tmp_path / "node.nir", 3)


def test_files_are_written_whole_or_not_at_all(tmp_path, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        write(layers(0), tmp_path / "net.nir")
    assert not (tmp_path / "net.nir").exists()
