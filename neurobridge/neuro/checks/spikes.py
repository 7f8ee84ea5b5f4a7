"""Numbers of spike statistics and decoders: regularity, distances, information, errors of a population code."""

from functools import cache

import numpy as np

from neurobridge.neuro.checks.check import Check, percent
from neurobridge.spikes import trains
from neurobridge.spikes.decode.population import fisher_information, maximum_likelihood, population_vector
from neurobridge.spikes.encode.population import cosine_tuning, gaussian_tuning
from neurobridge.spikes.statistics import distances, information, intervals

_GAPS = np.array([1.0, 2.0, 3.0, 4.0, 10.0])
_ELEPHANT = "Elephant 1.2.1"
_SPIKE = np.array([0.010])


@cache
def _variation(kind: str) -> float:
    random = np.random.default_rng(1)
    drawn = {
        "poisson": lambda: trains.poisson(40.0, 1000.0, random),
        "dead time": lambda: trains.poisson(40.0, 1000.0, random, dead_time=0.005),
        "gamma 4": lambda: trains.gamma(40.0, 4.0, 1000.0, random),
    }
    return intervals.variation(intervals.intervals(drawn[kind]()))


def _fano() -> float:
    random = np.random.default_rng(2)
    return intervals.fano_factor([trains.poisson(40.0, 1.0, random) for _ in range(5000)], 0.0, 1.0)


def _channel() -> float:
    random = np.random.default_rng(3)
    sent = random.integers(0, 2, 100000)
    return information.mutual_information(sent, sent ^ (random.random(len(sent)) < 0.1))


def _vector_errors() -> float:
    random = np.random.default_rng(5)
    tuning, directions = cosine_tuning(32, 40.0), random.uniform(-np.pi, np.pi, 5000)
    errors = []
    for duration in (0.25, 1.0):
        found = population_vector(random.poisson(tuning(directions) * duration).T)
        errors.append(np.sqrt(np.mean(np.angle(np.exp(1j * (found - directions))) ** 2)))
    return errors[0] / errors[1]


def _efficiency() -> float:
    random, tuning = np.random.default_rng(6), gaussian_tuning(25, 0.12, 60.0, 1.0)
    counts = random.poisson(np.repeat(tuning(np.array([0.53])), 5000, axis=1)).T
    found = maximum_likelihood(counts, tuning, 1.0, np.linspace(0, 1, 2001))
    return float(found.std() * np.sqrt(fisher_information(tuning, 0.53, 1.0)))


CHECKS = (
    Check(name="CV of a Poisson train", value=lambda: _variation("poisson"), **percent(1.0, 1.5), source="closed form"),
    Check(
        name="CV of a Poisson train of 40 Hz with 5 ms dead time",
        value=lambda: _variation("dead time"),
        **percent(0.8, 1.5),
        source="1 - rate x dead time, closed form",
    ),
    Check(
        name="CV of a gamma train of order 4",
        value=lambda: _variation("gamma 4"),
        **percent(0.5, 1.5),
        source="1/sqrt(order), closed form",
    ),
    # the standard error of a variance of 5000 counts is 2 %
    Check(name="Fano factor of Poisson trains", value=_fano, **percent(1.0, 6), source="closed form"),
    Check(
        name="CV of the intervals 1 2 3 4 10",
        value=lambda: intervals.variation(_GAPS),
        target=0.790569,
        tolerance=1e-6,
        source=_ELEPHANT,
    ),
    Check(
        name="CV2 of the intervals 1 2 3 4 10",
        value=lambda: intervals.variation_of_neighbours(_GAPS),
        target=0.552381,
        tolerance=1e-6,
        source=_ELEPHANT,
    ),
    Check(
        name="LV of the intervals 1 2 3 4 10",
        value=lambda: intervals.local_variation(_GAPS),
        target=0.266395,
        tolerance=1e-6,
        source=_ELEPHANT,
    ),
    Check(
        name="van Rossum distance of two spikes 3 ms apart, tau 10 ms",
        value=lambda: distances.van_rossum(_SPIKE, _SPIKE + 0.003, 0.010),
        target=0.719975,
        tolerance=1e-6,
        source="closed form; " + _ELEPHANT,
    ),
    Check(
        name="Victor-Purpura distance of two spikes 3 ms apart, 0.1/ms",
        value=lambda: distances.victor_purpura(_SPIKE, _SPIKE + 0.003, 100.0),
        target=0.3,
        tolerance=1e-9,
        source="Victor, Purpura 1996, closed form",
    ),
    Check(
        name="Victor-Purpura distance of two spikes 3 ms apart, 1/ms",
        value=lambda: distances.victor_purpura(_SPIKE, _SPIKE + 0.003, 1000.0),
        target=2.0,
        tolerance=1e-9,
        source="Victor, Purpura 1996, closed form",
    ),
    Check(
        name="information through a binary channel with 10 % errors [bit]",
        value=_channel,
        target=1 + 0.1 * np.log2(0.1) + 0.9 * np.log2(0.9),
        tolerance=0.01,
        source="Shannon 1948, closed form",
    ),
    Check(
        name="population vector: error at 0.25 s over error at 1 s",
        value=_vector_errors,
        **percent(2.0, 6),
        source="error goes as 1/sqrt(time), Seung, Sompolinsky 1993",
    ),
    Check(
        name="maximum likelihood: deviation over the Cramer-Rao bound",
        value=_efficiency,
        **percent(1.0, 5),
        source="Seung, Sompolinsky 1993, PNAS 90:10749",
    ),
)
