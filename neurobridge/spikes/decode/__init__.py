"""Spikes to numbers: the inverse of every code, and the estimators that work on counts."""

from collections.abc import Callable

from neurobridge.spikes.decode.burst import burst
from neurobridge.spikes.decode.latency import latency
from neurobridge.spikes.decode.phase import phase
from neurobridge.spikes.decode.population import maximum_likelihood
from neurobridge.spikes.decode.rank_order import rank_order
from neurobridge.spikes.decode.rate import rate

DECODERS: dict[str, Callable] = {
    "rate": rate,
    "latency": latency,
    "rank-order": rank_order,
    "phase": phase,
    "burst": burst,
    "population": maximum_likelihood,
}
