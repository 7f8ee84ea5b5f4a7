"""A cache of compiled simulations, found again by the content of their generated C++ code."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from brian2 import prefs
from brian2.codegen.cpp_prefs import get_compiler_and_args
from brian2.devices.device import Device

from neurobridge.errors import SimulationError

_HEADERS = (
    "algorithm", "climits", "cmath", "cstdint", "ctime", "fstream", "iomanip", "iostream", "limits", "map", "random",
    "set", "sstream", "string", "utility", "vector", "stdint.h", "stdlib.h",
)  # fmt: skip
# These hold values, not structure: a build whose other files are the same needs only them compiled again.
_VALUES = ("main.cpp", "static_arrays")


def folder() -> Path:
    """Return where builds are kept: `$NEUROBRIDGE_CACHE`, or `~/.cache/neurobridge`."""
    return Path(os.environ.get("NEUROBRIDGE_CACHE", Path.home() / ".cache" / "neurobridge")) / "brian2"


@contextmanager
def compiler_flags(header: Path | None) -> Iterator[None]:
    """Compile with a precompiled header, and put Brian2's preferences back afterwards."""
    before = prefs.codegen.cpp.extra_compile_args_gcc
    if header is not None:
        # one joined word: Brian2 reorders a flag that is given as two
        prefs.codegen.cpp.extra_compile_args_gcc = [*before, f"-include{header}"]
    try:
        yield
    finally:
        prefs.codegen.cpp.extra_compile_args_gcc = before


def precompiled_header() -> Path | None:
    """Return a header with the standard library compiled once, or None where that does not work."""
    _, flags = get_compiler_and_args()
    flags = [flag for flag in flags if not flag.startswith("-include")]
    home = folder() / f"header-{_digest(' '.join(flags).encode())}"
    header = home / "standard.h"
    if not (home / "standard.h.gch").exists():
        home.mkdir(parents=True, exist_ok=True)
        header.write_text("".join(f"#include <{name}>\n" for name in _HEADERS))
        finished = _compile_header(header, flags)
        return header if finished else None
    return header


def _compile_header(header: Path, flags: list[str]) -> bool:
    unfinished = header.with_suffix(f".{os.getpid()}")
    command = ["g++", "-Wno-write-strings", *flags, "-x", "c++-header", str(header), "-o", str(unfinished)]
    if shutil.which("g++") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        return False
    unfinished.rename(header.with_name(header.name + ".gch"))
    return True


@contextmanager
def prepared(device: Device) -> Iterator[tuple[Path, bool]]:
    """Write the code of a standalone device, compile it unless the cache has it, and hold its folder.

    Yields:
        The folder and whether a compiled program was found there.

    Raises:
        SimulationError: the code does not compile.
    """
    with tempfile.TemporaryDirectory(prefix="neurobridge-") as scratch:
        device.build(directory=scratch, compile=False, run=False, with_output=False)
        home = folder() / f"build-{structure(Path(scratch))}"
        home.mkdir(parents=True, exist_ok=True)
        with locked(home):
            reused = (home / "main").exists()
            copy_changed(Path(scratch), home)
            device.project_dir = str(home)
            device.results_dir = str(home / "results") + os.sep
            compile_in(home)
            yield home, reused


def compile_in(home: Path) -> None:
    """Run make in a build folder.

    Raises:
        SimulationError: it fails; the message holds the compiler's last lines.
    """
    command = ["make", f"-j{os.cpu_count() or 1}"]
    finished = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    if finished.returncode:
        tail = "\n".join(finished.stderr.splitlines()[-8:])
        raise SimulationError(f"the generated C++ code in {home} does not compile; use target='numpy', or see:\n{tail}")


def structure(project: Path) -> str:
    """Return a digest of a generated project without the values it starts from."""
    parts = []
    for path in sorted(project.rglob("*")):
        relative = path.relative_to(project)
        if path.is_file() and relative.parts[0] not in (*_VALUES, "results"):
            parts.append(f"{relative}:{_digest(path.read_bytes())}")
    return _digest("\n".join(parts).encode())


def copy_changed(source: Path, target: Path) -> None:
    """Copy a project over another one, leaving files alone that are the same, so that make does too."""
    shutil.rmtree(target / "static_arrays", ignore_errors=True)
    for path in source.rglob("*"):
        if not path.is_file():
            continue
        goal = target / path.relative_to(source)
        goal.parent.mkdir(parents=True, exist_ok=True)
        if not goal.exists() or goal.read_bytes() != path.read_bytes():
            shutil.copyfile(path, goal)
    (target / "results").mkdir(exist_ok=True)
    (target / "static_arrays").mkdir(exist_ok=True)


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Hold a build folder so that two simulations don't write into it at once."""
    import fcntl

    with open(home / "lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_UN)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
