"""Pairing: how a plasticity rule changes a weight, by the lag of two spikes and by the rate of their repetition."""

from dataclasses import dataclass
from typing import final

import numpy as np
from brian2 import Clock, Hz, Quantity, SpikeGeneratorGroup, ms
from matplotlib.figure import Figure

from neurobridge.errors import InputError
from neurobridge.neuro.circuit import Circuit
from neurobridge.neuro.plasticity.model import PlasticityRule
from neurobridge.neuro.quantities import shown
from neurobridge.neuro.recorders import Final
from neurobridge.neuro.result import Result
from neurobridge.neuro.simulate import complete
from neurobridge.plots.neurons import Series, curve

_RATES = np.array([10, 20, 40, 50]) * Hz
_LAGS = np.array([-10, 10]) * ms


@final
@dataclass(frozen=True, kw_only=True)
class Window(Result):
    """Change of weight by lag.

    Args:
        lag: `(point,)` time of the postsynaptic spike after the presynaptic one.
        change: `(point,)` of the weight.
    """

    lag: Quantity
    change: np.ndarray

    def plot(self) -> Figure:
        """Return the change against the lag."""
        lag = shown(self.lag)[0]
        zero = Series(x=np.array([lag.min(), lag.max()]), y=np.zeros(2), theory=True)
        window = Series(x=lag, y=self.change)
        middle = np.searchsorted(lag, 0)
        if self.change[middle - 1] * self.change[middle] < 0:
            # the change jumps where the order of the spikes does: nothing is drawn from one branch to the other
            window = Series(x=np.insert(lag, middle, 0), y=np.insert(self.change, middle, np.nan))
        return curve([window, zero], "t_post - t_pre [ms]", "change of w", self.model)


@final
@dataclass(frozen=True, kw_only=True)
class PairingRate(Result):
    """Change of weight by rate of pairing.

    Args:
        rate: `(rate,)` at which pairs are repeated.
        lag: `(lag,)` of the pairs.
        change: `(lag, rate)` of the weight after all pairs.
    """

    rate: Quantity
    lag: Quantity
    change: np.ndarray

    def plot(self) -> Figure:
        """Return the change against the rate, one line a lag."""
        rate = shown(self.rate)[0]
        names = [f"{value:+g} ms" for value in shown(self.lag)[0]]
        lines = [Series(x=rate, y=row, name=name) for row, name in zip(self.change, names, strict=True)]
        return curve(lines, "rate of pairing [Hz]", "change of w", self.model)


def stdp_window(
    rule: PlasticityRule, lags: Quantity | None = None, *, weight: float = 0.5, dt: Quantity = 0.1 * ms
) -> Window:
    """Measure the change by one pair of spikes at each lag, all lags in one run.

    Args:
        rule: the plasticity rule.
        lags: if None, every 2 ms from -80 to 80 ms without 0.
        weight: at the start.
        dt: time step.
    """
    values = np.setdiff1d(np.arange(-80, 81, 2), 0) * ms if lags is None else lags
    start = float(np.abs(values).max()) + 0.01
    pre = [[start] for _ in values]
    post = [[start + float(lag)] for lag in values]
    after = paired(rule, pre, post, weight, dt, tail=float(dt) * 2)
    return Window(model=rule.name, lag=values, change=after - weight)


def pairing_rate(
    rule: PlasticityRule,
    rates: Quantity = _RATES,
    lags: Quantity = _LAGS,
    *,
    pairs: int = 60,
    weight: float | None = None,
    dt: Quantity = 5 * ms,
) -> PairingRate:
    """Measure the change by many pairs at each rate and lag, all in one run (the protocol of Sjostrom et al. 2001).

    Args:
        rule: the plasticity rule, with event-driven traces.
        rates: of the repetition.
        lags: of the pairs.
        pairs: how many.
        weight: at the start; if None, 1, or half the largest weight where that is less, to leave room on both sides.
        dt: time step, of which all lags and intervals must be multiples.

    Raises:
        InputError: a lag or an interval is not a multiple of `dt`.
    """
    for value in (*np.asarray(lags), *(1 / np.asarray(rates))):
        if abs(value / float(dt) - round(value / float(dt))) > 1e-6:
            raise InputError(
                f"{1000 * value:g} ms is not a multiple of dt = {1000 * float(dt):g} ms; choose a smaller dt."
            )
    start = min(1.0, 0.5 * float(rule.parameters["w_max"])) if weight is None else weight
    shift = float(np.abs(lags).max())
    trains = [np.arange(pairs) / rate + shift for rate in np.asarray(rates)]
    pre = [train for _ in lags for train in trains]
    post = [train + lag for lag in np.asarray(lags) for train in trains]
    after = paired(rule, pre, post, start, dt, tail=2 * float(dt))
    change = (after - start).reshape(len(lags), len(rates))
    return PairingRate(model=rule.name, rate=rates, lag=lags, change=change)


def paired(rule: PlasticityRule, pre: list, post: list, weight: float, dt: Quantity, tail: float) -> np.ndarray:
    """Return the weight of each synapse after given spikes on both sides.

    Args:
        rule: the plasticity rule.
        pre: one train in seconds a synapse.
        post: one train in seconds a synapse.
        weight: at the start.
        dt: time step.
        tail: seconds simulated after the last spike.

    Raises:
        InputError: the rule needs more than the times of spikes.
    """
    if "dw/dt" in rule.equations:
        raise InputError(
            f"the weight of {rule.name!r} changes with voltage or reward, not with spike times alone; "
            "connect it in a network, or use another rule."
        )

    def build(clock: Clock) -> dict[str, object]:
        source, target = (_generator(trains, name, clock) for trains, name in ((pre, "pre_side"), (post, "post_side")))
        synapses = rule.connect(source, target, clock)
        synapses.connect(j="i")
        synapses.w = weight
        return {"pre_side": source, "post_side": target, "plastic_synapses": synapses}

    circuit = Circuit(build=build, neurons=2 * len(pre), dt=dt)
    end = max(float(np.max(train)) for train in [*pre, *post]) + tail
    found = complete(circuit, end * 1000 * ms, [Final("plastic_synapses", ("w",))])
    return np.asarray(found.final["plastic_synapses"]["w"])


def _generator(trains: list, name: str, clock: Clock) -> SpikeGeneratorGroup:
    which = np.repeat(np.arange(len(trains)), [len(train) for train in trains])
    # to the middle of a step, so that rounding moves no spike to the next
    times = np.concatenate(trains) + 0.25 * float(clock.dt)
    return SpikeGeneratorGroup(len(trains), which, times * 1000 * ms, clock=clock, name=name)
