"""Every exception that neurobridge raises on purpose: what is wrong, where, what is allowed, what to do."""

import os
import traceback
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

LIBRARY = os.path.dirname(os.__file__) + os.sep  # Python's own; packages are below it where there is no environment

Value = TypeVar("Value")


class NeurobridgeError(Exception):
    """Something the user can put right; the command line prints it without a traceback and exits with 2."""


class InputError(NeurobridgeError):
    """Data, a shape, a number or an option that cannot be used."""


class UnknownNameError(InputError):
    """A name that is not in a table.

    Args:
        kind: what is being named, in the singular ("task", "model", "code").
        name: what was asked for.
        known: what can be asked for.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        near = get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        super().__init__(f"unknown {kind} {name!r}{hint} Known: {', '.join(known)}.")


class UnsupportedOperationError(NeurobridgeError):
    """A network holds operations that have no spiking form under the code that was asked for."""


class FileFormatError(NeurobridgeError):
    """A file that is truncated, of another kind, of another version, or not safe to open."""


class CalibrationError(InputError):
    """Calibration data that cannot fix the ranges of a network."""


class TrainingError(NeurobridgeError):
    """Training that cannot go on, such as a loss that is not a number."""


class SimulationError(NeurobridgeError):
    """A simulation that cannot go on, such as a state variable that is not a number."""


class MissingExtraError(NeurobridgeError):
    """An optional package that is not installed."""


def lookup(kind: str, name: str, table: Mapping[str, Value]) -> Value:
    """Return `table[name]`, or raise an error that lists the names and suggests the nearest.

    Raises:
        UnknownNameError: `name` is not in `table`.
    """
    if name not in table:
        raise UnknownNameError(kind, name, table)
    return table[name]


def own_line(error: BaseException, packages: tuple[str, ...]) -> str | None:
    """Return file, line and code of the last frame that is the user's own; None if there is none.

    Args:
        error: that was caught.
        packages: folders whose frames are not the user's; neither are those of Python's own library.
    """
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.line and not frame.filename.startswith(packages) and not _of_python(frame.filename)
    ]
    return f"{frames[-1].filename}:{frames[-1].lineno}: {frames[-1].line}" if frames else None


def _of_python(file: str) -> bool:
    return file.startswith(LIBRARY) and "-packages" not in file
