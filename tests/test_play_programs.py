"""Every program in which agents play runs, in its quick setting, and writes its curves and its film."""

import importlib.util
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "ann"

# program -> (what keeps it small, the files it must write)
PROGRAMS = {
    "play_games": (
        {"seeds": (0,), "task": "catch", "episodes": 5},
        ["catch-learning.png", "catch-learning.svg", "catch-dqn.gif"],
    ),
}


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_a_program_runs_and_writes_its_files(name, tmp_path, capsys):
    pytest.importorskip("imageio")
    pytest.importorskip("pygame")
    changes, files = PROGRAMS[name]
    specification = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    module.main(module.Config(out=tmp_path, quick=True, **changes))
    assert "spiking, T = 8" in capsys.readouterr().out
    for file in files:
        assert (tmp_path / file).stat().st_size > 500


def test_all_programs_are_run():
    assert {path.stem for path in FOLDER.glob("play_*.py")} == set(PROGRAMS)
