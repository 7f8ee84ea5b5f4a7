"""Run a study over a grid, or what is left of it: hand out jobs, and write each outcome when it comes."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

from neurobridge.comparison.grid.crew import Crew
from neurobridge.comparison.grid.folder import GridFolder, begun, start
from neurobridge.comparison.grid.material import check
from neurobridge.comparison.grid.plan import Cell, Grid, Network
from neurobridge.comparison.grid.work import Job, Outcome
from neurobridge.comparison.study import refuse_differences

Watch = Callable[[Cell, Outcome], object]


def run(grid: Grid, path: Path, crew: Callable[[], Crew], watch: Watch = lambda cell, outcome: None) -> GridFolder:
    """Do what a study still lacks, and return its folder.

    Each outcome is on the disk before the next is waited for. A cell that fails is noted and the others go on; those
    that failed in an earlier run are tried again.

    Args:
        grid: the study.
        path: its folder.
        crew: makes the workers; not called if there is nothing to do.
        watch: called with each cell when it is kept.

    Raises:
        InputError: an option can't be used, the folder holds something else, the disk is full, a worker has other
            versions, or all workers are out of reach.
        FileFormatError: data or a file of the study are damaged.
    """
    ready(grid, path)
    folder = start(path, grid)
    left = unfinished(folder)
    if left:
        with crew() as workers:
            Foreman(folder=folder, crew=workers, watch=watch, left=left).work()
    return folder


def ready(grid: Grid, path: Path) -> None:
    """Refuse what a run would refuse before any work; nothing is written.

    Raises:
        InputError: an option can't be used, or the folder holds something else.
        FileFormatError: data or a file of the study are damaged.
    """
    if begun(path, grid) is None:
        check(grid)


def unfinished(folder: GridFolder) -> dict[Network, list[Cell]]:
    """Return the cells without rows, by network."""
    done = folder.finished()
    left: dict[Network, list[Cell]] = {}
    for cell in folder.grid.cells():
        if cell not in done:
            left.setdefault(cell.network, []).append(cell)
    return left


@final
@dataclass(kw_only=True)
class Foreman:
    """Hands out the jobs of one run.

    Args:
        folder: where outcomes go.
        crew: who does them.
        watch: called with each cell when it is kept.
        left: network -> its cells to be measured.
    """

    folder: GridFolder
    crew: Crew
    watch: Watch
    left: dict[Network, list[Cell]]
    waiting: deque[tuple[Network, Cell | None]] = field(default_factory=deque)

    def work(self) -> None:
        """Do all jobs. The cells of a trained network come before the next training."""
        for network, cells in self.left.items():
            trained = self.folder.weights(network) is not None
            self.waiting.extend((network, cell) for cell in cells) if trained else self.waiting.append((network, None))
        out = 0
        while self.waiting or out:
            while self.waiting and out < self.crew.places:
                self.crew.submit(self.job(*self.waiting.popleft()))
                out += 1
            job, outcome = self.crew.wait()
            out -= 1
            self.keep(job, outcome)

    def job(self, network: Network, cell: Cell | None) -> Job:
        """Return a job as a worker gets it."""
        if cell is None:
            return Job(grid=self.folder.grid, network=network, checkpoints=self.folder.checkpoints(network))
        weights = self.folder.weights(network) or b""
        return Job(grid=self.folder.grid, network=network, cell=cell, weights=weights)

    def keep(self, job: Job, outcome: Outcome) -> None:
        """Write an outcome."""
        if outcome.versions is not None:
            refuse_differences(self.folder.path, self.folder.versions, outcome.versions, f"differs from {outcome.host}")
        if outcome.error:
            self.fail([job.cell] if job.cell else self.left[job.network], outcome)
        elif job.cell:
            self.folder.keep_cell(job.cell, outcome)
            self.watch(job.cell, outcome)
        else:
            self.folder.keep_network(job.network, outcome)
            self.waiting.extendleft((job.network, cell) for cell in reversed(self.left[job.network]))

    def fail(self, cells: Sequence[Cell], outcome: Outcome) -> None:
        """Note cells that can't be measured."""
        for cell in cells:
            self.folder.keep_failure(cell, outcome)
            self.watch(cell, outcome)
