"""Anything a verb finds can be said in JSON."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from neurobridge.cli.output import broken, plain, show


@dataclass
class Pair:
    left: object
    right: object


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Pair(np.float32(0.5), (1, 2)), {"left": 0.5, "right": [1, 2]}),
        ({3: np.arange(2)}, {"3": [0, 1]}),
        (float("nan"), None),
        (np.array([np.inf, 1.0]), [None, 1.0]),
        (Path("reports/digits"), "reports/digits"),
        ([True, None, "words"], [True, None, "words"]),
    ],
)
def test_values_become_plain(value, expected):
    assert plain(value) == expected
    json.dumps(plain(value), allow_nan=False)


def test_people_get_words_and_programs_get_one_object(capsys):
    show({"answer": 42}, "forty-two", as_json=False)
    assert capsys.readouterr().out == "forty-two\n"
    show({"answer": 42}, "forty-two", as_json=True)
    assert json.loads(capsys.readouterr().out) == {"answer": 42}


def test_lines_that_are_too_long_go_on_below():
    table = "name      size\n  first   " + "word " * 20 + "\n\nshort"
    found = broken(table)
    assert max(map(len, found.splitlines())) <= 80
    assert found.splitlines()[0] == "name      size"
    assert found.splitlines()[2].startswith("      word")
    assert found.endswith("\n\nshort")
    assert found.split() == table.split()
