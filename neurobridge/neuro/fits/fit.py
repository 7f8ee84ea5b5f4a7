"""Fit a neuron model to a spike train or a voltage trace by differential evolution, all candidates at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import Quantity, ms, mV, second, volt
from matplotlib.figure import Figure
from scipy.optimize import differential_evolution

from neurobridge.errors import InputError, lookup
from neurobridge.neuro.fits import misfit
from neurobridge.neuro.fits.candidates import Behaviour, behaviours, units_of
from neurobridge.neuro.fits.coincidence import coincidence_factor
from neurobridge.neuro.neurons.model import NeuronModel
from neurobridge.neuro.quantities import same_dimensions
from neurobridge.neuro.result import Result
from neurobridge.neuro.stimuli import samples
from neurobridge.plots.networks import Population, population_raster
from neurobridge.plots.neurons import Row, traces
from neurobridge.spikes import trains

SEEN = 0.6 * second  # of a trace in a figure: more could not be told apart


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
        error: root mean squared difference of the voltages between spikes, NaN without a trace.
        time: `(sample,)` of the trace, empty without one.
        voltage: `(sample,)` that was given.
        modelled: `(sample,)` of the fitted model.
    """

    names: str
    values: np.ndarray
    coincidence: float
    predicted: Quantity
    data: Quantity
    error: Quantity
    time: Quantity
    voltage: Quantity
    modelled: Quantity

    def fitted(self, model: NeuronModel) -> NeuronModel:
        """Return the model with the fitted parameters."""
        found = dict(zip(self.names.split(","), self.values, strict=True))
        units = {name: Quantity(1.0, dim=getattr(model.parameters[name], "dim", {})) for name in found}
        return model.with_parameters(**{name: value * units[name] for name, value in found.items()})

    def plot(self) -> Figure:
        """Return the first of both voltages over time, or both trains, one above the other."""
        title = f"{self.model}, coincidence factor {self.coincidence:.2f}"
        if len(self.time):
            seen = self.time < SEEN
            both_traces = np.stack([self.voltage[seen] / mV, self.modelled[seen] / mV])
            row = Row(label="V [mV]", values=both_traces, names=("data", "model"), height=1.8)
            return traces(self.time[seen] / ms, [row], f"{title}, {float(self.error / mV):.2f} mV between spikes")
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
        return population_raster(groups, bins, title)


def fit(
    model: NeuronModel,
    current: Quantity,
    interval: Quantity,
    data: Quantity,
    bounds: Mapping[str, tuple[Quantity, Quantity]],
    *,
    voltage: Quantity | None = None,
    generations: int = 12,
    candidates: int = 60,
    dt: Quantity | None = None,
    seed: int = 0,
    target: str = "auto",
) -> Fit:
    """Find the parameters under which a model fires when a recorded neuron did, and has its voltage between spikes.

    Args:
        model: what is fitted.
        current: `(sample,)` injected current.
        interval: between its samples.
        data: `(spike,)` times of the recorded spikes.
        bounds: parameter -> lowest and highest value.
        voltage: `(sample,)` recorded at the times of the current's samples; only the spikes count if None.
        generations: of the search.
        candidates: simulated at once in each generation.
        dt: time step, the model's own if None.
        seed: of the search.
        target: as for `simulate`.

    Raises:
        UnknownNameError: the model has no such parameter.
        InputError: a bound or the trace has wrong dimensions or length, or there is no spike to fit.
    """
    for name, pair in bounds.items():
        for value in pair:
            same_dimensions(f"bound of {name!r}", value, lookup(f"parameter of {model.name}", name, model.parameters))
    recording = _Recorded.checked(current, interval, data, voltage)
    each = max(1, candidates // len(bounds))
    size = max(5, each * len(bounds))  # what the search asks for at once
    units = units_of([(name, pair[0]) for name, pair in bounds.items()])
    with behaviours(
        recording.begun(model), samples(current, interval), recording.duration, units, size, generations,
        recording.every, dt, target,
    ) as behaviour:  # fmt: skip
        found = differential_evolution(
            lambda table: recording.misfits(behaviour(table if table.ndim == 2 else table[:, None])),
            [(float(low), float(high)) for low, high in bounds.values()],
            maxiter=generations,
            popsize=each,
            vectorized=True,
            updating="deferred",
            polish=False,
            seed=seed,
        )
        (train,), (trace,) = behaviour(found.x[:, None])
    return recording.judged(model.name, ",".join(bounds), found.x, train, trace)


def prediction(
    found: Fit,
    model: NeuronModel,
    current: Quantity,
    interval: Quantity,
    data: Quantity,
    *,
    voltage: Quantity | None = None,
    dt: Quantity | None = None,
    target: str = "auto",
) -> Fit:
    """Return how well fitted parameters do on a recording that the fit has not seen; arguments as of `fit`.

    Raises:
        InputError: the trace has wrong dimensions or length, or there is no spike.
    """
    recording = _Recorded.checked(current, interval, data, voltage)
    units = units_of([(name, model.parameters[name]) for name in found.names.split(",")])
    with behaviours(
        recording.begun(model),
        samples(current, interval),
        recording.duration,
        units,
        1,
        1,
        recording.every,
        dt,
        target,
    ) as behaviour:
        (train,), (trace,) = behaviour(found.values[:, None])
    return recording.judged(model.name, found.names, found.values, train, trace)


@final
@dataclass(frozen=True, kw_only=True)
class _Recorded:
    """What a model is compared with, as plain numbers in SI units; `voltage` is empty without a trace."""

    spikes: np.ndarray
    voltage: np.ndarray
    interval: Quantity
    duration: Quantity
    unit: Quantity

    @classmethod
    def checked(cls, current: Quantity, interval: Quantity, data: Quantity, voltage: Quantity | None) -> "_Recorded":
        if len(data) == 0:
            raise InputError("there is no spike to fit; record the neuron under a stronger current.")
        if voltage is not None and len(voltage) != len(current):
            raise InputError(
                f"the voltage has {len(voltage)} samples and the current {len(current)}; give one for each."
            )
        return cls(
            spikes=np.asarray(data / second),
            voltage=np.empty(0) if voltage is None else np.asarray(voltage),
            interval=interval,
            duration=len(current) * interval,
            unit=Quantity(1.0, dim=getattr(voltage, "dim", volt.dim)),
        )

    @property
    def every(self) -> Quantity | None:
        return self.interval if len(self.voltage) else None

    @property
    def time(self) -> np.ndarray:
        return np.arange(len(self.voltage)) * float(self.interval)

    def begun(self, model: NeuronModel) -> NeuronModel:
        """Return the model where the recorded voltage begins."""
        return model.with_initial(**{model.voltage: self.voltage[0] * self.unit}) if len(self.voltage) else model

    def misfits(self, behaviour: Behaviour) -> np.ndarray:
        """Return `(candidate,)`: that of the spikes, and of the voltage between them in standard deviations."""
        spread = self.voltage[misfit.between_spikes(self.time, self.spikes)].std() if len(self.voltage) else 1.0
        values = []
        for train, trace in zip(*behaviour, strict=True):
            away = self.error(train, trace) / spread if len(self.voltage) else 0.0
            # a model that fires all the time leaves nothing to compare
            values.append(misfit.of_spikes(train, self.spikes, float(self.duration)) + np.nan_to_num(away, nan=10.0))
        return np.array(values)

    def error(self, train: np.ndarray, trace: np.ndarray) -> float:
        return misfit.of_voltage(trace, self.voltage, misfit.between_spikes(self.time, train, self.spikes))

    def judged(self, model: str, names: str, values: np.ndarray, train: np.ndarray, trace: np.ndarray) -> Fit:
        """Return parameters with what they do."""
        return Fit(
            model=model,
            names=names,
            values=values,
            coincidence=coincidence_factor(train, self.spikes, float(self.duration)),
            predicted=train * second,
            data=self.spikes * second,
            error=self.error(train, trace) * self.unit,
            time=self.time * second,
            voltage=self.voltage * self.unit,
            modelled=trace * self.unit,
        )
