"""`neurobridge study FILE.toml`: a grid of tasks, networks, codes, optimizers and seeds."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, final

from tqdm import tqdm
from tyro.conf import Positional, arg

from neurobridge.cli.output import show
from neurobridge.comparison.grid.cluster import Cluster
from neurobridge.comparison.grid.crew import Crew
from neurobridge.comparison.grid.folder import MANIFEST, GridFolder
from neurobridge.comparison.grid.folder import read as open_folder
from neurobridge.comparison.grid.plan import Cell, Grid
from neurobridge.comparison.grid.processes import Processes, cores
from neurobridge.comparison.grid.reading import read
from neurobridge.comparison.grid.report import write
from neurobridge.comparison.grid.run import ready, run
from neurobridge.comparison.grid.standings import Findings, findings
from neurobridge.comparison.grid.tables import everything
from neurobridge.comparison.grid.work import Outcome
from neurobridge.errors import InputError
from neurobridge.program import FAULT


@final
@dataclass(frozen=True)
class Config:
    """Run a study over a grid: every network of a file is trained, converted and judged, cell by cell.

    The work is done by processes of this machine, or by the workers of a Dask cluster. Every cell is on the disk when
    it is finished; a run that was killed goes on where it stopped when the same command is given again. A cell that
    fails is noted, the others go on, and the exit code is then 1; those are tried again by the next run.

    Example: neurobridge study grid.toml --workers 4 --out reports/grid
    """

    file: Annotated[Positional[Path], arg(metavar="FILE")]
    """What to do, as TOML; the documentation has an example with every key."""
    out: Path | None = None
    """The folder of the study; reports/NAME if left out."""
    workers: int | None = None
    """Processes on this machine; one a core if left out."""
    cluster: str | None = None
    """Address of a Dask scheduler, such as tcp://node7:8786, instead of processes here."""
    plan: bool = False
    """Check the file and the folder as a run would, say what would be done, and do nothing."""
    json: bool = False
    """Print one JSON object instead of words."""


def main(config: Config) -> None:
    """Run the study, print its tables, and exit with 1 if a cell failed."""
    grid = read(config.file)
    out = config.out or Path("reports") / grid.name
    workers = crew(config)
    if config.plan:
        ready(grid, out)
        told = planned(grid, out)
        show(told, "\n".join(f"{key}: {value}" for key, value in told.items()), as_json=config.json)
        return
    folder = watched(grid, out, workers, quiet=config.json)
    failures = {cell.name: error for cell, error in folder.failures()}
    found = findings(folder.rows())
    page = write(folder) if found.entries else None
    words = (
        [everything(found), *(f"failed: {cell}: {error}" for cell, error in failures.items()), "", f"report: {page}"]
        if page
        else [f"no {'ANN' if folder.finished() else 'cell'} finished, so there is no report", *reasons(failures)]
    )
    told = {"folder": out, "report": page, "cells": len(grid.cells()), "failures": failures}
    show(told | data(found), "\n".join(words), as_json=config.json)
    if failures:
        sys.exit(FAULT)


def reasons(failures: Mapping[str, str]) -> list[str]:
    """Return each error of a study once, with the first cell it came to and how many more.

    Args:
        failures: cell -> error.
    """
    cells: dict[str, list[str]] = {}
    for cell, error in failures.items():
        cells.setdefault(error, []).append(cell)
    return [
        f"failed: {names[0]}{f' and {len(names) - 1} more' if names[1:] else ''}: {error}"
        for error, names in cells.items()
    ]


def crew(config: Config) -> Callable[[], Crew]:
    """Return what makes the workers.

    Raises:
        InputError: both kinds of workers were asked for, or less than one.
    """
    if config.cluster is not None:
        if config.workers is not None:
            raise InputError("--workers are processes of this machine; leave it out with --cluster.")
        return partial(Cluster, config.cluster)
    workers = cores() if config.workers is None else config.workers
    if workers < 1:
        raise InputError(f"--workers is {workers}; it must be at least 1.")
    return partial(Processes, workers)


def watched(grid: Grid, out: Path, workers: Callable[[], Crew], *, quiet: bool) -> GridFolder:
    """Run the study with a bar and a line a cell."""
    done = len(open_folder(out).finished()) if (out / MANIFEST).exists() else 0
    with tqdm(total=len(grid.cells()), initial=done, desc="study", unit="cell", disable=None) as bar:

        def kept(cell: Cell, outcome: Outcome) -> None:
            bar.update()
            if not quiet:
                tqdm.write(line(cell, outcome))

        return run(grid, out, workers, kept)


def line(cell: Cell, outcome: Outcome) -> str:
    """Return what is shown of a cell when it is finished."""
    if outcome.error:
        return f"{cell.name}  failed: {outcome.error}"
    row = outcome.rows[-1]
    return f"{cell.name}  {row['metric']['name']} {row['score']:.4g} {row['metric']['unit']}".rstrip()


def planned(grid: Grid, out: Path) -> dict[str, Any]:
    """Return what a study would do."""
    return {"study": grid.name, "networks": len(grid.networks()), "cells": len(grid.cells()), "folder": out}


def data(found: Findings) -> dict[str, Any]:
    """Return what a study found, without the summaries that its entries share."""
    return {
        "entries": [
            {name: getattr(entry, name) for name in ("task", "model", "optimizer", "standing", "loss", "p")}
            for entry in found.entries
        ],
        "contests": [
            {"task": contest.best.task, "best": contest.best.network, "other": contest.other.network}
            | {"behind": contest.behind, "p": contest.p}
            for contest in found.contests
        ],
    }
