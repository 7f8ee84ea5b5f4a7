"""How far a simulation is and how long it will still take, on one line of the terminal."""

import sys
from collections.abc import Callable
from typing import TextIO

from brian2 import Quantity


def reporter(stream: TextIO | None = None) -> Callable[[Quantity, float, Quantity, Quantity], None]:
    """Return a function that Brian2 calls while it runs; it writes `42 % of 1 s, 3 s left`."""
    out = sys.stderr if stream is None else stream

    def report(elapsed: Quantity, done: float, start: Quantity, duration: Quantity) -> None:
        out.write("\r" + line(float(elapsed), done, float(duration)).ljust(60))
        if done >= 1:
            out.write("\n")
        out.flush()

    return report


def line(elapsed: float, done: float, duration: float) -> str:
    """Return the text of one report; all times in seconds."""
    if done >= 1:
        return f"simulated {duration:g} s in {elapsed:.1f} s"
    left = f"{elapsed * (1 - done) / done:.0f} s left" if done > 0 else "starting"
    return f"{100 * done:3.0f} % of {duration:g} s, {left}"
