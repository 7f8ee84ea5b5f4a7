"""How long the neuroscience bank takes beside the same experiments written plainly in Brian2 with its defaults.

Run it as `python -m benchmarks.neuro_speed`. Each contender runs in a process of its own; a cold one with an empty home
folder, so that nothing compiled is found. CPU seconds (user and system, compilers included) and wall-clock seconds.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.record import write

SQUID = """
dv/dt = (I - gNa*m**3*h*(v - ENa) - gK*n**4*(v - EK) - gL*(v - EL))/C : volt
dm/dt = alpha_m*(1 - m) - beta_m*m : 1
dh/dt = alpha_h*(1 - h) - beta_h*h : 1
dn/dt = alpha_n*(1 - n) - beta_n*n : 1
alpha_m = 1/exprel(-(v + 40*mV)/(10*mV))/ms : Hz
beta_m = 4*exp(-(v + 65*mV)/(18*mV))/ms : Hz
alpha_h = 0.07*exp(-(v + 65*mV)/(20*mV))/ms : Hz
beta_h = 1/(1 + exp(-(v + 35*mV)/(10*mV)))/ms : Hz
alpha_n = 0.1/exprel(-(v + 55*mV)/(10*mV))/ms : Hz
beta_n = 0.125*exp(-(v + 65*mV)/(80*mV))/ms : Hz
I = 10*uA/cm**2*int(t >= 20*ms)*int(t < 220*ms) : amp/meter**2
"""
COBA = """
dv/dt = (ge*(0*mV - v) + gi*(-80*mV - v) - (v + 60*mV))/(20*ms) : volt (unless refractory)
dge/dt = -ge/(5*ms) : 1
dgi/dt = -gi/(10*ms) : 1
"""
CURRENTS = np.linspace(1.5, 4, 50)


def plain_leaky_step() -> None:
    """A step into a leaky neuron, with Brian2's defaults, and its picture."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt
    from brian2 import Mohm, NeuronGroup, SpikeMonitor, StateMonitor, ms, mV, nA, run

    equations = "dv/dt = (-70*mV - v + 10*Mohm*I)/(8*ms) : volt (unless refractory)\nI = 2.5*nA*int(t >= 20*ms) : amp"
    neuron = NeuronGroup(
        1, equations, threshold="v > -50*mV", reset="v = -65*mV", refractory=2 * ms, method="rk2", dt=0.05 * ms
    )
    neuron.v = -70 * mV
    spikes, voltage = SpikeMonitor(neuron), StateMonitor(neuron, "v", record=True)
    run(250 * ms, namespace={"Mohm": Mohm, "nA": nA, "mV": mV, "ms": ms})
    plt.plot(voltage.t / ms, voltage.v[0] / mV)
    plt.title(str(spikes.num_spikes))
    plt.savefig("plain.png")


def plain_squid_step() -> None:
    """A step into a squid axon, with Brian2's defaults, and its picture."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt
    from brian2 import NeuronGroup, SpikeMonitor, StateMonitor, cm, mS, ms, mV, run, uA, uF

    values = {
        "gNa": 120 * mS / cm**2, "gK": 36 * mS / cm**2, "gL": 0.3 * mS / cm**2, "C": 1 * uF / cm**2,
        "ENa": 50 * mV, "EK": -77 * mV, "EL": -54.387 * mV, "uA": uA, "cm": cm, "ms": ms, "mV": mV,
    }  # fmt: skip
    neuron = NeuronGroup(1, SQUID, threshold="v > -20*mV", refractory="v > -20*mV", method="rk2", dt=0.05 * ms)
    neuron.v, neuron.m, neuron.h, neuron.n = -65 * mV, 0.053, 0.596, 0.318
    spikes, voltage = SpikeMonitor(neuron), StateMonitor(neuron, "v", record=True)
    run(250 * ms, namespace=values)
    plt.plot(voltage.t / ms, voltage.v[0] / mV)
    plt.title(str(spikes.num_spikes))
    plt.savefig("plain.png")


def loop_of_runs() -> dict[str, float]:
    """Fifty currents, one numpy run each, against the f-I protocol: seconds of both in one process."""
    import brian2
    from brian2 import NeuronGroup, SpikeMonitor, ms, mV, nA, run

    from neurobridge.neuro.neurons import neuron
    from neurobridge.neuro.protocols.fi_curve import fi_curve

    brian2.prefs.codegen.target = "numpy"
    equations = "dv/dt = (-70*mV - v + 10*Mohm*I)/(8*ms) : volt (unless refractory)\nI : amp (constant)"
    fi_curve(neuron("leaky"), CURRENTS[:2] * nA)
    start = time.process_time()
    vectorised = fi_curve(neuron("leaky"), CURRENTS * nA)
    ours = time.process_time() - start
    start, counts = time.process_time(), []
    for current in CURRENTS:
        cell = NeuronGroup(
            1, equations, threshold="v > -50*mV", reset="v = -65*mV", refractory=2 * ms, method="exact", dt=0.05 * ms
        )
        cell.v, cell.I = -70 * mV, current * nA
        spikes = SpikeMonitor(cell)
        run(500 * ms)
        counts.append(spikes.num_spikes)
    loop = time.process_time() - start
    assert (np.array(counts) > 0).sum() == (np.asarray(vectorised.rate) > 0).sum()
    return {"ours": ours, "plain": loop}


def rerun_of_a_program() -> dict[str, float]:
    """A compiled network run again with another parameter value, against building it again: wall-clock seconds."""
    from brian2 import mV, second

    from neurobridge.neuro.networks.brunel import Brunel
    from neurobridge.neuro.recorders import Spikes
    from neurobridge.neuro.simulate import Program

    network = Brunel(excitatory=800, connectivity=0.1, jump=1.25 * mV)
    with tempfile.TemporaryDirectory() as empty:
        os.environ["NEUROBRIDGE_CACHE"] = empty
        start = time.perf_counter()
        with Program(network.circuit(), 0.1 * second, [Spikes("neurons")]) as program:
            program.run({"neurons.g": 5.0})
            built = time.perf_counter() - start
            start = time.perf_counter()
            program.run({"neurons.g": 6.0})
            again = time.perf_counter() - start
        del os.environ["NEUROBRIDGE_CACHE"]
    return {"ours": again, "plain": built}


def coba_overhead() -> dict[str, float]:
    """CPU seconds of one second of COBA on numpy, ours and hand-written, median of three."""
    import brian2
    from brian2 import Network, NeuronGroup, SpikeMonitor, Synapses, ms, mV, second

    from neurobridge.neuro.networks.balanced import Balanced
    from neurobridge.neuro.recorders import Spikes
    from neurobridge.neuro.simulate import simulate

    brian2.prefs.codegen.target = "numpy"

    def plain() -> None:
        brian2.seed(1)
        cells = NeuronGroup(
            4000, COBA, threshold="v > -50*mV", reset="v = -60*mV", refractory=5 * ms, method="exponential_euler"
        )
        cells.v = "-60*mV + 5*mV*(randn() - 1)"
        cells.ge, cells.gi = "0.6*(randn()*1.5 + 4)", "6.7*(randn()*12 + 20)"
        excitation = Synapses(cells[:3200], cells, on_pre="ge += 0.6")
        excitation.connect(p=0.02)
        inhibition = Synapses(cells[3200:], cells, on_pre="gi += 6.7")
        inhibition.connect(p=0.02)
        net = Network(cells, excitation, inhibition, SpikeMonitor(cells))
        net.run(1 * second, namespace={"mV": mV, "ms": ms})

    def ours() -> None:
        simulate(Balanced().circuit(), 1 * second, [Spikes("neurons")], target="numpy", seed=1)

    taken: dict[str, list[float]] = {"plain": [], "ours": []}
    for _ in range(3):
        for name, action in (("plain", plain), ("ours", ours)):
            start = time.process_time()
            action()
            taken[name].append(time.process_time() - start)
    return {name: sorted(values)[1] for name, values in taken.items()}


PLAIN = {"leaky": plain_leaky_step, "hodgkin-huxley": plain_squid_step}


def plain_command(model: str) -> list[str]:
    """Return the words that run the plain experiment."""
    return [sys.executable, "-m", "benchmarks.neuro_speed", model]


def our_command(model: str) -> list[str]:
    """Return the words that a person types for the same experiment."""
    program = str(Path(sys.executable).with_name("neurobridge"))
    return [program, "simulate", model, "--protocol", "step", "--out", "ours.png"]


def cold(command: list[str]) -> dict[str, float]:
    """Return CPU and wall-clock seconds of a command that finds nothing compiled."""
    with tempfile.TemporaryDirectory() as home:
        variables = {**os.environ, "HOME": home, "PYTHONPATH": str(Path(__file__).parent.parent)}
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, check=True, cwd=home, env=variables, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return {"cpu_seconds": cpu, "wall_seconds": time.perf_counter() - start}


def first_figure(model: str, rounds: int = 3) -> dict[str, dict[str, float]]:
    """Return the median seconds from the shell prompt to the saved figure, plain and ours in turn, and their ratio."""
    commands = {"plain": plain_command(model), "ours": our_command(model)}
    taken: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            taken[name].append(cold(command))
    medians = {
        name: {unit: median(row[unit] for row in rows) for unit in rows[0]} | {"rounds": rounds}
        for name, rows in taken.items()
    }
    ratio = {unit: medians["plain"][unit] / medians["ours"][unit] for unit in ("cpu_seconds", "wall_seconds")}
    return {**medians, "ratio": ratio}


def main() -> None:
    """Measure everything and write `results/neuro_speed.json`."""
    found: dict[str, object] = {f"first figure, {model}": first_figure(model) for model in PLAIN}
    for name, measure in (
        ("f-I curve of 50 currents", loop_of_runs),
        ("compiled network with another value", rerun_of_a_program),
        ("COBA, 1 s", coba_overhead),
    ):
        taken = measure()
        found[name] = {**taken, "ratio": taken["plain"] / taken["ours"]}
    write("neuro_speed", found, ("brian2", "numpy", "cython"))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        PLAIN[sys.argv[1]]()
    else:
        main()
