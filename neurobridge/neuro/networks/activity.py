"""What a network did: rates, irregularity and rhythm of its populations, and a raster."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import final

import numpy as np
from brian2 import Hz, Quantity, ms, second
from matplotlib.figure import Figure

from neurobridge.errors import SimulationError
from neurobridge.neuro.quantities import text
from neurobridge.neuro.recording import Recording, SpikeTimes
from neurobridge.neuro.result import Result
from neurobridge.plots.networks import Population, population_raster
from neurobridge.spikes import trains
from neurobridge.spikes.statistics.correlation import peak_frequency, spectrum
from neurobridge.spikes.statistics.intervals import variation

DRAWN = 200
MANY = 4


@final
@dataclass(frozen=True, kw_only=True)
class Activity(Result):
    """The activity of named populations.

    Args:
        names: of the populations, joined by commas.
        rate: `(population,)` mean rate after the start-up.
        variation: `(population,)` mean CV of the neurons with at least five intervals.
        bins: `(bin,)` times.
        course: `(population, bin)` rates over time.
        spike_time: `(spike,)` of the neurons that are drawn, all populations.
        spike_neuron: `(spike,)` their index in the population.
        spike_population: `(spike,)` the population's place.
        drawn: `(population,)` how many neurons of each are drawn.
    """

    names: str
    rate: Quantity
    variation: np.ndarray
    bins: Quantity
    course: Quantity
    spike_time: Quantity
    spike_neuron: np.ndarray
    spike_population: np.ndarray
    drawn: np.ndarray

    def rate_of(self, population: str) -> Quantity:
        """Return the mean rate of a population by name."""
        return self.rate[self.names.split(",").index(population)]

    def variation_of(self, population: str) -> float:
        """Return the mean CV of a population by name."""
        return float(self.variation[self.names.split(",").index(population)])

    def rhythm(self, population: str, low: Quantity = 5 * Hz, high: Quantity = 500 * Hz) -> Quantity:
        """Return the frequency of the strongest oscillation of a population's rate."""
        return peak_frequency(*self._course(population), float(low), float(high), segment=2048) * Hz

    def spectrum(self, population: str, segment: int = 1024) -> tuple[np.ndarray, np.ndarray]:
        """Return frequencies in Hz and the power density of a population's rate around its mean, `(frequency,)` each.

        Args:
            population: its name.
            segment: bins of each stretch that is averaged over.
        """
        course, step = self._course(population)
        return spectrum(course, step, segment)

    def populations(self) -> list[Population]:
        """Return what is drawn of each population, for figures of several networks."""
        groups = []
        for place, name in enumerate(self.names.split(",")):
            mine = self.spike_population == place
            groups.append(
                Population(
                    name=name,
                    time=np.asarray(self.spike_time[mine] / ms),
                    index=self.spike_neuron[mine],
                    size=int(self.drawn[place]),
                    rate=np.asarray(self.course[place] / Hz),
                )
            )
        return groups

    def plot(self) -> Figure:
        """Return raster and rates; many populations bear their rates themselves and go from top to bottom."""
        groups, bins = self.populations(), np.asarray(self.bins / ms)
        shown = [f"{group.name} {float(rate):.3g} Hz" for group, rate in zip(groups, self.rate, strict=True)]
        if len(groups) < MANY:
            return population_raster(groups, bins, f"{self.model}: {', '.join(shown)}")
        named = [replace(group, name=name) for group, name in zip(groups, shown, strict=True)]
        return population_raster(named, bins, self.model, downwards=True)

    def _course(self, population: str) -> tuple[np.ndarray, float]:
        """Return a population's rate around its mean, and the width of its bins in seconds."""
        course = np.asarray(self.course[self.names.split(",").index(population)])
        return course - course.mean(), float(self.bins[1] - self.bins[0])


def activity(
    model: str,
    recording: Recording,
    start: Quantity = 0 * second,
    groups: Mapping[str, tuple[str, int, int]] | None = None,
    bin_width: Quantity = 0.5 * ms,
) -> Activity:
    """Return the activity in a recording.

    Args:
        model: name of the network.
        recording: with the spikes of its groups.
        start: end of the start-up, which is left out.
        groups: population -> (recorded group, first neuron, one past the last); each recorded group if None.
        bin_width: of the rates over time.

    Raises:
        SimulationError: the recording ended before the start-up did.
    """
    if not recording.duration > start:
        raise SimulationError(
            f"{model} ran for {text(recording.duration)} only, its start-up takes {text(start)}: nothing to show yet."
        )
    parts = groups or {name: (name, 0, found.size) for name, found in recording.spikes.items()}
    cut = {
        name: _part(recording.spikes[group], first, last, float(start)) for name, (group, first, last) in parts.items()
    }
    span = float(recording.duration - start)
    width = float(bin_width)
    edges = round(span / width)
    course = np.stack([trains.counts(t, edges * width, width) / (size * width) for t, _, size in cut.values()])
    drawn = np.array([min(size, DRAWN) for *_, size in cut.values()])
    kept = [(t[n < DRAWN], n[n < DRAWN]) for t, n, _ in cut.values()]
    return Activity(
        model=model,
        names=",".join(cut),
        rate=np.array([len(t) / (size * span) for t, _, size in cut.values()]) * Hz,
        variation=np.array([_mean_variation(t, n, size) for t, n, size in cut.values()]),
        bins=(np.arange(edges) + 0.5) * width * second,
        course=course * Hz,
        spike_time=np.concatenate([t for t, _ in kept]) * second,
        spike_neuron=np.concatenate([n for _, n in kept]),
        spike_population=np.repeat(np.arange(len(kept)), [len(t) for t, _ in kept]),
        drawn=drawn,
    )


def _part(spikes: SpikeTimes, first: int, last: int, start: float) -> tuple[np.ndarray, np.ndarray, int]:
    time = np.asarray(spikes.time)
    mine = (spikes.index >= first) & (spikes.index < last) & (time >= start)
    return time[mine] - start, spikes.index[mine] - first, last - first


def _mean_variation(time: np.ndarray, neuron: np.ndarray, size: int) -> float:
    found = SpikeTimes(index=neuron, time=time * second, size=size, duration=1 * second)
    gaps = [np.diff(train) for train in found.trains() if len(train) > 5]
    return float(np.mean([variation(gap) for gap in gaps])) if gaps else float("nan")
