"""A study finishes what it can, keeps what is finished, and goes on from there."""

import errno
import json
import os

import pytest

from neurobridge.comparison.grid import folder as folders
from neurobridge.comparison.grid import run as runs
from neurobridge.comparison.grid.run import run
from neurobridge.comparison.grid.work import Outcome, perform
from neurobridge.comparison.study import versions
from neurobridge.errors import FileFormatError, InputError
from tests.comparison.grid.cases import SMALL, Inline, rows, timeless


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return run(SMALL, tmp_path_factory.mktemp("grids") / "small", Inline)


def fast(job):
    """Do a job in no time: weights of nothing, a row that a test can know."""
    if job.cell is None:
        return Outcome(weights=b"weights", versions=versions())
    row = next(
        row
        for row in rows(steps={"radix": (4,), "rate": (8,)})
        if (row["seed"], row["code"], row["steps"]) == (job.network.seed, job.cell.code, job.cell.steps)
    )
    return Outcome(rows=(row,), host="here", versions=versions())


def test_every_cell_has_its_rows(finished):
    kinds = [(row["seed"], row["kind"], row["code"], row["steps"]) for row in finished.rows()]
    one = [("ANN", None, None), ("quantised ANN", None, 4), ("SNN", "radix", 4), ("SNN", "rate", 8)]
    assert kinds == [(seed, *rest) for seed in (0, 1) for rest in one]
    assert list(finished.failures()) == []
    assert all(row["optimizer"] == "adam" for row in finished.rows())


def test_a_lost_cell_is_measured_again_alike_without_training(finished):
    before = finished.rows()
    lost = finished.path / "cells" / "digits.mlp.adam.1.radix-4.json"
    lost.unlink()
    crew = Inline()
    run(SMALL, finished.path, lambda: crew)
    assert crew.seen == ["digits.mlp.adam.1.radix-4"]
    assert timeless(finished.rows()) == timeless(before)


def test_a_finished_study_starts_no_workers(finished):
    def no_crew():
        raise AssertionError("workers were started for nothing")

    assert len(run(SMALL, finished.path, no_crew).rows()) == 8


def test_a_training_that_was_cut_short_goes_on_alike(finished, tmp_path):
    folder = folders.start(tmp_path / "small", SMALL)
    network = SMALL.networks()[0]
    weights = perform(runs.Foreman(folder=folder, crew=Inline(), watch=print, left={}).job(network, None)).weights
    assert weights == finished.weights(network)
    assert any(folder.checkpoints(network).rglob("*"))
    run(SMALL, folder.path, lambda: Inline(fast))
    assert not folder.checkpoints(network).exists()


def test_a_failing_cell_is_noted_and_tried_again(tmp_path):
    def sometimes(job):
        return Outcome(error="InputError: no", versions=versions()) if job.name.endswith(".rate-8") else fast(job)

    folder = run(SMALL, tmp_path / "small", lambda: Inline(sometimes))
    assert [cell.name for cell, _ in folder.failures()] == ["digits.mlp.adam.0.rate-8", "digits.mlp.adam.1.rate-8"]
    assert {error for _, error in folder.failures()} == {"InputError: no"}
    assert len(folder.finished()) == 4
    crew = Inline(fast)
    again = run(SMALL, folder.path, lambda: crew)
    assert crew.seen == ["digits.mlp.adam.0.rate-8", "digits.mlp.adam.1.rate-8"]
    assert (len(again.finished()), list(again.failures())) == (6, [])


def test_a_failing_training_fails_its_cells_and_no_others(tmp_path):
    def sometimes(job):
        return Outcome(error="TrainingError: nan") if job.name == "digits.mlp.adam.0" else fast(job)

    folder = run(SMALL, tmp_path / "small", lambda: Inline(sometimes))
    assert len(list(folder.failures())) == 3
    assert {cell.network.seed for cell in folder.finished()} == {1}


def test_any_exception_of_a_cell_becomes_its_error(tmp_path):
    folder = folders.start(tmp_path / "small", SMALL)
    job = runs.Foreman(folder=folder, crew=Inline(), watch=print, left={}).job(SMALL.networks()[0], SMALL.cells()[1])
    outcome = perform(job)  # there are no weights
    assert "SafetensorError" in outcome.error
    assert "Traceback" in outcome.trace


def test_a_full_disk_stops_with_everything_before_it_kept(tmp_path, monkeypatch):
    path, real, written = tmp_path / "small", os.fsync, []

    def full(descriptor):
        written.append(descriptor)
        if len(written) > 5:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        InputError, match=r"can't write .*: No space left on device. All that was finished before is on"
    ):
        run(SMALL, path, lambda: Inline(fast))
    monkeypatch.setattr(os, "fsync", real)
    there = sorted(file.name for file in path.rglob("*.json"))
    crew = Inline(fast)
    folder = run(SMALL, path, lambda: crew)
    assert len(there) == 3  # the manifest, and two cells; two networks were the other writes
    assert len(folder.finished()) == 6
    assert not {f"{name}.json" for name in crew.seen} & set(there)


def test_a_worker_of_other_versions_stops_the_study(tmp_path):
    def other(job):
        return Outcome(weights=b"w", host="node7", versions={**versions(), "torch": "1.0"})

    with pytest.raises(InputError, match=r"differs from node7: torch is .* there, 1.0 here"):
        run(SMALL, tmp_path / "small", lambda: Inline(other))


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match="isn't empty and holds no study over a grid; nothing was written"):
        run(SMALL, tmp_path, lambda: Inline(fast))


def test_another_study_is_refused(finished):
    import dataclasses

    other = dataclasses.replace(SMALL, training={"epochs": 2})
    with pytest.raises(InputError, match=r"holds another study: training is \{'epochs': 1\} there"):
        run(other, finished.path, lambda: Inline(fast))


@pytest.mark.parametrize("content", ["", "[]", '{"format": 1}', '{"format": 1, "plan": {}, "versions": {}}'])
def test_a_damaged_manifest_is_refused(tmp_path, content):
    (tmp_path / "grid.json").write_text(content)
    with pytest.raises(FileFormatError, match=r"grid.json (is damaged|isn't the manifest of a study)"):
        folders.read(tmp_path)


def test_a_newer_format_is_refused_by_name(tmp_path):
    (tmp_path / "grid.json").write_text(json.dumps({"format": 2}))
    with pytest.raises(FileFormatError, match="has format 2; this version of neurobridge reads 1"):
        folders.read(tmp_path)


def test_a_damaged_cell_is_named(tmp_path):
    folder = run(SMALL, tmp_path / "small", lambda: Inline(fast))
    (folder.path / "cells" / "digits.mlp.adam.0.ann.json").write_text('{"cell": "dig')
    with pytest.raises(FileFormatError, match=r"digits.mlp.adam.0.ann.json is damaged .*; delete it and run"):
        folder.rows()


def test_a_folder_without_a_study_is_named(tmp_path):
    with pytest.raises(InputError, match=r"holds no study over a grid: grid.json is missing"):
        folders.read(tmp_path)
