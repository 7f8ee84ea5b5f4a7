"""A crew of Dask workers, on any number of machines, found by the scheduler's address."""

from typing import Any, final

from neurobridge.comparison.grid.crew import Crew, deadly
from neurobridge.comparison.grid.work import Job, Outcome, perform
from neurobridge.errors import InputError
from neurobridge.optional import require

SECONDS = 30  # that a scheduler has to answer, and to have its first worker


@final
class Cluster(Crew):
    """The workers of a Dask cluster. They need neurobridge in the same versions, and no common disk.

    Weights travel with the jobs and rows come back with the outcomes; only this process writes files. Start workers
    with one thread each: further threads of a worker wait for their turn.

    Args:
        address: of the scheduler, such as "tcp://node7:8786".

    Raises:
        MissingExtraError: Dask isn't installed.
        InputError: no scheduler answers there, or it has no workers.
    """

    def __init__(self, address: str) -> None:
        distributed = require("distributed")
        self._address = address
        try:
            self._client = distributed.Client(address, timeout=SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise InputError(
                f"no Dask scheduler answers at {address!r} ({error}); start one with `dask scheduler`, workers with "
                "`dask worker ADDRESS --nthreads 1`, and give the address that the scheduler prints."
            ) from error
        try:
            self._client.wait_for_workers(1, timeout=SECONDS)
        except TimeoutError:
            self._client.close()
            raise InputError(
                f"the Dask scheduler at {address!r} has no workers; start some: `dask worker {address} --nthreads 1`."
            ) from None
        self._killed = distributed.KilledWorker
        self._jobs: dict[Any, Job] = {}
        self._done = distributed.as_completed(loop=self._client.loop)

    @property
    def places(self) -> int:
        """How many jobs may be out at a time: two a worker, so that none waits for the network."""
        return 2 * max(1, len(self._client.nthreads()))

    def submit(self, job: Job) -> None:
        """Give a job to a worker, now or when one is free."""
        future = self._client.submit(perform, job, pure=False, retries=0)
        self._jobs[future] = job
        self._done.add(future)

    def wait(self) -> tuple[Job, Outcome]:
        """Return a job that is done, waiting for one if need be; Dask gives a dead worker's job to another."""
        future = next(self._done)
        job = self._jobs.pop(future)
        try:
            return job, future.result()
        except self._killed:
            return job, deadly(job, "see the logs of Dask")
        except Exception as error:
            raise InputError(
                f"lost the Dask cluster at {self._address!r} ({type(error).__name__}: {error}). All that was finished "
                "is on the disk; run the same command again."
            ) from error

    def close(self) -> None:
        """Leave the cluster; what its workers are at is dropped."""
        self._client.cancel(list(self._jobs))
        self._client.close()
