"""What a simulation leaves behind: spikes, traces, rates and final values as plain arrays with units."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from brian2 import Quantity, second

from neurobridge.errors import lookup


@dataclass(frozen=True, kw_only=True)
class SpikeTimes:
    """The spikes of one group, in the order of time.

    Args:
        index: which neuron fired, `(spike,)`.
        time: when, `(spike,)`.
        size: number of neurons in the group.
        duration: length of the recording.
    """

    index: np.ndarray
    time: Quantity
    size: int
    duration: Quantity

    def trains(self) -> list[np.ndarray]:
        """Return the spike times of each neuron in seconds."""
        order = np.argsort(self.index, kind="stable")
        edges = np.searchsorted(self.index[order], np.arange(1, self.size))
        return np.split(np.asarray(self.time)[order], edges)

    def counts(self, start: Quantity = 0 * second) -> np.ndarray:
        """Return the number of spikes of each neuron from `start` on."""
        late = np.asarray(self.time) >= float(start)
        return np.bincount(self.index[late], minlength=self.size)

    def rate(self, start: Quantity = 0 * second) -> Quantity:
        """Return spikes per neuron and time from `start` on."""
        return self.counts(start).mean() / (self.duration - start)


@dataclass(frozen=True, kw_only=True)
class Samples:
    """State variables over time.

    Args:
        time: times of the samples, `(sample,)`.
        which: indices of the neurons or synapses, `(row,)`.
        values: variable -> `(row, sample)` with its unit.
    """

    time: Quantity
    which: np.ndarray
    values: Mapping[str, Quantity]

    def __getitem__(self, variable: str) -> Quantity:
        """Return one variable, `(row, sample)`."""
        return lookup("recorded variable", variable, self.values)


@dataclass(frozen=True, kw_only=True)
class Engine:
    """How a simulation was run.

    Args:
        target: `numpy`, `cython` or `cpp_standalone`.
        reason: why this one.
        build_seconds: wall-clock time spent before the first step.
        run_seconds: wall-clock time of the steps.
        reused: whether a compiled program was found in the cache.
        versions: package -> version.
    """

    target: str
    reason: str
    build_seconds: float
    run_seconds: float
    reused: bool
    versions: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Recording:
    """Everything recorded in one simulation.

    Args:
        spikes: group -> its spikes.
        traces: group -> its sampled variables.
        rates: group -> population rate, one value a step.
        final: object -> variable -> value at the end.
        duration: simulated time; shorter than asked for if interrupted.
        dt: time step.
        seed: what the random numbers were started from.
        interrupted: whether Ctrl-C ended it.
        engine: how it was run.
    """

    spikes: Mapping[str, SpikeTimes]
    traces: Mapping[str, Samples]
    rates: Mapping[str, Quantity]
    final: Mapping[str, Mapping[str, Quantity]]
    duration: Quantity
    dt: Quantity
    seed: int
    interrupted: bool
    engine: Engine
