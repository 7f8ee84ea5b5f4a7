"""The neurons of the codes as Nengo neuron types; Nengo's own have no soft reset and clip inhibition at zero."""

from typing import Any, ClassVar, final

import numpy as np
from nengo.dists import Choice
from nengo.neurons import NeuronType
from numpy import ndarray

from neurobridge.graph.dynamics import Cells


class GraphNeurons(NeuronType):
    """What all neuron types here share: they are driven by connections to their inputs alone, never by encoders."""

    spiking = True

    def rates(self, x: ndarray, gain: ndarray, bias: ndarray) -> ndarray:
        """Return zeros: a neuron with memory has no rate curve that Nengo could solve decoders for."""
        return np.zeros_like(self.current(x, gain, bias))

    def max_rates_intercepts(self, gain: ndarray, bias: ndarray) -> tuple[ndarray, ndarray]:
        """Return placeholders: Nengo asks for them and does not use them without decoders."""
        return np.ones_like(gain), np.zeros_like(bias)

    def gain_bias(self, max_rates: ndarray, intercepts: ndarray) -> tuple[ndarray, ndarray]:
        """Return a gain of one and no bias."""
        return np.ones_like(max_rates), np.zeros_like(intercepts)


@final
class IntegrateAndFire(GraphNeurons):
    """i <- alpha i + J;  v <- beta v + i + bias - reset s_before;  s = [v > threshold], or >= as the graph says.

    Args:
        cells: the neurons of one sample.
        samples: copies of them.
    """

    negative = False
    state: ClassVar = {"voltage": Choice([0]), "synaptic": Choice([0]), "fired": Choice([0])}

    def __init__(self, cells: Cells, samples: int) -> None:
        super().__init__({"voltage": np.tile(cells.initial, samples)})
        self.at, self.empties = cells.at, cells.reset is None
        names = ("beta", "alpha", "threshold", "reset", "bias")
        self.parameters: dict[str, Any] = {}
        for name in names:
            value = getattr(cells, name)
            self.parameters[name] = 0.0 if value is None else np.tile(value, samples)

    def step(self, dt: float, J: ndarray, output: ndarray, voltage: ndarray, synaptic: ndarray, fired: ndarray) -> None:
        """Write the spikes of a step and the state after it."""
        p = self.parameters
        synaptic[...] = p["alpha"] * synaptic + J
        if self.empties:
            voltage[...] = p["beta"] * ((1 - fired) * voltage) + synaptic + p["bias"]
        else:
            voltage[...] = p["beta"] * voltage + synaptic + p["bias"] - p["reset"] * fired
        fired[...] = voltage >= p["threshold"] if self.at else voltage > p["threshold"]
        output[...] = fired


class Timed(GraphNeurons):
    """Neurons that fire in one window of the run.

    A spike's output is what it is worth at its step, since a Nengo connection has the same weight at every step.

    Args:
        first: step at which the window begins.
        worths: of a spike at each step of the window.
        initial: states before the first step.
    """

    def __init__(self, first: int, worths: ndarray, initial: dict[str, ndarray] | None = None) -> None:
        super().__init__(initial)
        self.first, self.worths = first, np.asarray(worths)

    def worth(self, age: ndarray) -> float:
        """Return what a spike is worth now, zero outside the window, and count the step."""
        place = int(age[0]) - self.first
        age += 1
        return float(self.worths[place]) if 0 <= place < len(self.worths) else 0.0


@final
class Windowed(Timed):
    """Integrates everything that arrives, then fires a window against thresholds that adapt to its own spikes.

    A pair is one unit here, whose OFF neuron spikes -1.

    Args:
        first: step at which the window begins.
        worths: of a spike at each step of the window.
        start: membranes before the first step: the input, or the bias; in quanta unless there is a table.
        initial: what is added to membranes in quanta before they are cut down to whole numbers.
        table: thresholds on the membrane; None for 1 - initial, 2 - initial ... quanta.
        rising: whether the function of the table grows.
        paired: whether there is an OFF neuron.
        once: whether a neuron fires at most once.
    """

    negative = True
    state: ClassVar = {"voltage": Choice([0]), "on": Choice([0]), "off": Choice([0]), "age": Choice([0])}

    def __init__(
        self,
        first: int,
        worths: ndarray,
        start: ndarray,
        initial: ndarray,
        table: ndarray | None,
        rising: bool,
        paired: bool,
        once: bool,
    ) -> None:
        super().__init__(first, worths, {"voltage": start})
        self.added = initial
        self.table, self.rising, self.paired, self.once = table, rising, paired, once
        self.levels = int(worths[0]) if once else int(worths.sum())

    def step(
        self, dt: float, J: ndarray, output: ndarray, voltage: ndarray, on: ndarray, off: ndarray, age: ndarray
    ) -> None:
        """Write the spikes of a step and the state after it."""
        voltage += J
        worth = self.worth(age)
        output[...] = 0
        for sign, sent in ((1, on), (-1, off)) if self.paired else ((1, on),):
            if worth:
                fires = self._passes(voltage, sign, np.minimum(sent + worth, self.levels))
                fires &= (sent == 0) if self.once else True
                sent += worth * fires
                output += sign * worth * fires

    def _passes(self, voltage: ndarray, sign: int, proposed: ndarray) -> ndarray:
        if self.table is None:
            return sign * voltage + self.added >= proposed
        v, place = voltage if self.rising else -voltage, proposed.astype(int)
        if sign > 0:
            return v >= self.table[place - 1 + self.levels * self.paired]
        return v < self.table[self.levels - place]


@final
class Runner(GraphNeurons):
    """A competitor in a race: fires with its number's spikes until others of its race fire and it does not.

    Args:
        races: the race in which each runner runs.
    """

    negative = False
    state: ClassVar = {"alive": Choice([1])}

    def __init__(self, races: ndarray) -> None:
        super().__init__()
        self.races = races

    def step(self, dt: float, J: ndarray, output: ndarray, alive: ndarray) -> None:
        """Write the spikes of those still in the race."""
        fires = (J > 0) & (alive > 0)
        won = np.bincount(self.races, weights=fires) > 0
        alive[...] = np.where(won[self.races], fires, alive)
        output[...] = fires


@final
class Winners(Timed):
    """Fires when a runner of its race does."""

    negative = False
    state: ClassVar = {"age": Choice([0])}

    def step(self, dt: float, J: ndarray, output: ndarray, age: ndarray) -> None:
        """Write the winners' spikes."""
        output[...] = self.worth(age) * (J > 0)
