"""Functions that run in processes of their own, where one that fails ends them all with its traceback."""

from collections.abc import Callable
from typing import Any

import torch.multiprocessing as processes

from neurobridge.errors import TrainingError


def run_workers(work: Callable[..., object], count: int, *arguments: Any) -> None:
    """Run `work(index, *arguments)` in `count` processes and wait for all of them.

    Args:
        work: a function of a module, since a process of its own has to import it.
        count: how many processes.
        arguments: the same for all; tensors whose memory is shared stay shared.

    Raises:
        TrainingError: one of them raised, or was killed; the others are stopped, and the message has its traceback.
    """
    try:
        processes.start_processes(work, args=arguments, nprocs=count, start_method="spawn")
    except processes.ProcessRaisedException as error:
        raise TrainingError(f"worker {error.error_index} of {count} failed, and the run with it:{error}") from None
    except processes.ProcessExitedException as error:
        raise TrainingError(f"worker {error.error_index} of {count} was ended from outside: {error}.") from None
