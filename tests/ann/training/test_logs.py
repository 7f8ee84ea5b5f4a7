import csv
import sys

import pytest

from neurobridge.ann.training import CurveFile, Epoch, TensorBoard
from neurobridge.errors import MissingExtraError


def row(epoch, loss=0.5):
    return Epoch(epoch=epoch, loss=loss, validation=90.0, learning_rate=0.1, gradient_norm=1.0, seconds=2.0)


def test_a_curve_file_goes_on_where_a_killed_run_stopped(tmp_path):
    first, resumed = CurveFile(tmp_path / "curve.csv"), CurveFile(tmp_path / "curve.csv")
    for epoch in (1, 2, 3):
        first(row(epoch))
    resumed(row(3, loss=0.25))
    resumed(row(4))
    with (tmp_path / "curve.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(int(one["epoch"]), float(one["loss"])) for one in rows] == [(1, 0.5), (2, 0.5), (3, 0.25), (4, 0.5)]


def test_tensorboard_reads_the_curves_back(tmp_path):
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    board = TensorBoard(tmp_path)
    for epoch in (1, 2):
        board(row(epoch, loss=1 / epoch))
    events = reader.EventAccumulator(str(tmp_path))
    events.Reload()
    assert [(event.step, event.value) for event in events.Scalars("loss")] == [(1, 1.0), (2, 0.5)]


def test_without_tensorboard_the_command_that_installs_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(MissingExtraError, match=r'pip install "neurobridge\[logs\]"'):
        TensorBoard(tmp_path)
