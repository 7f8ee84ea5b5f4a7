"""Which of Brian2's code generators runs a simulation, and why."""

import shutil
from dataclasses import dataclass

from neurobridge.errors import InputError, MissingExtraError

TARGETS = ("auto", "numpy", "cython", "cpp_standalone")
# Measured: a numpy step costs about 0.1 ms an object whatever its size, and 30 ns a neuron and variable on top;
# compiling takes about 30 s the first time.
STEP_SECONDS = 5e-4
NEURON_SECONDS = 2e-7
SYNAPSE_SECONDS = 1e-9
BUILD_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The code generator of one run.

    Args:
        target: its name in Brian2.
        reason: why it was taken, for the user.
    """

    target: str
    reason: str


def choose(asked: str, steps: int, neurons: int, synapses: int, weight: float = 1.0) -> Choice:
    """Return the code generator for a run of `steps` steps, each `weight` times as long as one of leaky neurons.

    Raises:
        InputError: `asked` is not a target.
        MissingExtraError: C++ was asked for and there is no compiler.
    """
    if asked not in TARGETS:
        raise InputError(f"unknown target {asked!r}; choose one of {', '.join(TARGETS)}.")
    if asked != "auto":
        if asked != "numpy" and not has_compiler():
            raise MissingExtraError(
                f"target {asked!r} needs a C++ compiler (g++ or clang++); install one or use 'numpy'."
            )
        return Choice(target=asked, reason="asked for")
    expected = steps * weight * (STEP_SECONDS + neurons * NEURON_SECONDS + synapses * SYNAPSE_SECONDS)
    work = f"{steps:,} steps of {neurons:,} neurons take about {expected:.0f} s without compiling"
    if expected < BUILD_SECONDS:
        return Choice(target="numpy", reason=f"{work}; compiling takes {BUILD_SECONDS:.0f} s")
    if not has_compiler():
        return Choice(target="numpy", reason=f"{work}, and there is no C++ compiler")
    return Choice(target="cpp_standalone", reason=f"{work}; compiling once takes {BUILD_SECONDS:.0f} s")


def has_compiler() -> bool:
    """Return whether a C++ compiler and make are installed."""
    return bool((shutil.which("g++") or shutil.which("clang++")) and shutil.which("make"))
