"""A study folder continues its own study and refuses every other."""

import json
from dataclasses import replace

import pytest

from neurobridge.comparison import study
from neurobridge.comparison.compare import resumed
from neurobridge.comparison.study import Plan
from neurobridge.errors import FileFormatError, InputError

PLAN = Plan(task="digits", model="cnn", steps={"radix": (4, 8), "rate": (16,)}, seeds=(0, 1))


def test_a_study_is_found_again(tmp_path):
    made = study.start(tmp_path / "new" / "folder", PLAN)
    assert study.read(made.folder) == made
    assert study.start(made.folder, PLAN) == made


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"task": "mnist"}, "holds another study: task is digits there, mnist here"),
        ({"seeds": (0, 1, 2)}, r"seeds is \[0, 1\] there, \[0, 1, 2\] here"),
        ({"quick": True, "model": "mlp"}, "model is cnn there, mlp here; quick is False there, True here"),
    ],
)
def test_another_study_is_refused(tmp_path, change, message):
    study.start(tmp_path, PLAN)
    before = (tmp_path / "study.json").read_bytes()
    with pytest.raises(InputError, match=message):
        study.start(tmp_path, replace(PLAN, **change))
    assert (tmp_path / "study.json").read_bytes() == before


def test_a_quick_study_of_former_steps_goes_on_with_them(tmp_path):
    """Quick networks that learn had three numbers of steps; the command of such a folder names none."""
    now = replace(PLAN, quick=True, steps={"radix": (4, 8), "trained": (2, 8)})
    then = replace(now, steps={"radix": (4, 8), "trained": (2, 4, 8)})
    assert resumed(tmp_path / "new", now) == now
    study.start(tmp_path, then)
    assert resumed(tmp_path, now) == then
    other = replace(now, seeds=(7,))
    assert resumed(tmp_path, other) == other


def test_other_versions_are_refused(tmp_path, monkeypatch):
    study.start(tmp_path, PLAN)
    monkeypatch.setattr(study, "versions", lambda: {"torch": "0.1"})
    with pytest.raises(InputError, match=r"was begun with other versions: .*torch is .* there, 0\.1 here"):
        study.start(tmp_path, PLAN)


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match="isn't empty and holds no study of neurobridge; nothing was written"):
        study.start(tmp_path, PLAN)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match="holds no study of neurobridge"):
        study.start(tmp_path / "out", PLAN)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("a file")
    with pytest.raises(InputError, match=r"can't write to .*file/out"):
        study.start(tmp_path / "file" / "out", PLAN)


def test_a_start_that_was_killed_early_is_no_obstacle(tmp_path):
    (tmp_path / study.UNFINISHED).write_text('{"form')
    assert study.start(tmp_path, PLAN).plan == PLAN


def test_a_folder_without_a_study_is_named(tmp_path):
    with pytest.raises(InputError, match=r"holds no study: study\.json is missing"):
        study.read(tmp_path)


def test_a_newer_format_is_refused_by_name(tmp_path):
    study.start(tmp_path, PLAN)
    content = json.loads((tmp_path / "study.json").read_text())
    (tmp_path / "study.json").write_text(json.dumps({**content, "format": 9}))
    with pytest.raises(FileFormatError, match="has format 9; this version of neurobridge reads 1"):
        study.read(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 1}', "\0\0"])
def test_a_damaged_manifest_is_refused(tmp_path, content):
    (tmp_path / "study.json").write_text(content)
    with pytest.raises(FileFormatError, match="isn't the manifest of a study"):
        study.read(tmp_path)


def test_the_command_repeats_the_plan(tmp_path):
    made = study.start(tmp_path, replace(PLAN, data="my data", quick=True))
    assert made.command == (
        "neurobridge compare digits --model cnn --codes radix rate --steps radix=4,8 rate=16 --seeds 0 1 "
        "--data 'my data' --quick"
    )
