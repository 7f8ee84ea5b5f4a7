"""What to keep of a simulation, as data: recorders are chosen by the names of the objects they watch."""

from collections.abc import Mapping
from dataclasses import dataclass

from brian2 import BrianObject, Clock, PopulationRateMonitor, Quantity, SpikeMonitor, StateMonitor

from neurobridge.errors import lookup


@dataclass(frozen=True)
class Spikes:
    """The spikes of one group.

    Args:
        of: name of the group.
    """

    of: str

    def monitor(self, objects: Mapping[str, BrianObject], clock: Clock) -> BrianObject:
        """Return the Brian2 object that records."""
        return SpikeMonitor(lookup("recorded object", self.of, objects), name=f"{self.of}_spikes")

    def floats_per_step(self) -> float:
        """Return how many numbers a step adds; spikes are rare enough to be left out."""
        return 0.0


@dataclass(frozen=True)
class Traces:
    """State variables of chosen neurons or synapses over time.

    Args:
        of: name of the group.
        variables: names of the state variables.
        which: indices of those recorded.
        every: interval between samples, the simulation's step if None.
    """

    of: str
    variables: tuple[str, ...]
    which: tuple[int, ...] = (0,)
    every: Quantity | None = None

    def monitor(self, objects: Mapping[str, BrianObject], clock: Clock) -> BrianObject:
        """Return the Brian2 object that records."""
        source = lookup("recorded object", self.of, objects)
        timing = {"clock": clock} if self.every is None else {"dt": self.every}
        return StateMonitor(source, self.variables, record=list(self.which), name=f"{self.of}_traces", **timing)

    def floats_per_step(self) -> float:
        """Return how many numbers a sample adds."""
        return 1.0 + len(self.variables) * len(self.which)


@dataclass(frozen=True)
class Rate:
    """The population rate of one group, step by step.

    Args:
        of: name of the group.
    """

    of: str

    def monitor(self, objects: Mapping[str, BrianObject], clock: Clock) -> BrianObject:
        """Return the Brian2 object that records."""
        return PopulationRateMonitor(lookup("recorded object", self.of, objects), name=f"{self.of}_rate")

    def floats_per_step(self) -> float:
        """Return how many numbers a step adds."""
        return 2.0


@dataclass(frozen=True)
class Final:
    """State variables as they stand when the run ends, such as learned weights.

    Args:
        of: name of the object.
        variables: names of the state variables.
    """

    of: str
    variables: tuple[str, ...]

    def monitor(self, objects: Mapping[str, BrianObject], clock: Clock) -> BrianObject | None:
        """Return None: the values are read once, at the end."""
        lookup("recorded object", self.of, objects)
        return None

    def floats_per_step(self) -> float:
        """Return 0: nothing grows."""
        return 0.0


Recorder = Spikes | Traces | Rate | Final
