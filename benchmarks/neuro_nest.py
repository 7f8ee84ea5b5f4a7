"""The rates and irregularity of a network of leaky neurons beside NEST's, with the same parameters.

The network is Brunel's in the asynchronous irregular state, with 2,500 neurons that each hear 200 excitatory and 50
inhibitory ones, jumps of 0.2 mV. Every seed draws connections, start and external spikes anew; the two simulators agree
if their means over the seeds lie within three standard errors of their difference, which happens by chance alone in
99 of 100 comparisons.

In a step of 0.1 ms Brian2 lets the potential decay, tests the threshold and then adds the input; NEST decays, adds and
tests. The same process in NEST therefore has a threshold higher by the decay of one step and delays longer by one step:
that is `same steps`. `same numbers` leaves both as they are, and shows what the order of a step is worth.

NEST runs in an environment of its own: `python -m venv nest && nest/bin/pip install
nest-simulator`, then `NEST_PYTHON=nest/bin/python python -m benchmarks.neuro_nest`.
"""

import json
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.record import write

EXCITATORY, INPUTS, JUMP, G, ETA = 2000, 200, 0.2, 5.0, 2.0
SECONDS, START, SEEDS = 2.0, 0.4, 8

# threshold in mV and delay in ms
VERSIONS = {"same steps": (20.0 * float(np.exp(0.1 / 20.0)), 1.6), "same numbers": (20.0, 1.5)}
PEER = """
import json, sys
import nest
import numpy as np
excitatory, inputs, jump, g, eta, seconds, seeds, threshold, delay, folder = json.loads(sys.argv[1])
for seed in range(1, seeds + 1):
    nest.set_verbosity("M_ERROR")
    nest.ResetKernel()
    nest.resolution, nest.rng_seed = 0.1, seed
    size = excitatory + excitatory // 4
    cells = nest.Create("iaf_psc_delta", size, {
        "E_L": 0.0, "V_th": threshold, "V_reset": 10.0, "tau_m": 20.0, "t_ref": 2.0, "C_m": 1.0,
    })
    cells.V_m = nest.random.uniform(0.0, 20.0)
    noise = nest.Create("poisson_generator", params={"rate": 1000 * eta * 20.0 / (jump * 20.0)})
    nest.Connect(noise, cells, syn_spec={"weight": jump, "delay": 0.1})
    for sources, number, weight in (
        (cells[:excitatory], inputs, jump), (cells[excitatory:], inputs // 4, -g * jump)
    ):
        rule = {"rule": "fixed_indegree", "indegree": number, "allow_multapses": False, "allow_autapses": True}
        nest.Connect(sources, cells, rule, {"weight": weight, "delay": delay})
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    nest.Simulate(1000 * seconds)
    events = recorder.events
    np.savez(f"{folder}/{seed}.npz", time=events["times"] / 1000, neuron=events["senders"] - 1)
print(nest.__version__)
"""


def measures(time: np.ndarray, neuron: np.ndarray) -> tuple[float, float]:
    """Return the mean rate in Hz and the mean CV of the intervals of neurons with more than five spikes."""
    from neurobridge.spikes.statistics.intervals import variation

    size, late = EXCITATORY + EXCITATORY // 4, time >= START
    order = np.lexsort((time[late], neuron[late]))
    trains = np.split(time[late][order], np.searchsorted(neuron[late][order], np.arange(1, size)))
    gaps = [np.diff(train) for train in trains if len(train) > 5]
    return late.sum() / size / (SECONDS - START), float(np.mean([variation(gap) for gap in gaps]))


def ours() -> np.ndarray:
    """Return `(seed, measure)` of this library."""
    from brian2 import mV, second

    from neurobridge.neuro.networks.brunel import Brunel
    from neurobridge.neuro.recorders import Spikes
    from neurobridge.neuro.simulate import simulate

    circuit = Brunel(g=G, eta=ETA, excitatory=EXCITATORY, connectivity=INPUTS / EXCITATORY, jump=JUMP * mV).circuit()
    rows = []
    for seed in range(1, SEEDS + 1):
        found = simulate(circuit, SECONDS * second, [Spikes("neurons")], seed=seed, target="cpp_standalone")
        rows.append(measures(np.asarray(found.spikes["neurons"].time), found.spikes["neurons"].index))
    return np.array(rows)


def theirs(threshold: float, delay: float) -> tuple[np.ndarray, str]:
    """Return `(seed, measure)` of NEST, and its version."""
    python = os.environ.get("NEST_PYTHON", "python")
    with tempfile.TemporaryDirectory() as folder:
        asked = json.dumps([EXCITATORY, INPUTS, JUMP, G, ETA, SECONDS, SEEDS, threshold, delay, folder])
        done = subprocess.run([python, "-c", PEER, asked], check=True, capture_output=True, text=True)
        rows = []
        for path in sorted(Path(folder).glob("*.npz")):
            with np.load(path) as spikes:
                rows.append(measures(spikes["time"], spikes["neuron"]))
    return np.array(rows), done.stdout.split()[-1]


def compared(mine: np.ndarray, other: np.ndarray) -> dict[str, float | bool]:
    """Return means, standard errors and the difference in standard errors of one measure over seeds."""
    error = [float(values.std(ddof=1) / np.sqrt(len(values))) for values in (mine, other)]
    apart = float((mine.mean() - other.mean()) / np.hypot(*error))
    return {
        "neurobridge": float(mine.mean()),
        "NEST": float(other.mean()),
        "standard error of neurobridge": error[0],
        "standard error of NEST": error[1],
        "difference in standard errors": apart,
        "within three": abs(apart) <= 3,
    }


def main() -> None:
    """Compare and write `results/neuro_nest.json`."""
    mine, record = ours(), {"neurons": EXCITATORY + EXCITATORY // 4, "seeds": SEEDS}
    for name, (threshold, delay) in VERSIONS.items():
        peer, record["NEST"] = theirs(threshold, delay)
        record[name] = {
            "rate [Hz]": compared(mine[:, 0], peer[:, 0]),
            "CV": compared(mine[:, 1], peer[:, 1]),
        }
    write("neuro_nest", record, ("brian2", "numpy"))


if __name__ == "__main__":
    main()
