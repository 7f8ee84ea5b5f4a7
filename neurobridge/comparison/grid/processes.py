"""A crew of processes on this machine, which end when the study does, also when it is killed."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import final

from tqdm import tqdm

from neurobridge.comparison.grid.crew import ATTEMPTS, Crew, deadly
from neurobridge.comparison.grid.work import Job, Outcome, perform

START = multiprocessing.get_context("spawn")  # a fork of a process with threads, as torch has them, can hang


@final
@dataclass
class Worker:
    """One process, and the job it is at."""

    process: BaseProcess
    pipe: Connection
    job: Job | None = None

    @classmethod
    def start(cls) -> "Worker":
        """Return a new idle worker."""
        ours, theirs = START.Pipe()
        process = START.Process(target=serve, args=(theirs,), daemon=True)
        process.start()
        theirs.close()
        return cls(process=process, pipe=ours)


@final
class Processes(Crew):
    """Worker processes of one thread each.

    Args:
        workers: how many.
    """

    def __init__(self, workers: int) -> None:
        self._idle = [Worker.start() for _ in range(workers)]
        self._busy: list[Worker] = []
        self._waiting: deque[Job] = deque()
        self._deaths: dict[str, int] = {}
        self._workers = workers

    @property
    def places(self) -> int:
        """How many jobs may be out at a time: one a worker."""
        return self._workers

    def submit(self, job: Job) -> None:
        """Give a job to a worker, now or when one is free."""
        self._waiting.append(job)
        self._hand_out()

    def wait(self) -> tuple[Job, Outcome]:
        """Return a job that is done, waiting for one if need be."""
        while True:
            ready = wait([worker.pipe for worker in self._busy])
            worker = next(worker for worker in self._busy if worker.pipe in ready)
            self._busy.remove(worker)
            job = worker.job
            assert job is not None
            try:
                outcome = worker.pipe.recv()
            except (EOFError, OSError):  # the process is gone
                outcome = self._buried(worker, job)
                self._idle.append(Worker.start())
            else:
                self._idle.append(worker)
            self._hand_out()
            if outcome is not None:
                return job, outcome

    def close(self) -> None:
        """End the workers, whatever they are at."""
        for worker in self._busy:
            worker.process.terminate()
        for worker in (*self._busy, *self._idle):
            worker.pipe.close()  # which an idle worker ends by, in good order
            worker.process.join()
        self._idle, self._busy = [], []

    def _hand_out(self) -> None:
        while self._waiting and self._idle:
            worker, job = self._idle.pop(), self._waiting.popleft()
            try:
                worker.pipe.send(job)
            except OSError:  # it died while it was idle
                self._waiting.appendleft(job)
                self._idle.append(Worker.start())
                continue
            worker.job = job
            self._busy.append(worker)

    def _buried(self, worker: Worker, job: Job) -> Outcome | None:
        """Return the outcome of a job whose worker is dead, or None if it is given to another."""
        worker.process.join()
        worker.pipe.close()
        self._deaths[job.name] = self._deaths.get(job.name, 0) + 1
        if self._deaths[job.name] >= ATTEMPTS:
            return deadly(job, f"exit code {worker.process.exitcode}")
        self._waiting.appendleft(job)
        return None


def serve(pipe: Connection) -> None:
    """Do jobs until there is nobody left to give them: the body of a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends its workers
    tqdm.set_lock(threading.RLock())  # its usual lock is a semaphore, which a worker that is ended would leave behind
    threading.Thread(target=follow_parent, daemon=True).start()
    while True:
        try:
            pipe.send(perform(pipe.recv()))
        except (EOFError, OSError):
            return


def follow_parent() -> None:
    """End this process as soon as its parent has, or a killed study would go on computing for nobody."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def cores() -> int:
    """Return how many processes this machine runs at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
