"""How simulations run where their caller does not say: which target, and whether they tell how far they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a simulation runs.

    Args:
        target: `auto`, `numpy`, `cython` or `cpp_standalone`.
        show_progress: whether it reports its progress and its choice of target on stderr.
    """

    target: str = "auto"
    show_progress: bool = False


_CURRENT: ContextVar[Manner] = ContextVar("manner")


def current() -> Manner:
    """Return how a simulation runs here."""
    return _CURRENT.get(Manner())


@contextmanager
def running(manner: Manner) -> Iterator[None]:
    """Run the simulations inside in this manner, those that protocols and networks start included."""
    before = _CURRENT.set(manner)
    try:
        yield
    finally:
        _CURRENT.reset(before)
