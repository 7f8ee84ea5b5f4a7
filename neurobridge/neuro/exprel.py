"""exprel(x) = (e^x - 1)/x in numpy without units: Brian2 checks them at every call, half the time of a squid axon."""

from collections.abc import Iterator
from contextlib import contextmanager

import brian2
import numpy as np
from brian2 import DEFAULT_FUNCTIONS


def exprel(x: np.ndarray) -> np.ndarray:
    """Return (e^x - 1)/x, which is 1 at 0."""
    x = np.asarray(x)
    if not x.all():
        x = np.where(x == 0, np.finfo(float).tiny, x)
    return np.expm1(x) / x


@contextmanager
def without_units() -> Iterator[None]:
    """Let what Brian2 runs in numpy inside call this function, and give it back its own afterwards."""
    implementations = DEFAULT_FUNCTIONS["exprel"].implementations
    implementations.add_numpy_implementation(exprel, discard_units=True)
    try:
        yield
    finally:
        implementations.add_numpy_implementation(brian2.exprel)
