"""Noisy f-I curve: rate and irregularity of leaky neurons under white noise, beside the first-passage theory."""

from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import Hz, Quantity, ms, mV, second
from matplotlib.figure import Figure

from neurobridge.errors import InputError
from neurobridge.neuro import siegert
from neurobridge.neuro.circuit import single
from neurobridge.neuro.neurons.model import NeuronModel
from neurobridge.neuro.quantities import shown
from neurobridge.neuro.recorders import Spikes
from neurobridge.neuro.result import Result
from neurobridge.neuro.simulate import complete
from neurobridge.neuro.stimuli import noise
from neurobridge.plots.neurons import Series, curve


@final
@dataclass(frozen=True, kw_only=True)
class NoisyRate(Result):
    """Rate against mean input under noise.

    Args:
        mean: `(point,)` mean free potential above rest.
        rate: `(point,)` simulated.
        theory: `(point,)` Siegert's formula, with the threshold raised for the finite time step.
        variation: `(point,)` coefficient of variation of the intervals.
        deviation: standard deviation of the free potential times the square root of 2.
    """

    mean: Quantity
    rate: Quantity
    theory: Quantity
    variation: np.ndarray
    deviation: Quantity

    def plot(self) -> Figure:
        """Return simulated and predicted rate against the mean input."""
        mean = shown(self.mean)[0]
        lines = [
            Series(x=mean, y=shown(self.rate)[0], name="simulated"),
            Series(x=mean, y=shown(self.theory)[0], name="Siegert", theory=True),
        ]
        title = f"{self.model}, sigma = {float(self.deviation / mV):.3g} mV"
        return curve(lines, "mean free potential above rest [mV]", "rate [Hz]", title)


def noisy_rate(
    model: NeuronModel,
    means: Quantity | None = None,
    deviation: Quantity = 5 * mV,
    *,
    neurons: int = 200,
    duration: Quantity = 1 * second,
    dt: Quantity = 0.1 * ms,
    seed: int | None = None,
) -> NoisyRate:
    """Simulate many leaky neurons at each mean input, all in one run.

    Args:
        model: the leaky neuron.
        means: mean free potential above rest, R I; if None, 12 values around the threshold.
        deviation: sigma of Brunel 2000; the free potential varies by sigma / sqrt(2).
        neurons: how many at each mean.
        duration: length of the simulation; its first fifth is left out.
        dt: time step.
        seed: start of the random numbers; that of `manner.running` if None.

    Raises:
        InputError: the model has not the parameters of a leaky integrate-and-fire neuron.
    """
    values = model.parameters
    if not {"E_L", "V_th", "V_reset", "R", "tau", "t_ref"} <= set(values):
        raise InputError(f"Siegert's formula is for the leaky neuron, not for {model.name}.")
    height = values["V_th"] - values["E_L"]
    levels = np.linspace(0.4, 1.4, 12) * height if means is None else means
    currents = np.repeat(np.asarray(levels), neurons) * Quantity(1.0, dim=levels.dim) / values["R"]
    # the noise of the stimulus is given for a correlation of 1 ms; a membrane of tau turns it into sigma/sqrt(2)
    spread = deviation / np.sqrt(2) / values["R"] * np.sqrt(float(values["tau"] / ms))
    circuit = single(model, noise(currents, spread, 1 * ms), len(currents), dt)
    found = complete(circuit, duration, [Spikes("neurons")], seed=seed).spikes["neurons"]
    start = 0.2 * duration
    counts = found.counts(start).reshape(len(levels), neurons).sum(axis=1)
    return NoisyRate(
        model=model.name,
        mean=levels,
        rate=counts / (neurons * (duration - start)),
        theory=np.array([_predicted(model, level, deviation, dt) for level in levels]) * Hz,
        variation=_variation(found.trains(), len(levels), neurons, float(start)),
        deviation=deviation,
    )


def _predicted(model: NeuronModel, mean: Quantity, deviation: Quantity, dt: Quantity) -> float:
    values = model.parameters
    raised = siegert.raised_threshold(values["V_th"] - values["E_L"], deviation, dt, values["tau"])
    found = siegert.rate(mean, deviation, values["tau"], raised, values["V_reset"] - values["E_L"], values["t_ref"])
    return float(found / Hz)


def _variation(trains: list[np.ndarray], levels: int, neurons: int, start: float) -> np.ndarray:
    pooled = [
        [np.diff(train[train > start]) for train in trains[k * neurons : (k + 1) * neurons]] for k in range(levels)
    ]
    intervals = [np.concatenate(group) for group in pooled]
    return np.array([row.std() / row.mean() if len(row) > 1 else np.nan for row in intervals])
