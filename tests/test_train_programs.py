"""Every program that trains, converts or compares networks runs, in its quick setting, and writes its figures."""

import importlib.util
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "ann"

# program -> (what keeps it small, what must be printed, the figures it must write)
PROGRAMS = {
    "compare_networks": ({"pairs": ("digits=mlp",), "steps": (4,)}, "radix T=4", []),
    "convert_networks": ({"pairs": ("digits=mlp", "digits-rows=rnn")}, "digits-rows=rnn", []),
    "convert_to_measured_neurons": ({}, "leaky", ["lost"]),
    "train_images": ({"models": ("mlp",)}, "logistic regression", ["curves"]),
    "train_spatial_transformer": ({}, "stn-cnn", ["views"]),
    "train_rows": ({"task": "digits-rows", "models": ("rnn", "lstm")}, "lstm", ["curves", "gates-lstm", "unrolled"]),
    "train_measured_neurons": ({}, "fit of leaky", ["curves", "activations"]),
    "train_memory": ({"task": "parity", "length": 10}, "most frequent", ["gradients-parity"]),
    "train_forecaster": ({"tasks": ("mackey-glass",)}, "persistence", ["mackey-glass"]),
    "train_reader": ({"models": ("gru",)}, "bag of words", []),
    "train_watcher": ({"pairs": ("anomalies=gru",)}, "reconstruction", []),
    "train_translator": ({"attentions": ("luong",)}, "exact match", ["alignment-luong"]),
}


def load(name):
    specification = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_a_program_runs_and_writes_its_figures(name, tmp_path, capsys):
    changes, printed, figures = PROGRAMS[name]
    module = load(name)
    module.main(module.Config(out=tmp_path, quick=True, **changes))
    assert printed in capsys.readouterr().out
    for figure in figures:
        assert (tmp_path / f"{figure}.png").stat().st_size > 1000


@pytest.mark.slow
def test_the_language_model_program_runs(tmp_path, capsys):
    module = load("train_language_model")
    module.main(module.Config(out=tmp_path, quick=True, models=("language-model",)))
    assert "mixed with the rival" in capsys.readouterr().out


def test_all_programs_are_run():
    programs = {path.stem for kind in ("train", "convert", "compare") for path in FOLDER.glob(f"{kind}_*.py")}
    assert programs == {*PROGRAMS, "train_language_model", "compare_optimizers"}
