"""How much memory a simulation will need, told before it starts."""

import os
from collections.abc import Sequence

from brian2 import Quantity

from neurobridge.errors import SimulationError
from neurobridge.neuro.circuit import Circuit
from neurobridge.neuro.recorders import Recorder, Traces

_NEURON_BYTES = 200


def estimate(circuit: Circuit, duration: Quantity, dt: Quantity, record: Sequence[Recorder]) -> int:
    """Return the bytes that neurons, synapses and recordings will take; spikes are not counted."""
    recorded = 0.0
    for recorder in record:
        every = recorder.every if isinstance(recorder, Traces) and recorder.every is not None else dt
        recorded += 8 * recorder.floats_per_step() * float(duration / every)
    # while synapses are made, their indices exist twice
    return int(circuit.neurons * _NEURON_BYTES + circuit.synapses * (circuit.bytes_per_synapse + 16) + recorded)


def check(needed: int) -> None:
    """Stop a simulation that would not fit.

    Raises:
        SimulationError: more memory is needed than is free.
    """
    free = available()
    if needed > free:
        raise SimulationError(
            f"this simulation needs about {needed / 2**30:.1f} GiB and {free / 2**30:.1f} GiB are free; record fewer "
            "neurons, record them less often (Traces(..., every=1*ms)), or make the network smaller."
        )


def available() -> int:
    """Return the bytes of memory that are free now."""
    try:
        with open("/proc/meminfo") as lines:
            table = dict(line.split(":", 1) for line in lines)
        return int(table["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
