"""The folder of a study over a grid: every file appears whole or not at all, so a run can die at any moment.

grid.json      what was asked for, and with which versions
networks/      trained weights, one file a network
cells/         rows, one file a cell
failed/        what went wrong, one file a cell; these are tried again
training/      checkpoints of trainings under way
figures/ and report.html
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from neurobridge.ann.training.checkpoint import write_file
from neurobridge.comparison.grid.plan import Cell, Grid, Network, revived
from neurobridge.comparison.grid.work import Outcome
from neurobridge.comparison.study import refuse_differences, versions
from neurobridge.errors import FileFormatError, InputError

FORMAT = 1
MANIFEST = "grid.json"


@final
@dataclass(frozen=True, kw_only=True)
class GridFolder:
    """An open folder.

    Args:
        path: where it lies.
        grid: what was asked for.
        versions: package -> version at the time it was started.
    """

    path: Path
    grid: Grid
    versions: Mapping[str, str]

    @property
    def report(self) -> Path:
        """The report."""
        return self.path / "report.html"

    @property
    def figures(self) -> Path:
        """The folder of figures."""
        return self.path / "figures"

    def checkpoints(self, network: Network) -> Path:
        """Return where a training leaves its checkpoints."""
        return self.path / "training" / network.name

    def weights(self, network: Network) -> bytes | None:
        """Return the weights of a trained network, or None."""
        path = self._network(network)
        return path.read_bytes() if path.exists() else None

    def keep_network(self, network: Network, outcome: Outcome) -> None:
        """Write trained weights, and remove the checkpoints that led to them."""
        durable(self._network(network), outcome.weights)
        shutil.rmtree(self.checkpoints(network), ignore_errors=True)

    def keep_cell(self, cell: Cell, outcome: Outcome) -> None:
        """Write a cell's rows."""
        made = {"host": outcome.host, "seconds": outcome.seconds}
        durable(self._cell(cell), text({"cell": cell.name, "rows": outcome.rows, "made": made}))
        self._failure(cell).unlink(missing_ok=True)

    def keep_failure(self, cell: Cell, outcome: Outcome) -> None:
        """Write what went wrong with a cell."""
        durable(self._failure(cell), text({"cell": cell.name, "error": outcome.error, "trace": outcome.trace}))

    def finished(self) -> frozenset[Cell]:
        """Return the cells that have rows."""
        there = {path.name for path in (self.path / "cells").glob("*.json")}
        return frozenset(cell for cell in self.grid.cells() if self._cell(cell).name in there)

    def rows(self) -> list[Mapping[str, Any]]:
        """Return the rows of all finished cells, in the order of the plan.

        Raises:
            FileFormatError: a file isn't one that this class wrote.
        """
        done = self.finished()
        return [row for cell in self.grid.cells() if cell in done for row in content(self._cell(cell))["rows"]]

    def failures(self) -> Iterator[tuple[Cell, str]]:
        """Yield the cells that failed, and why."""
        for cell in self.grid.cells():
            if self._failure(cell).exists():
                yield cell, str(content(self._failure(cell))["error"])

    def _network(self, network: Network) -> Path:
        return self.path / "networks" / f"{network.name}.safetensors"

    def _cell(self, cell: Cell) -> Path:
        return self.path / "cells" / f"{cell.name}.json"

    def _failure(self, cell: Cell) -> Path:
        return self.path / "failed" / f"{cell.name}.json"


def start(path: Path, grid: Grid) -> GridFolder:
    """Return the folder of a study: a new one, or the same one to be continued.

    Raises:
        InputError: the folder holds something else, another study, or one begun with other versions.
        FileFormatError: its manifest can't be read.
    """
    if there := begun(path, grid):
        return there
    folder = GridFolder(path=path, grid=grid, versions=versions())
    durable(path / MANIFEST, text({"format": FORMAT, "plan": grid.described(), "versions": folder.versions}))
    (path / "training").mkdir(exist_ok=True)  # a worker that sees this folder leaves checkpoints in it
    return folder


def begun(path: Path, grid: Grid) -> GridFolder | None:
    """Return the folder of a study that is to be continued, or None where it would be new; nothing is written.

    Raises:
        InputError: the folder holds something else, another study, or one begun with other versions.
        FileFormatError: its manifest can't be read.
    """
    if (path / MANIFEST).exists():
        folder = read(path)
        refuse_differences(path, folder.grid.described(), grid.described(), "holds another study")
        refuse_differences(path, folder.versions, versions(), "was begun with other versions")
        return folder
    if path.exists() and (not path.is_dir() or any(not is_draft(entry) for entry in path.iterdir())):
        raise InputError(
            f"{path} isn't empty and holds no study over a grid; nothing was written. Give another folder with --out."
        )
    return None


def read(path: Path) -> GridFolder:
    """Return the study that a folder holds.

    Raises:
        InputError: it holds none.
        FileFormatError: its manifest is damaged, or of a format this version doesn't read.
    """
    if not (path / MANIFEST).is_file():
        raise InputError(f"{path} holds no study over a grid: {MANIFEST} is missing. `neurobridge study` makes one.")
    found = content(path / MANIFEST)
    if found.get("format") != FORMAT:
        raise FileFormatError(
            f"{path / MANIFEST} has format {found.get('format')!r}; this version of neurobridge reads {FORMAT}."
        )
    try:
        return GridFolder(path=path, grid=revived(found["plan"]), versions=dict(found["versions"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FileFormatError(f"{path / MANIFEST} isn't the manifest of a study ({error!r}).") from error


def is_draft(path: Path) -> bool:
    """Return whether a file is what a killed run left of a manifest."""
    return path.name.startswith(f".{MANIFEST}") and path.name.endswith(".part")


def durable(path: Path, written: bytes) -> None:
    """Write a file whole and wait until it is on the disk.

    Raises:
        InputError: it can't be written, for a full disk for instance.
    """
    try:
        write_file(path, written)
    except OSError as error:
        raise InputError(
            f"can't write {path}: {error.strerror}. All that was finished before is on the disk; make room, or give "
            "another folder, and run the same command again."
        ) from error


def text(value: Mapping[str, Any]) -> bytes:
    """Return JSON as bytes."""
    return (json.dumps(value, allow_nan=False) + "\n").encode()


def content(path: Path) -> dict[str, Any]:
    """Return what a JSON file holds.

    Raises:
        FileFormatError: it isn't an object in JSON.
    """
    try:
        found = json.loads(path.read_bytes())
        if not isinstance(found, dict):
            raise ValueError("no object")
    except ValueError as error:
        raise FileFormatError(f"{path} is damaged ({error}); delete it and run the same study again.") from error
    return found
