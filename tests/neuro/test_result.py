"""Results: what is saved is what is read, tables have units in their names, and foreign files are refused."""

import builtins

import numpy as np
import pytest
from brian2 import ms, mV, nA
from matplotlib.figure import Figure

from neurobridge.errors import FileFormatError, MissingExtraError
from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.protocols import PROTOCOLS
from neurobridge.neuro.protocols.fi_curve import fi_curve
from neurobridge.neuro.result import load


@pytest.fixture(scope="module")
def measured():
    return fi_curve(neuron("leaky"), np.array([1.0, 2.5, 3.0]) * nA, duration=150 * ms, settle=50 * ms)


def test_save_and_load(measured, tmp_path):
    again = load(measured.save(tmp_path / "curve"))
    assert type(again) is type(measured)
    assert again.model == "leaky"
    assert np.array_equal(again.rate, measured.rate)
    assert again.current.dim is nA.dim


def test_the_table_names_units(measured):
    table = measured.table()
    assert list(table) == ["current [nA]", "rate [Hz]", "first_interval [ms]"]
    assert table["current [nA]"].tolist() == pytest.approx([1.0, 2.5, 3.0])


def test_a_data_frame_or_the_way_to_get_one(measured, monkeypatch):
    real = builtins.__import__

    def without_pandas(name, *rest, **options):
        if name == "pandas":
            raise ImportError("No module named 'pandas'")
        return real(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", without_pandas)
    with pytest.raises(MissingExtraError, match=r"needs pandas; install it with: pip install pandas, or use table\(\)"):
        measured.to_dataframe()
    monkeypatch.undo()
    pytest.importorskip("pandas")
    assert len(measured.to_dataframe()) == 3


def test_foreign_files_are_refused(tmp_path):
    with pytest.raises(FileFormatError, match="is not a saved result"):
        load(tmp_path / "missing.npz")
    np.savez(tmp_path / "other.npz", header=np.array('{"format": "else", "kind": "FICurve"}'))
    with pytest.raises(FileFormatError, match="has format 'else' and kind 'FICurve'; this version reads"):
        load(tmp_path / "other.npz")


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_protocol_returns_a_result_that_can_be_drawn_and_saved(name, tmp_path):
    model = neuron("fitzhugh-nagumo" if name == "phase-plane" else "leaky")
    options = {
        "noisy-rate": {"means": np.array([15.0]) * mV, "neurons": 5},
        "fi-curve": {"points": 5},
        "strength-duration": {"widths": np.array([2.0]) * ms, "dt": 0.2 * ms},
        "impedance": {"cycles": 2},
    }
    found = PROTOCOLS[name](model, **options.get(name, {}))
    assert isinstance(found.plot(), Figure)
    assert found.table()
    assert type(load(found.save(tmp_path / name))) is type(found)
