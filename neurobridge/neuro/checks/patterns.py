"""Firing patterns of the adaptive exponential neuron and of Izhikevich's: spike counts and intervals."""

from functools import cache, partial

import numpy as np
from brian2 import Quantity, ms, pA

from neurobridge.neuro.checks.check import Check, between, percent
from neurobridge.neuro.circuit import single
from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.neurons.adaptive_exponential import ADAPTIVE_EXPONENTIAL, NAUD_CURRENTS
from neurobridge.neuro.neurons.izhikevich_patterns import PATTERNS
from neurobridge.neuro.recorders import Spikes
from neurobridge.neuro.simulate import simulate
from neurobridge.neuro.stimuli import constant

_NAUD = "Naud et al. 2008, Biol Cybern 99:335, table 1; counts recomputed at three time steps"
_IZHIKEVICH = "Izhikevich 2004, figure 1, in the order of updates of his program"

NAUD_COUNTS = {
    "tonic": 62,
    "adaptation": 12,
    "initial-burst": 12,
    "regular-bursting": 11,
    "delayed-accelerating": 46,
    "delayed-regular-bursting": 32,
    "transient": 1,
    "irregular": 32,
}
IZHIKEVICH_COUNTS = {
    "tonic-spiking": 5, "phasic-spiking": 1, "tonic-bursting": 28, "phasic-bursting": 6, "mixed-mode": 6,
    "spike-frequency-adaptation": 6, "class-1": 10, "class-2": 14, "spike-latency": 1,
    "subthreshold-oscillations": 1, "resonator": 1, "integrator": 1, "rebound-spike": 1, "rebound-burst": 7,
    "threshold-variability": 1, "bistability": 5, "depolarizing-after-potential": 1, "accommodation": 1,
    "inhibition-induced-spiking": 3, "inhibition-induced-bursting": 12,
}  # fmt: skip
_FIRST_TIMES = {
    "tonic-spiking": 13.0,
    "phasic-spiking": 43.75,
    "spike-latency": 26.6,
    "resonator": 338.0,
    "integrator": 20.0,
    "rebound-spike": 68.0,
    "accommodation": 311.5,
}


@cache
def naud_trains() -> dict[str, np.ndarray]:
    """Return the spike times in ms of all eight patterns, simulated as one group."""
    names = list(NAUD_CURRENTS)
    variants = [ADAPTIVE_EXPONENTIAL.variants[name] for name in names]
    rows = {key: Quantity([variant[key] for variant in variants]) for key in variants[0]}
    model = ADAPTIVE_EXPONENTIAL.with_parameters(**rows)
    currents = np.array([float(NAUD_CURRENTS[name] / pA) for name in names]) * pA
    found = simulate(single(model, constant(currents), len(names)), 600 * ms, [Spikes("neurons")])
    trains = found.spikes["neurons"].trains()
    return {name: 1000 * train for name, train in zip(names, trains, strict=True)}


@cache
def izhikevich_train(name: str) -> np.ndarray:
    """Return the spike times in ms of one panel."""
    pattern = PATTERNS[name]
    circuit = single(neuron(f"izhikevich:{name}"), pattern.stimulus(), dt=pattern.step * ms)
    found = simulate(circuit, (pattern.duration + pattern.step) * ms, [Spikes("neurons")])
    return 1000 * np.asarray(found.spikes["neurons"].time)


def _last_interval(name: str) -> float:
    return float(np.diff(naud_trains()[name])[-1])


def _irregularity() -> float:
    intervals = np.diff(naud_trains()["irregular"])
    return float(intervals.std() / intervals.mean())


CHECKS = (
    *(
        Check(
            name=f"adaptive-exponential, {name}: spikes in 600 ms",
            value=lambda name=name: len(naud_trains()[name]),  # type: ignore[misc]
            target=count,
            tolerance=1,
            source=_NAUD,
        )
        for name, count in NAUD_COUNTS.items()
    ),
    Check(
        name="adaptive-exponential, adaptation: last interval [ms]",
        value=partial(_last_interval, "adaptation"),
        **percent(75.9, 2),
        source=_NAUD,
    ),
    Check(
        name="adaptive-exponential, delayed-accelerating: last interval [ms]",
        value=partial(_last_interval, "delayed-accelerating"),
        **percent(10.3, 2),
        source=_NAUD,
    ),
    Check(
        name="adaptive-exponential, irregular: CV of the intervals",
        value=_irregularity,
        **between(0.4, 0.8),
        source=_NAUD,
    ),
    *(
        Check(
            name=f"izhikevich, {PATTERNS[name].letter} {name}: spikes",
            value=lambda name=name: len(izhikevich_train(name)),  # type: ignore[misc]
            target=count,
            tolerance=0,
            source=_IZHIKEVICH,
        )
        for name, count in IZHIKEVICH_COUNTS.items()
    ),
    *(
        Check(
            name=f"izhikevich, {PATTERNS[name].letter} {name}: first spike [ms]",
            value=lambda name=name: izhikevich_train(name)[0],  # type: ignore[misc]
            target=time,
            tolerance=PATTERNS[name].step,
            source=_IZHIKEVICH,
        )
        for name, time in _FIRST_TIMES.items()
    ),
)
