"""What an inference takes on this machine: CPU time of one thread, median of passes in turn with the ANN's."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from statistics import median
from time import thread_time

import torch
from numpy import ndarray

from neurobridge.tasks import Predict

BATCH = 64  # inputs of a pass
FEWEST, MOST = 3, 15  # passes of each contender
BUDGET = 1.0  # seconds for each contender, unless its fewest passes take longer


def milliseconds(contenders: Mapping[str, Predict], inputs: ndarray) -> Mapping[str, float]:
    """Return the CPU time of one inference of each contender, in milliseconds.

    All take turns on one thread, so that what disturbs one disturbs the others; a first pass of each is not counted.

    Args:
        contenders: name -> the network as tasks judge it.
        inputs: the first `BATCH` of them are one pass.
    """
    batch = inputs[:BATCH]
    with one_thread():
        first = [passed(predict, batch) for predict in contenders.values()]
        rounds = min(MOST, max(FEWEST, int(BUDGET * len(contenders) / max(sum(first), 1e-6))))
        turns = [[passed(predict, batch) for predict in contenders.values()] for _ in range(rounds)]
    medians = [median(taken) for taken in zip(*turns, strict=True)]
    return {name: 1000 * taken / len(batch) for name, taken in zip(contenders, medians, strict=True)}


def passed(predict: Predict, batch: ndarray) -> float:
    """Return the CPU seconds that this thread spends on a batch."""
    begun = thread_time()
    predict(batch)
    return thread_time() - begun


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute in the calling thread alone, where its time is counted."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
