"""What an inference takes on this machine: CPU time of one thread, median of ratios to the ANN's in the same turn."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from time import thread_time
from typing import final

import torch
from numpy import ndarray

from neurobridge.tasks import Predict

BATCH = 64  # inputs of a pass
FEWEST, MOST = 3, 15  # passes of each contender
BUDGET = 1.0  # seconds for each contender, unless its fewest passes take longer


def milliseconds(contenders: Mapping[str, Predict], inputs: ndarray) -> Mapping[str, float]:
    """Return the CPU time of one inference of each contender, in milliseconds: the median of its passes.

    Args:
        contenders: name -> the network as tasks judge it.
        inputs: the first `BATCH` of them are one pass.
    """
    return {name: median(taken) for name, taken in turns(contenders, inputs).items()}


@final
@dataclass(frozen=True, kw_only=True)
class Pace:
    """What a network takes beside the ANN.

    Args:
        milliseconds: CPU time of one of its inferences.
        slowdown: that over the ANN's, the median of the ratios within a turn.
    """

    milliseconds: float
    slowdown: float


def pace(network: Predict, ann: Predict, inputs: ndarray) -> Pace:
    """Return what a network takes; a machine that is busier in one turn than in another changes no ratio.

    Args:
        network: as tasks judge it.
        ann: likewise.
        inputs: the first `BATCH` of them are one pass.
    """
    taken = turns({"ANN": ann, "network": network}, inputs)
    ratios = [own / max(other, 1e-9) for own, other in zip(taken["network"], taken["ANN"], strict=True)]
    return Pace(milliseconds=median(taken["network"]), slowdown=median(ratios))


def turns(contenders: Mapping[str, Predict], inputs: ndarray) -> Mapping[str, list[float]]:
    """Return the CPU time of one inference of each contender in every turn, in milliseconds.

    All take turns on one thread, so that what disturbs one disturbs the others; a first pass of each is not counted.

    Args:
        contenders: name -> the network as tasks judge it.
        inputs: the first `BATCH` of them are one pass.
    """
    batch = inputs[:BATCH]
    with one_thread():
        first = [passed(predict, batch) for predict in contenders.values()]
        rounds = min(MOST, max(FEWEST, int(BUDGET * len(contenders) / max(sum(first), 1e-6))))
        passes = [[passed(predict, batch) for predict in contenders.values()] for _ in range(rounds)]
    each = zip(*passes, strict=True)
    return {name: [1000 * one / len(batch) for one in taken] for name, taken in zip(contenders, each, strict=True)}


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
