"""Files that can crash or hang the library that opens them are read in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import numpy as np

from neurobridge.errors import FileFormatError, InputError, MissingExtraError, NeurobridgeError
from neurobridge.spikes.recordings import archive
from neurobridge.spikes.recordings.recording import MovementRecording

Reader = Callable[[Path], MovementRecording]

PATIENCE = 30.0
"""Seconds that reading may take, besides one for each 10 MB of the file."""
TOLD = {error.__name__: error for error in (FileFormatError, InputError, MissingExtraError)}
STOPPED = {
    "SIGKILL": "was killed, as systems do when memory runs out",
    **{name: f"was stopped ({name})" for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGXCPU")},
}
"""Signals that come from outside, whatever is in the file."""
PACKAGE = str(Path(__file__).parents[3])
REFUSED = 3  # exit code
CHILD = "from neurobridge.spikes.recordings.apart import child; child()"


def read(reader: Reader, path: Path) -> MovementRecording:
    """Return what a reader makes of a file, read by another Python; arrays come back, and nothing that could run.

    Args:
        reader: a function of a module, which that Python imports.
        path: of the file.

    Raises:
        FileFormatError: the reader refused the file, crashed on it, or did not end.
        InputError: times or positions that cannot be; or memory or room on the disk are lacking, or the process was
            stopped, none of which is the fault of the file.
        MissingExtraError: what the reader needs isn't installed.
    """
    patience = PATIENCE + path.stat().st_size / 1e7
    with ExitStack() as until:
        try:
            folder = until.enter_context(tempfile.TemporaryDirectory())
        except OSError as error:
            raise _unstarted(path, error) from error
        arrays = Path(folder) / "arrays.npz"
        # -P: no module of the current folder is imported in the place of an installed one
        words = [sys.executable, "-P", "-c", CHILD, reader.__module__, reader.__qualname__, str(path), str(arrays)]
        places = os.pathsep.join([PACKAGE, *filter(None, sys.path)])
        try:
            ended = subprocess.run(
                words, capture_output=True, text=True, errors="replace", timeout=patience, check=False,
                env={**os.environ, "PYTHONPATH": places},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise FileFormatError(
                f"{path}: reading it takes more than {patience:.0f} s, as some damaged files do; get the file again."
            ) from None
        except OSError as error:
            raise _unstarted(path, error) from error
        if ended.returncode == REFUSED:
            told = json.loads(ended.stdout.splitlines()[-1])
            raise TOLD[told["error"]](told["says"])
        if ended.returncode < 0 and (outside := STOPPED.get(signal.Signals(-ended.returncode).name)):
            raise InputError(f"{path}: the process that reads it {outside}; read the file again.")
        if ended.returncode:
            raise FileFormatError(f"{path}: {_death(ended)} while it is read; the file is damaged: get it again.")
        with np.load(arrays, allow_pickle=False) as found:
            return archive.unpacked(found, path)


def _unstarted(path: Path, error: OSError) -> InputError:
    return InputError(
        f"{path}: no process can be started to read it ({error.strerror or error}); see to room in the folder for "
        "temporary files, which TMPDIR names, and to memory."
    )


def _death(ended: subprocess.CompletedProcess[str]) -> str:
    if ended.returncode < 0:
        return f"the library that reads it crashes ({signal.Signals(-ended.returncode).name})"
    return (ended.stderr.strip().splitlines() or ["the process that reads it ends"])[-1]


def child() -> None:
    """Read a file as `read` asks, and write what is in it; a refusal is told on stdout."""
    module, name, path, arrays = sys.argv[1:]
    try:
        found = archive.packed(getattr(import_module(module), name)(Path(path)))
        _pass_on(found, path, arrays)
    except NeurobridgeError as error:
        _tell(next(kind for kind in TOLD if isinstance(error, TOLD[kind])), str(error))
    except MemoryError as error:
        _tell("InputError", too_large(path, error))


def too_large(path: Path | str, error: MemoryError) -> str:
    """Return what to say of a file that memory doesn't hold: a damaged one may only claim to be so large."""
    lacking = f"{path}: reading it takes more memory than there is ({str(error) or 'MemoryError'})"
    return f"{lacking}; free some, or get the file again if it should be small."


def _pass_on(found: Mapping[str, np.ndarray], path: str, arrays: str) -> None:
    try:
        np.savez(arrays, allow_pickle=False, **found)  # type: ignore[arg-type]
    except OSError as error:
        raise InputError(
            f"{path}: what was read can't be passed on ({error.strerror or error}); make room in "
            f"{Path(arrays).parent.parent}, or set TMPDIR to another folder for temporary files."
        ) from error


def _tell(error: str, says: str) -> NoReturn:
    print(json.dumps({"error": error, "says": says}))
    sys.exit(REFUSED)
