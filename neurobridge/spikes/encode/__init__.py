"""Numbers to spikes: one neural code a file, all on values between 0 and 1."""

from collections.abc import Callable

from neurobridge.spikes.encode.burst import burst
from neurobridge.spikes.encode.latency import latency
from neurobridge.spikes.encode.phase import phase
from neurobridge.spikes.encode.population import population
from neurobridge.spikes.encode.rank_order import rank_order
from neurobridge.spikes.encode.rate import rate

ENCODERS: dict[str, Callable] = {
    "rate": rate,
    "latency": latency,
    "rank-order": rank_order,
    "phase": phase,
    "burst": burst,
    "population": population,
}
