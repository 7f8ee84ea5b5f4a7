"""Learning rates over a run: share of the run done, in [0, 1) -> factor of the largest rate.

A schedule holds no state, so a resumed run needs none.
"""

import math
from collections.abc import Callable, Mapping

from neurobridge.errors import lookup


def constant(done: float) -> float:
    """The largest rate throughout."""
    return 1.0


def cosine(done: float) -> float:
    """(1 + cos(pi done)) / 2: Loshchilov & Hutter 2017, without restarts."""
    return (1 + math.cos(math.pi * done)) / 2


def linear(done: float) -> float:
    """A straight fall to 0."""
    return 1 - done


def steps(done: float) -> float:
    """A tenth at half of the run, a hundredth at three quarters: He et al. 2016."""
    return 0.1 ** ((done >= 0.5) + (done >= 0.75))


def exponential(done: float) -> float:
    """An even fall to a hundredth."""
    return 0.01**done


SCHEDULES: Mapping[str, Callable[[float], float]] = {
    "constant": constant,
    "cosine": cosine,
    "exponential": exponential,
    "linear": linear,
    "steps": steps,
}


def factor(schedule: str, done: float, warmup: float = 0.0) -> float:
    """Return the factor at a share `done` of the run: a linear rise over `warmup`, then the schedule over the rest.

    Raises:
        UnknownNameError: no schedule has this name.
    """
    follow = lookup("schedule", schedule, SCHEDULES)
    if done < warmup:
        return done / warmup
    return follow((done - warmup) / (1 - warmup))
