"""The Hodgkin-Huxley trace beside NEURON's, with the same parameters: voltage away from spikes, and spike times.

NEURON runs in an environment of its own: `python -m venv nrn && nrn/bin/pip install neuron`, then
`NEURON_PYTHON=nrn/bin/python python -m benchmarks.neuro_neuron`.
"""

import json
import os
import subprocess

import numpy as np

from benchmarks.record import write

# one compartment of 100 um^2 and a density of 10 uA/cm2 is 0.01 nA; NEURON's hh has EL = -54.3 and 6.3 degrees
PEER = """
import json
from neuron import h
h.load_file("stdrun.hoc")
soma = h.Section(name="soma")
soma.L = soma.diam = (100 / 3.141592653589793) ** 0.5
soma.cm = 1
soma.insert("hh")
soma.el_hh = -54.387
clamp = h.IClamp(soma(0.5))
clamp.delay, clamp.dur, clamp.amp = 20, 60, 0.01
voltage, time = h.Vector().record(soma(0.5)._ref_v), h.Vector().record(h._ref_t)
h.celsius = 6.3
h.usetable_hh = 0
solver = h.CVode()
solver.active(1)
solver.atol(1e-8)
h.finitialize(-64.9964)
h.continuerun(100)
print(json.dumps({"time": list(time), "voltage": list(voltage), "version": h.nrnversion(0)}))
"""


def ours() -> tuple[np.ndarray, np.ndarray]:
    """Return times in ms and voltages in mV."""
    from brian2 import cm, ms, mV, uA

    from neurobridge.neuro.neurons import neuron
    from neurobridge.neuro.protocols.step import step_response

    found = step_response(
        neuron("hodgkin-huxley"), 10 * uA / cm**2, start=20 * ms, width=60 * ms, duration=100 * ms, dt=0.005 * ms
    )
    return np.asarray(found.time / ms), np.asarray(found.voltage / mV)


def crossings(time: np.ndarray, voltage: np.ndarray) -> np.ndarray:
    """Return when the voltage rises through 0 mV, between samples."""
    k = np.flatnonzero((voltage[:-1] <= 0) & (voltage[1:] > 0))
    return time[k] - voltage[k] * (time[k + 1] - time[k]) / (voltage[k + 1] - voltage[k])


def main() -> None:
    """Compare and write `results/neuro_neuron.json`."""
    python = os.environ.get("NEURON_PYTHON", "python")
    peer = json.loads(subprocess.run([python, "-c", PEER], check=True, capture_output=True, text=True).stdout)
    time, voltage = ours()
    theirs = np.interp(time, peer["time"], peer["voltage"])
    mine, other = crossings(time, voltage), crossings(np.array(peer["time"]), np.array(peer["voltage"]))
    near = np.abs(time[:, None] - np.concatenate([mine, other])).min(axis=1) < 2.0
    write(
        "neuro_neuron",
        {
            "spikes": [len(mine), len(other)],
            "largest difference of spike times [ms]": float(np.abs(mine - other).max()),
            "largest difference of voltage 2 ms away from spikes [mV]": float(np.abs(voltage - theirs)[~near].max()),
            "NEURON": peer["version"],
        },
        ("brian2", "numpy"),
    )


if __name__ == "__main__":
    main()
