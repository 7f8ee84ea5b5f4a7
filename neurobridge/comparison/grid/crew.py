"""Who does the work of a study: workers that take jobs and give back outcomes, in any order."""

from abc import ABC, abstractmethod
from types import TracebackType

from neurobridge.comparison.grid.work import Job, Outcome

ATTEMPTS = 3
"""How many workers may die of one job before it is taken to kill them all."""


class Crew(ABC):
    """Workers, used as a context; leaving it ends them."""

    @property
    @abstractmethod
    def places(self) -> int:
        """How many jobs may be out at a time."""

    @abstractmethod
    def submit(self, job: Job) -> None:
        """Give a job to a worker, now or when one is free."""

    @abstractmethod
    def wait(self) -> tuple[Job, Outcome]:
        """Return a job that is done, waiting for one if need be.

        A worker's death is not an outcome: another one gets its job, up to `ATTEMPTS` times.

        Raises:
            InputError: all workers are out of reach.
        """

    @abstractmethod
    def close(self) -> None:
        """End the workers, whatever they are at."""

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def deadly(job: Job, how: str) -> Outcome:
    """Return the outcome of a job that every worker died of."""
    return Outcome(error=f"{job.name}: {ATTEMPTS} workers died of it ({how}); the usual cause is too little memory")
