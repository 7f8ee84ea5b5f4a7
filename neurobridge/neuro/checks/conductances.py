"""Numbers of neurons with conductances: rest, rheobase, onset of firing, rates, Hopf points and folds."""

from functools import cache

import numpy as np
from brian2 import Hz, Quantity, cm, ms, mV, uA

from neurobridge.neuro.checks.check import Check, between, percent
from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.protocols.bifurcation import Bifurcations, bifurcations
from neurobridge.neuro.protocols.fi_curve import fi_curve
from neurobridge.neuro.protocols.rheobase import rheobase
from neurobridge.neuro.vector_field import FixedPoint, vector_field

_DENSITY = uA / cm**2
_SQUID = "Hodgkin, Huxley 1952, recomputed with a Runge-Kutta-4 solver as dt -> 0; Rinzel, Miller 1980"
_LECAR = "Rinzel, Ermentrout 1998, table 7.1; recomputed with LSODA"
_NAGUMO = "FitzHugh 1961; closed form"
_SQUID_RATES = {7: 58.31, 8: 62.46, 10: 68.31, 12: 72.94, 15: 78.62, 20: 86.43, 30: 98.72, 50: 116.96}
_HOPF_RATES = {100: 11.73, 120: 13.61, 150: 15.11}
_FOLD_RATES = {40.0: 1.06, 40.5: 3.79, 42.0: 6.88, 45.0: 10.07, 50.0: 13.24, 60.0: 17.05}
_WANG_RATES = {0.17: 4.03, 0.2: 8.62, 0.5: 32.22, 1.0: 59.70, 2.0: 101.83, 5.0: 189.75, 10.0: 284.9}
_CONNOR_RATES = {8.5: 9.73, 9.0: 18.55, 10.0: 34.05, 12.0: 59.95, 15.0: 91.07, 20.0: 132.3, 25.0: 165.0}


@cache
def _squid_rates() -> dict[float, float]:
    currents = [*_SQUID_RATES, *np.round(np.arange(6.20, 6.36, 0.02), 2)]
    found = fi_curve(neuron("hodgkin-huxley"), np.array(currents) * _DENSITY, duration=600 * ms, settle=300 * ms)
    return dict(zip(currents, np.asarray(found.rate / Hz), strict=True))


def _squid_onset() -> float:
    """Return the weakest current that still makes spikes after 300 ms."""
    return min(current for current, rate in _squid_rates().items() if rate > 0)


@cache
def _lecar_rates() -> dict[float, float]:
    """Return rate by current, the Hopf set above 70 uA/cm2 and the saddle-node set below, in one run."""
    currents = np.array([*_HOPF_RATES, *_FOLD_RATES])
    model = neuron("morris-lecar")
    other = model.variant("saddle-node").parameters
    swept = {
        name: Quantity([(model.parameters if current > 70 else other)[name] for current in currents])
        for name in ("gCa", "V3", "V4", "phi")
    }
    found = fi_curve(model.with_parameters(**swept), currents * _DENSITY, duration=3000 * ms, settle=300 * ms)
    return dict(zip(currents, np.asarray(found.rate / Hz), strict=True))


@cache
def _wang_rates() -> dict[float, float]:
    slow = [current for current in _WANG_RATES if current < 0.3]
    fast = [current for current in _WANG_RATES if current > 0.3]
    model = neuron("wang-buzsaki")
    first = fi_curve(model, np.array([0.16, *slow]) * _DENSITY, duration=900 * ms, settle=300 * ms, dt=0.05 * ms)
    second = fi_curve(model, np.array(fast) * _DENSITY, duration=250 * ms, settle=50 * ms)
    rates = [*np.asarray(first.rate / Hz), *np.asarray(second.rate / Hz)]
    return dict(zip([0.16, *slow, *fast], rates, strict=True))


@cache
def _connor_rates() -> dict[float, float]:
    currents = [8.1, *_CONNOR_RATES]
    found = fi_curve(
        neuron("connor-stevens"), np.array(currents) * _DENSITY, duration=700 * ms, settle=250 * ms, dt=0.05 * ms
    )
    return dict(zip(currents, np.asarray(found.rate / Hz), strict=True))


@cache
def _squid_bifurcations() -> Bifurcations:
    return bifurcations(neuron("hodgkin-huxley"), -66 * mV, -40 * mV)


@cache
def _lecar_bifurcations(variant: str) -> Bifurcations:
    return bifurcations(neuron(f"morris-lecar:{variant}"), -55 * mV, 12 * mV)


@cache
def _nagumo_bifurcations() -> Bifurcations:
    return bifurcations(neuron("fitzhugh-nagumo"), -1.5, 1.5)


@cache
def _rest(name: str) -> FixedPoint:
    low, high = (-2.0, 0.0) if name == "fitzhugh-nagumo" else (-0.075, -0.05)
    return vector_field(neuron(name)).fixed_points(0.0, low, high)[0]


def _squid_rheobase() -> float:
    found = rheobase(neuron("hodgkin-huxley"), 4 * _DENSITY, duration=60 * ms, rounds=2)
    return float(found / _DENSITY)


def _rates(label: str, rates: dict, value: object, part: float, source: str) -> tuple[Check, ...]:
    return tuple(
        Check(
            name=f"{label}: rate at {current} uA/cm2 [Hz]",
            value=lambda current=current: value()[current],  # type: ignore[operator,misc]
            **percent(rate, part),
            source=source,
        )
        for current, rate in rates.items()
    )


_SQUID_CHECKS = (
    Check(
        name="hodgkin-huxley: rest [mV]",
        value=lambda: 1e3 * _rest("hodgkin-huxley").state[0],
        target=-64.9964,
        tolerance=1e-3,
        source=_SQUID,
    ),
    *(
        Check(
            name=f"hodgkin-huxley: {gate} at rest",
            # the variables are v, h, m, n
            value=lambda place=place: float(_rest("hodgkin-huxley").state[place]),  # type: ignore[misc]
            target=target,
            tolerance=1e-4,
            source=_SQUID,
        )
        for gate, place, target in (("m", 2, 0.0530), ("h", 1, 0.5960), ("n", 3, 0.3177))
    ),
    Check(
        name="hodgkin-huxley: rheobase of one spike [uA/cm2]",
        value=_squid_rheobase,
        **between(2.22, 2.28),
        source=_SQUID,
    ),
    Check(
        name="hodgkin-huxley: onset of repetitive firing [uA/cm2]",
        value=_squid_onset,
        target=6.27,
        tolerance=0.03,
        source=_SQUID,
    ),
    Check(
        name="hodgkin-huxley: rate at 6.28 uA/cm2, just above the onset [Hz]",
        value=lambda: _squid_rates()[6.28],
        **percent(51.8, 1),
        source=_SQUID,
    ),
    *(
        Check(
            name=f"hodgkin-huxley: {which} Hopf point [uA/cm2]",
            value=lambda place=place: float(_squid_bifurcations().hopf_current[place] / _DENSITY),  # type: ignore[misc]
            **percent(target, 0.1),
            source=_SQUID,
        )
        for which, place, target in (("lower", 0, 9.7754), ("upper", 1, 154.52))
    ),
    Check(
        name="hodgkin-huxley: frequency born at the lower Hopf point [Hz]",
        value=lambda: float(_squid_bifurcations().hopf_frequency[0] / Hz),
        **percent(93.3, 0.2),
        source=_SQUID,
    ),
    *_rates("hodgkin-huxley", _SQUID_RATES, _squid_rates, 1, _SQUID),
)

_LECAR_CHECKS = (
    Check(
        name="morris-lecar: rest [mV]",
        value=lambda: 1e3 * _rest("morris-lecar").state[0],
        target=-60.855,
        tolerance=1e-3,
        source=_LECAR,
    ),
    *(
        Check(
            name=f"morris-lecar: {which} Hopf point [uA/cm2]",
            value=lambda place=place: float(_lecar_bifurcations("hopf").hopf_current[place] / _DENSITY),  # type: ignore[misc]
            **percent(target, 0.1),
            source=_LECAR,
        )
        for which, place, target in (("lower", 0, 93.8576), ("upper", 1, 212.019))
    ),
    Check(
        name="morris-lecar, saddle-node: fold [uA/cm2]",
        value=lambda: float(_lecar_bifurcations("saddle-node").fold_current[0] / _DENSITY),
        **percent(39.963, 0.1),
        source=_LECAR,
    ),
    *_rates("morris-lecar", _HOPF_RATES, _lecar_rates, 1, _LECAR),
    *_rates("morris-lecar, saddle-node", _FOLD_RATES, _lecar_rates, 1.5, _LECAR),
)

_NAGUMO_CHECKS = (
    *(
        Check(
            name=f"fitzhugh-nagumo: {which} Hopf point",
            value=lambda place=place: float(_nagumo_bifurcations().hopf_current[place]),  # type: ignore[misc]
            target=target,
            tolerance=1e-4,
            source=_NAGUMO,
        )
        for which, place, target in (("lower", 0, 0.331281), ("upper", 1, 1.418719))
    ),
    Check(
        name="fitzhugh-nagumo: voltage of the Hopf point",
        value=lambda: float(_nagumo_bifurcations().hopf_voltage[1]),
        target=0.967471,
        tolerance=1e-4,
        source=_NAGUMO,
    ),
    Check(
        name="fitzhugh-nagumo: angular frequency at the Hopf point",
        value=lambda: float(_nagumo_bifurcations().hopf_frequency[0] * 2 * np.pi * ms),
        target=0.27551,
        tolerance=1e-4,
        source=_NAGUMO,
    ),
    Check(
        name="fitzhugh-nagumo: rest",
        value=lambda: _rest("fitzhugh-nagumo").state[0],
        target=-1.199408,
        tolerance=1e-5,
        source=_NAGUMO,
    ),
)

_TYPE_ONE_CHECKS = (
    Check(
        name="wang-buzsaki: rate at 0.16 uA/cm2 [Hz]",
        value=lambda: _wang_rates()[0.16],
        target=0.0,
        tolerance=0.0,
        source="Wang, Buzsaki 1996, recomputed with a Runge-Kutta-4 solver",
    ),
    *_rates("wang-buzsaki", _WANG_RATES, _wang_rates, 1, "Wang, Buzsaki 1996, recomputed with a Runge-Kutta-4 solver"),
    Check(
        name="connor-stevens: rest [mV]",
        value=lambda: 1e3 * _rest("connor-stevens").state[0],
        target=-67.978,
        tolerance=0.01,
        source="Dayan, Abbott 2001, ch. 6.1 (-68 mV); recomputed",
    ),
    Check(
        name="connor-stevens: rate at 8.1 uA/cm2 [Hz]",
        value=lambda: _connor_rates()[8.1],
        target=0.0,
        tolerance=0.0,
        source="Dayan, Abbott 2001, ch. 6.1, recomputed",
    ),
    *_rates("connor-stevens", _CONNOR_RATES, _connor_rates, 1, "Dayan, Abbott 2001, ch. 6.1, recomputed"),
)

CHECKS = (*_SQUID_CHECKS, *_LECAR_CHECKS, *_NAGUMO_CHECKS, *_TYPE_ONE_CHECKS)
