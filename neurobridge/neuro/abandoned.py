"""Objects of a simulation that ended before it ran go quietly: Brian2 would warn of each that no network had it."""

from collections.abc import Iterator
from contextlib import contextmanager

from brian2 import BrianObject


@contextmanager
def quietly() -> Iterator[None]:
    """Mark what is built inside as used, if Ctrl-C or an error ends it; what was there before stays as it is."""
    there = BrianObject.__instances__().copy()
    try:
        yield
    except BaseException:
        for reference in BrianObject.__instances__().copy() - there:
            thing = reference()
            if getattr(thing, "_network", "unfinished") is None:
                thing._network = "abandoned"
        raise
