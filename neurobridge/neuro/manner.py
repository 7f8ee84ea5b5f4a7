"""How simulations run where their caller does not say: which target, which seed, whether they tell how far they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import final

import numpy as np

from neurobridge.errors import InputError

LARGEST_SEED = 2**32 - 1


@final
@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a simulation runs.

    Args:
        target: `auto`, `numpy`, `cython` or `cpp_standalone`.
        show_progress: whether it reports its progress and its choice of target on stderr.
        seed: what its random numbers start from, 0 to `LARGEST_SEED`.

    Raises:
        InputError: another seed.
    """

    target: str = "auto"
    show_progress: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        seed_of(self.seed)


_CURRENT: ContextVar[Manner] = ContextVar("manner")


def current() -> Manner:
    """Return how a simulation runs here."""
    return _CURRENT.get(Manner())


def seed(given: int | None) -> int:
    """Return the seed that was given, or that of `running` if None.

    Raises:
        InputError: it is not a whole number from 0 to `LARGEST_SEED`.
    """
    return seed_of(current().seed if given is None else given)


def seed_of(value: int) -> int:
    """Return a seed that random numbers can start from."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 0 <= value <= LARGEST_SEED:
        raise InputError(f"seed is {value!r}; random numbers start from a whole number from 0 to {LARGEST_SEED}.")
    return int(value)


@contextmanager
def running(manner: Manner) -> Iterator[None]:
    """Run the simulations inside in this manner, those that protocols and networks start included."""
    before = _CURRENT.set(manner)
    try:
        yield
    finally:
        _CURRENT.reset(before)
