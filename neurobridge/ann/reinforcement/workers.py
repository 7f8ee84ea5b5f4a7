"""Functions that run in processes of their own, where one that fails ends them all and says why."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch.multiprocessing as processes

from neurobridge.errors import NeurobridgeError, TrainingError


def run_workers(work: Callable[..., object], count: int, *arguments: Any) -> None:
    """Run `work(index, *arguments)` in `count` processes and wait for all of them.

    Args:
        work: a function of a module, since a process of its own has to import it.
        count: how many processes.
        arguments: the same for all; tensors whose memory is shared stay shared.

    Raises:
        TrainingError: one of them raised, or was killed; the others are stopped. The message has its traceback, or
            what it said where it was refused something.
    """
    with TemporaryDirectory() as folder, _quiet(logging.getLogger("torch.multiprocessing.spawn")):
        try:
            processes.start_processes(_work, args=(work, folder, *arguments), nprocs=count, start_method="spawn")
        except processes.ProcessRaisedException as error:
            said = _refusal(folder, error.error_index)
            why = f": {said.read_text()}" if said.exists() else f", and the run with it:{error}"
            raise TrainingError(f"worker {error.error_index} of {count} failed{why}") from None
        except processes.ProcessExitedException as error:
            raise TrainingError(f"worker {error.error_index} of {count} was ended from outside: {error}.") from None


@contextmanager
def _quiet(log: logging.Logger) -> Iterator[None]:
    """Keep torch from telling whom it ends after a failure."""
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)


def _work(index: int, work: Callable[..., object], folder: str, *arguments: Any) -> None:
    try:
        work(index, *arguments)
    except NeurobridgeError as error:
        _refusal(folder, index).write_text(str(error))
        raise


def _refusal(folder: str, index: int) -> Path:
    return Path(folder) / f"{index}.txt"
