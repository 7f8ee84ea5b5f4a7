"""NIR files: written whole, read with care for what a stranger may have put into them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import nir

from neurobridge.backends.nir.reading import from_nir
from neurobridge.backends.nir.writing import OfGraph, to_nir
from neurobridge.errors import FileFormatError
from neurobridge.graph.graph import Graph

LARGEST = 2**28
"""Numbers in a file; compressed files can claim far more than they hold."""
MOST_ITEMS = 100_000
DEEPEST = 40


def write(
    graph: Graph | OfGraph, path: Path | str, dialect: str = "exact", layout: str = "layers", dt: float = 1.0
) -> None:
    """Write a graph of a streaming code as a NIR file, whole or not at all.

    Args:
        graph: with calibrated ranges; or the network that runs it.
        path: of the file, by custom ending in ".nir".
        dialect: "exact" or "portable"; see `writing.DIALECTS`.
        layout: "layers" or "matrices"; see `writing.to_nir`.
        dt: length of a time step in seconds.

    Raises:
        UnsupportedOperationError: NIR has no node for a part of the graph.
        InputError: a graph that cannot run, or an option that does not exist.
    """
    network = to_nir(graph, dialect, layout, dt)
    path = Path(path)
    part = path.with_name(path.name + ".part")
    nir.write(part, network)
    with open(part, "rb") as file:
        os.fsync(file.fileno())
    os.replace(part, path)


def read(path: Path | str, steps: int | None = None, **conventions: Any) -> Graph:
    """Return the network in a NIR file. Safe for files from strangers.

    Args:
        path: of the file.
        steps: how many steps to run; must be given unless neurobridge wrote the file.
        conventions: what the file leaves open; see `reading.from_nir`.

    Raises:
        FileFormatError: no such file, truncated, too large, or describing no network that can be run.
        InputError: steps or conventions that cannot be used.
    """
    path = Path(path)
    try:
        with h5py.File(path, "r") as file:
            _check_contents(file)
        _check_that_it_ends(path)
        network = nir.read(path)
    except FileNotFoundError as error:
        raise FileFormatError(f"{path} does not exist") from error
    except FileFormatError as error:
        raise FileFormatError(f"{path}: {error}") from error
    except Exception as error:  # the nir package checks nothing: any error can come out of a broken file
        raise FileFormatError(f"{path} is not a complete NIR file ({type(error).__name__}: {error})") from error
    if not isinstance(network, nir.NIRGraph):
        raise FileFormatError(f"{path} holds a single {type(network).__name__}, not a NIR graph")
    try:
        return from_nir(network, steps, **conventions)
    except FileFormatError as error:
        raise FileFormatError(f"{path}: {error}") from error


LOAD = """
import sys, h5py
def load(group):
    for item in group.values():
        load(item) if isinstance(item, h5py.Group) else getattr(item, "__getitem__", lambda _: 0)(())
with h5py.File(sys.argv[1], "r") as file:
    load(file)
"""
"""Loads every number of a file, in a process of its own."""
PATIENCE = 30.0
"""Seconds that loading a file may take."""


def _check_that_it_ends(path: Path) -> None:
    """Load a file elsewhere first: HDF5 itself runs for ever, or crashes, on some files with broken text."""
    try:
        command = [sys.executable, "-c", LOAD, str(path)]
        finished = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        raise FileFormatError(f"loading it takes more than {PATIENCE:g} s, as some broken files do") from error
    if finished.returncode:
        last = finished.stderr.strip().splitlines()[-1:] or ["it crashes the HDF5 library"]
        raise FileFormatError(f"it is not a complete NIR file ({last[0]})")


def _check_contents(file: h5py.File) -> None:
    """Refuse links out of the file and more numbers than a network has, before anything is loaded."""
    numbers = items = 0
    open_groups: list[tuple[h5py.Group, int]] = [(file, 0)]
    while open_groups:
        group, depth = open_groups.pop()
        if depth > DEEPEST:
            raise FileFormatError(f"it is nested more than {DEEPEST} levels deep")
        for name in group:
            items += 1
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise FileFormatError(f"{name!r} is a link to another place; a NIR file has none")
            item = group[name]
            if isinstance(item, h5py.Group):
                open_groups.append((item, depth + 1))
            elif isinstance(item, h5py.Dataset):
                numbers += item.size or 0
                if item.external or item.is_virtual:
                    raise FileFormatError(f"{name!r} is stored in another file; a NIR file stands alone")
            if numbers > LARGEST or items > MOST_ITEMS:
                raise FileFormatError(f"it claims more than {LARGEST} numbers or {MOST_ITEMS} items")
