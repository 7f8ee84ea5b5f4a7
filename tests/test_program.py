"""A config and a function make a program: its help is the file's own docstring and the fields' docs."""

import subprocess
import sys

import pytest

PROGRAM = '''
"""How long is a piece of string?

Expected: twice the distance from its middle to its end. Source: folklore.
"""

from dataclasses import dataclass

from neurobridge import program
from neurobridge.errors import InputError


@dataclass
class Config:
    """Of the string."""

    half: float = 2.0
    """From its middle to its end, in cm."""


def main(config: Config) -> None:
    if config.half < 0:
        raise InputError("a string has no negative length")
    print(f"{2 * config.half} cm at {1 / config.half}")


if __name__ == "__main__":
    program.run(Config, main)
'''


def run(tmp_path, *words):
    path = tmp_path / "measure_string.py"
    path.write_text(PROGRAM)
    return subprocess.run([sys.executable, path, *words], capture_output=True, text=True)


def test_help_says_what_is_asked_expected_and_by_whom(tmp_path):
    said = run(tmp_path, "--help").stdout
    for words in ("How long is a piece of string?", "Expected: twice", "Source: folklore", "middle to its end, in cm"):
        assert words in said


@pytest.mark.parametrize(
    ("half", "code", "printed"),
    [("3", 0, "6.0 cm"), ("-1", 2, "error: a string has no negative length"), ("0", 1, "a fault of neurobridge")],
)
def test_the_exit_status_says_whose_fault_it_was(tmp_path, half, code, printed):
    answer = run(tmp_path, "--half", half)
    assert answer.returncode == code
    assert printed in answer.stdout + answer.stderr
