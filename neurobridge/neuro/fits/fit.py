"""Fit a neuron model to a spike train by differential evolution, one vectorised simulation a generation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import Quantity, second
from matplotlib.figure import Figure
from scipy.optimize import differential_evolution

from neurobridge.errors import InputError, lookup
from neurobridge.neuro.circuit import single
from neurobridge.neuro.fits.coincidence import coincidence_factor
from neurobridge.neuro.neurons.model import NeuronModel
from neurobridge.neuro.quantities import same_dimensions
from neurobridge.neuro.recorders import Spikes
from neurobridge.neuro.result import Result
from neurobridge.neuro.simulate import simulate
from neurobridge.neuro.stimuli import samples
from neurobridge.plots.networks import Population, population_raster
from neurobridge.spikes import trains


@final
@dataclass(frozen=True, kw_only=True)
class Fit(Result):
    """The best parameters found.

    Args:
        names: of the fitted parameters, joined by commas.
        values: `(parameter,)` in SI units.
        coincidence: factor Gamma between the fitted and the given train.
        predicted: `(spike,)` times of the fitted model.
        data: `(spike,)` times that were given.
    """

    names: str
    values: np.ndarray
    coincidence: float
    predicted: Quantity
    data: Quantity

    def fitted(self, model: NeuronModel) -> NeuronModel:
        """Return the model with the fitted parameters."""
        found = dict(zip(self.names.split(","), self.values, strict=True))
        units = {name: Quantity(1.0, dim=getattr(model.parameters[name], "dim", {})) for name in found}
        return model.with_parameters(**{name: value * units[name] for name, value in found.items()})

    def plot(self) -> Figure:
        """Return both trains, one above the other."""
        both = {"model": np.asarray(self.predicted), "data": np.asarray(self.data)}
        end = max(float(train.max(initial=0.05)) for train in both.values())
        width = end / 50
        groups = [
            Population(
                name=name,
                time=1e3 * np.repeat(train, 20),
                index=np.tile(np.linspace(0.2, 0.8, 20), len(train)),
                size=1,
                rate=trains.counts(train, end, width) / width,
            )
            for name, train in both.items()
        ]
        bins = 1e3 * (np.arange(50) + 0.5) * width
        return population_raster(groups, bins, f"{self.model}, coincidence factor {self.coincidence:.2f}")


def fit(
    model: NeuronModel,
    current: Quantity,
    interval: Quantity,
    data: Quantity,
    bounds: Mapping[str, tuple[Quantity, Quantity]],
    *,
    generations: int = 12,
    candidates: int = 60,
    dt: Quantity | None = None,
    seed: int = 0,
) -> Fit:
    """Find the parameters under which a model fires when a recorded neuron did.

    Args:
        model: what is fitted.
        current: `(sample,)` injected current.
        interval: between its samples.
        data: `(spike,)` times of the recorded spikes.
        bounds: parameter -> lowest and highest value.
        generations: of the search.
        candidates: simulated at once in each generation.
        dt: time step, the model's own if None.
        seed: of the search.

    Raises:
        UnknownNameError: the model has no such parameter.
        InputError: a bound has wrong dimensions, or there is no spike to fit.
    """
    if len(data) == 0:
        raise InputError("there is no spike to fit; record the neuron under a stronger current.")
    for name, pair in bounds.items():
        for value in pair:
            same_dimensions(f"bound of {name!r}", value, lookup(f"parameter of {model.name}", name, model.parameters))
    units = {name: Quantity(1.0, dim=getattr(pair[0], "dim", {})) for name, pair in bounds.items()}
    duration = len(current) * interval
    recorded = np.asarray(data / second)

    def predicted(table: np.ndarray) -> list[np.ndarray]:
        values = {name: row * units[name] for name, row in zip(bounds, table, strict=True)}
        circuit = single(model.with_parameters(**values), samples(current, interval), table.shape[1], dt)
        return simulate(circuit, duration, [Spikes("neurons")], target="numpy").spikes["neurons"].trains()

    def misfit(table: np.ndarray) -> np.ndarray:
        columns = table if table.ndim == 2 else table[:, None]
        return np.array([_misfit(train, recorded, float(duration)) for train in predicted(columns)])

    found = differential_evolution(
        misfit,
        [(float(low), float(high)) for low, high in bounds.values()],
        maxiter=generations,
        popsize=max(1, candidates // len(bounds)),
        vectorized=True,
        updating="deferred",
        polish=False,
        seed=seed,
    )
    (train,) = predicted(found.x[:, None])
    return Fit(
        model=model.name,
        names=",".join(bounds),
        values=found.x,
        coincidence=coincidence_factor(train, recorded, float(duration)),
        predicted=train * second,
        data=recorded * second,
    )


def _misfit(train: np.ndarray, data: np.ndarray, duration: float) -> float:
    # the difference of the counts leads the search where nothing coincides yet
    apart = abs(len(train) - len(data)) / (len(train) + len(data))
    return apart - coincidence_factor(train, data, duration)
