"""The verbs, their help and their exit codes."""

import dataclasses
import json
from importlib import import_module

import pytest

from neurobridge import __version__
from neurobridge.cli.main import VERBS, main
from neurobridge.errors import InputError


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_config_with_json_and_a_main(verb):
    module = import_module(VERBS[verb][0])
    assert "json" in {field.name for field in dataclasses.fields(module.Config)}
    assert callable(module.main)


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_every_verb_has_an_example_and_a_word_on_every_option(verb, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([verb, "--help"])
    assert stopped.value.code == 0
    shown = capsys.readouterr().out
    assert f"neurobridge {verb}" in shown
    assert "Example" in shown
    assert max(map(len, shown.splitlines())) <= 80
    for field in dataclasses.fields(import_module(VERBS[verb][0]).Config):
        assert field.name.replace("_", "-") in shown.lower().replace("_", "-")


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["help"]])
def test_help_lists_the_verbs_in_80_columns(words, capsys):
    assert main(words) == 0
    shown = capsys.readouterr().out
    assert all(f"  {verb} " in shown for verb in VERBS)
    assert max(map(len, shown.splitlines())) <= 80


def test_no_verb_is_bad_usage(capsys):
    assert main([]) == 2
    assert "usage: neurobridge VERB" in capsys.readouterr().err


def test_ctrl_c_while_a_verb_is_loaded_is_told_in_a_line(monkeypatch, capsys):
    def interrupted(name):
        raise KeyboardInterrupt

    monkeypatch.setattr("neurobridge.cli.main.import_module", interrupted)
    assert main(["simulate", "leaky"]) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_an_unknown_verb_suggests_the_nearest(capsys):
    assert main(["comapre", "digits"]) == 2
    assert "unknown verb 'comapre'; did you mean 'compare'?" in capsys.readouterr().err


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == f"neurobridge {__version__}"


@pytest.mark.parametrize(
    "words", [["compare"], ["compare", "digits", "--stepps", "4"], ["compare", "digits", "--seeds", "x"]]
)
def test_bad_options_exit_with_2(words, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2


def test_a_fault_of_ours_exits_with_1(monkeypatch, capsys):
    module = import_module(VERBS["tasks"][0])
    monkeypatch.setattr(module, "about", lambda place: 1 / 0)
    assert main(["tasks"]) == 1
    shown = capsys.readouterr().err
    assert "ZeroDivisionError" in shown
    assert "This is a fault of neurobridge, not of your input" in shown


def test_bad_input_exits_with_2_and_no_traceback(monkeypatch, capsys):
    def refuse(place):
        raise InputError("the sample is missing")

    monkeypatch.setattr(import_module(VERBS["tasks"][0]), "about", refuse)
    assert main(["tasks"]) == 2
    assert capsys.readouterr().err == "error: the sample is missing\n"


def test_tasks_lists_what_there_is(capsys):
    assert main(["tasks"]) == 0
    shown = capsys.readouterr().out
    assert "digits-augmented" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert main(["tasks", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {"name", "about", "needs_data"} == set(listed["tasks"][0])
    assert "cnn" in {model["name"] for model in listed["models"]}
