"""What runs a spiking graph: one simulator each, strangers to each other.

Every simulator keeps one contract: `simulate(graph, inputs) -> Run`, in float64, with the spikes of every population
and how far its membranes stood from their thresholds.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from neurobridge.errors import lookup
from neurobridge.optional import EXTRAS, require

# name -> (the package it runs in, "module:function")
SIMULATORS: Mapping[str, tuple[str, str]] = {
    "reference": ("numpy", "neurobridge.backends.reference:simulate"),
    "snntorch": ("snntorch", "neurobridge.backends.snntorch.simulate:simulate"),
    "brian2": ("brian2", "neurobridge.backends.brian2.simulate:simulate"),
    "nengo": ("nengo", "neurobridge.backends.nengo.simulate:simulate"),
}


def simulator(name: str) -> Callable[..., Any]:
    """Return `simulate(graph, inputs, ...)` of a simulator.

    Args:
        name: one of `SIMULATORS`.

    Raises:
        UnknownNameError: there is none of that name.
        MissingExtraError: its package is not installed; the message holds the command that installs it.
    """
    package, place = lookup("simulator", name, SIMULATORS)
    if package in EXTRAS:
        require(package)
    module, _, function = place.partition(":")
    return getattr(import_module(module), function)


def installed() -> tuple[str, ...]:
    """Return the simulators whose packages are installed, the reference first."""
    return tuple(name for name, (package, _) in SIMULATORS.items() if find_spec(package) is not None)
