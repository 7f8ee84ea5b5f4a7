"""Numbers of plasticity: windows, rates of pairing, clamped voltages, eligibility, fixed points."""

from functools import cache

import numpy as np
from brian2 import Clock, Hz, NeuronGroup, SpikeGeneratorGroup, ms, mV, second

from neurobridge.neuro import siegert
from neurobridge.neuro.checks.check import Check, between
from neurobridge.neuro.circuit import Circuit
from neurobridge.neuro.networks.voltage_pairing import VoltagePairing
from neurobridge.neuro.plasticity import BCM, OJA, PLASTICITY
from neurobridge.neuro.plasticity.rates import scaled, selectivity
from neurobridge.neuro.plasticity.voltage import NEURON_EQUATIONS, NEURON_PARAMETERS, VOLTAGE
from neurobridge.neuro.protocols.pairing import PairingRate, paired, pairing_rate, stdp_window
from neurobridge.neuro.recorders import Final
from neurobridge.neuro.simulate import simulate

_SONG = "Song, Miller, Abbott 2000, closed form"
_TRIPLET = "Pfister, Gerstner 2006, parameters of table 3; recomputed by an event-driven program"
_FAST = {
    -10: {10: -0.3336, 20: -0.3516, 40: 0.1548, 50: 0.7272},
    10: {10: 0.1321, 20: 0.2470, 40: 0.5337, 50: 0.7409},
}
_VOLTAGE_PAIRS = {
    -10: {10.0: -0.171, 20.0: -0.178, 40.0: -0.056, 50.0: 0.092},
    10: {10.0: 0.001, 20.0: 0.019, 40.0: 0.102, 50.0: 0.163},
}


@cache
def _window(rule: str) -> dict[int, float]:
    found = stdp_window(PLASTICITY[rule], np.array([-10, 10]) * ms)
    return dict(zip((-10, 10), found.change.tolist(), strict=True))


@cache
def _triplet() -> dict[tuple[int, float], float]:
    fast = pairing_rate(PLASTICITY["triplet"])
    slow = pairing_rate(PLASTICITY["triplet"], np.array([0.1]) * Hz, dt=10 * ms)
    table = {
        (lag, rate): fast.change[i, j] for i, lag in enumerate((-10, 10)) for j, rate in enumerate((10, 20, 40, 50))
    }
    return table | {(lag, 0.1): slow.change[i, 0] for i, lag in enumerate((-10, 10))}


def _neighbours() -> float:
    """Return how much more all pairs than nearest ones change a weight: spikes at 0 and 10 before one at 20 ms."""
    pre, post = [[0.1, 0.11]], [[0.12]]
    every, nearest = (
        paired(PLASTICITY[rule], pre, post, 0.5, 0.1 * ms, tail=1e-3)[0] - 0.5 for rule in ("pair", "pair-nearest")
    )
    return float(every - nearest)


def _clamped(voltage: float, spikes: int = 50) -> float:
    """Return the change by presynaptic spikes at 25 Hz onto a neuron held at a voltage in mV."""

    def build(clock: Clock) -> dict[str, object]:
        source = SpikeGeneratorGroup(
            1, np.zeros(spikes, dtype=int), np.arange(spikes) * 40 * ms, clock=clock, name="source"
        )
        target = NeuronGroup(
            1, "v : volt\n" + NEURON_EQUATIONS, namespace=NEURON_PARAMETERS, method="exact", clock=clock, name="held"
        )
        target.v = target.v_minus = target.v_plus = voltage * mV
        synapses = VOLTAGE.connect(source, target, clock)
        synapses.connect()
        synapses.w = 1
        return {"source": source, "held": target, "plastic_synapses": synapses}

    circuit = Circuit(build=build, neurons=2, dt=0.1 * ms)
    found = simulate(circuit, (spikes * 40 + 200) * ms, [Final("plastic_synapses", ("w",))])
    return float(found.final["plastic_synapses"]["w"][0]) - 1


def _clamped_theory(voltage: float, spikes: int = 50) -> float:
    above_minus, above_plus = max(voltage + 70.6, 0), max(voltage + 45.3, 0)
    return spikes * above_minus * (8e-5 * above_plus - 14e-5)


def _rewarded() -> float:
    """Return the change by one pair at +10 ms and a reward 0.5 s later."""

    def build(clock: Clock) -> dict[str, object]:
        source = SpikeGeneratorGroup(1, [0], [10] * ms, clock=clock, name="source")
        target = SpikeGeneratorGroup(1, [0], [20] * ms, clock=clock, name="target")
        synapses = PLASTICITY["reward"].connect(source, target, clock)
        synapses.connect()
        synapses.run_regularly("dopamine += 0.5*int(abs(t - 520*ms) < dt/2)", clock=clock, name="reward_given")
        return {"source": source, "target": target, "plastic_synapses": synapses}

    found = simulate(Circuit(build=build, neurons=2, dt=1 * ms), 3 * second, [Final("plastic_synapses", ("w",))])
    return float(found.final["plastic_synapses"]["w"][0])


def _rewarded_theory() -> float:
    eligibility = 0.1 * np.exp(-10 / 20) * np.exp(-0.5 / 1.0)
    return eligibility * 0.5 / (1 / 1.0 + 1 / 0.2)


@cache
def _voltage_pairs() -> PairingRate:
    return VoltagePairing(rates=tuple(_VOLTAGE_PAIRS[10])).run()


@cache
def _oja() -> tuple[float, float]:
    """Return the norm of the weights and their cosine with the first principal component."""
    random = np.random.default_rng(1)
    mixing = random.normal(size=(8, 8)) * np.linspace(2, 0.3, 8)
    inputs = random.normal(size=(20000, 8)) @ mixing.T
    weights = OJA.learn(random.normal(size=8) * 0.1, inputs, speed=2e-4)
    component = np.linalg.eigh(mixing @ mixing.T)[1][:, -1]
    return float(np.linalg.norm(weights)), float(abs(weights @ component) / np.linalg.norm(weights))


@cache
def _bcm() -> tuple[float, float]:
    """Return the selectivity among five independent patterns and the sliding threshold over its target."""
    random = np.random.default_rng(2)
    patterns = np.eye(5) + 0.1 * random.random((5, 5))
    inputs = patterns[random.integers(0, 5, 40000)]
    weights = BCM.learn(0.5 + 0.1 * random.random(5), inputs, speed=0.01, memory=0.05)
    responses = patterns @ weights
    # at the fixed point the one pattern that is answered has y = E[y^2] = y^2 / 5
    return selectivity(np.abs(responses)), float(responses.max() / 5)


def _scaled_rate() -> float:
    """Return the rate in Hz that a leaky neuron reaches when scaling aims at 8 Hz."""
    weights, found = np.full(100, 0.5), 0.0 * Hz
    for _ in range(400):
        mean, deviation = 0.2 * weights.sum() * mV, 1.5 * np.sqrt((weights**2).sum()) * mV
        found = siegert.rate(mean, deviation, 20 * ms, 20 * mV, 10 * mV, 2 * ms)
        weights = scaled(weights, float(found / Hz), 8.0, speed=0.005)
    return float(found / Hz)


CHECKS = (
    Check(
        name="pair rule: change at +10 ms",
        value=lambda: _window("pair")[10],
        target=0.01 * np.exp(-0.5),
        tolerance=1e-12,
        source=_SONG,
    ),
    Check(
        name="pair rule: change at -10 ms",
        value=lambda: _window("pair")[-10],
        target=-0.0105 * np.exp(-0.5),
        tolerance=1e-12,
        source=_SONG,
    ),
    Check(
        name="multiplicative pair rule at w = 1/2: change at +10 ms",
        value=lambda: _window("pair-multiplicative")[10],
        target=0.005 * np.exp(-0.5),
        tolerance=1e-12,
        source="Rubin, Lee, Sompolinsky 2001, closed form",
    ),
    Check(
        name="pair rule: all pairs over nearest neighbours",
        value=_neighbours,
        target=0.01 * np.exp(-1.0),
        tolerance=1e-12,
        source="Morrison, Diesmann, Gerstner 2008, closed form",
    ),
    *(
        Check(
            name=f"triplet rule: 60 pairs of {lag:+d} ms at {rate} Hz",
            value=lambda lag=lag, rate=rate: _triplet()[lag, rate],  # type: ignore[misc]
            target=target,
            tolerance=1e-4,
            source=_TRIPLET,
        )
        for lag, row in _FAST.items()
        for rate, target in row.items()
    ),
    Check(
        name="triplet rule: 60 pairs of -10 ms at 0.1 Hz",
        value=lambda: _triplet()[-10, 0.1],
        target=-0.3122,
        tolerance=1e-4,
        source=_TRIPLET,
    ),
    Check(
        name="triplet rule: 60 pairs of +10 ms at 0.1 Hz",
        value=lambda: _triplet()[10, 0.1],
        target=0.0,
        tolerance=1e-4,
        source=_TRIPLET,
    ),
    *(
        Check(
            name=f"voltage rule: 50 spikes onto a neuron held at {voltage} mV",
            value=lambda voltage=voltage: _clamped(voltage),  # type: ignore[misc]
            target=_clamped_theory(voltage),
            tolerance=max(0.01 * abs(_clamped_theory(voltage)), 1e-9),
            source="Clopath et al. 2010, figure 1; closed form at constant voltage",
        )
        for voltage in (-75.0, -55.0, -20.0)
    ),
    *(
        Check(
            name=f"voltage rule: 75 pairs of {lag:+d} ms at {rate:g} Hz",
            value=lambda lag=lag, place=place: float(_voltage_pairs().change[int(lag > 0), place]),  # type: ignore[misc]
            target=target,
            tolerance=0.02,
            source="Clopath et al. 2010, figure 2; values of NEST 3.10, aeif_psc_delta_clopath with clopath_synapse",
            tier="slow",
        )
        for lag, row in _VOLTAGE_PAIRS.items()
        for place, (rate, target) in enumerate(row.items())
    ),
    Check(
        name="reward rule: change by a pair and a reward 0.5 s later",
        value=_rewarded,
        target=_rewarded_theory(),
        tolerance=0.01 * _rewarded_theory(),
        source="Izhikevich 2007, closed form",
    ),
    Check(
        name="Oja's rule: norm of the weights",
        value=lambda: _oja()[0],
        target=1.0,
        tolerance=0.02,
        source="Oja 1982, J Math Biol 15:267",
    ),
    Check(
        name="Oja's rule: cosine with the first principal component",
        value=lambda: _oja()[1],
        **between(0.99, 1.0),
        source="Oja 1982, J Math Biol 15:267",
    ),
    Check(
        name="BCM rule: selectivity among five patterns",
        value=lambda: _bcm()[0],
        target=0.8,
        tolerance=0.02,
        source="Bienenstock, Cooper, Munro 1982: 1 - 1/n for n independent patterns",
    ),
    Check(
        name="BCM rule: the answered pattern's response over its fixed point",
        value=lambda: _bcm()[1],
        target=1.0,
        tolerance=0.15,
        source="Intrator, Cooper 1992, threshold E[y^2]",
    ),
    Check(
        name="synaptic scaling: rate reached, target 8 [Hz]",
        value=_scaled_rate,
        target=8.0,
        tolerance=0.4,
        source="van Rossum, Bi, Turrigiano 2000, J Neurosci 20:8812",
    ),
)
