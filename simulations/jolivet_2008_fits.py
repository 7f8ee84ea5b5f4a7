"""A simple neuron predicts the spikes of a complicated one.

Question: how many spikes of a Hodgkin-Huxley neuron does an adaptive exponential one predict that was fitted to it?
Expected: most of them: a coincidence factor of 0.91 where fitted, and of 0.85 under a current that it has not seen.
Source: Jolivet et al. 2008, J Neurosci Methods 169:417; Brette, Gerstner 2005, J Neurophysiol 94:3637
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from brian2 import Quantity, cm, ms, mV, nS, pA, pF, uA, um

from neurobridge import program
from neurobridge.neuro.circuit import single
from neurobridge.neuro.fits.fit import fit, prediction
from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.recorders import Spikes, Traces
from neurobridge.neuro.recording import Recording
from neurobridge.neuro.simulate import simulate
from neurobridge.neuro.stimuli import samples
from neurobridge.plots.style import save

AREA, EVERY = 20000 * um**2, 0.2 * ms  # of the membrane, as in Brette et al. 2007; between samples
BOUNDS = {
    "C": (100 * pF, 400 * pF), "g_L": (5 * nS, 40 * nS), "E_L": (-75 * mV, -60 * mV), "V_T": (-59 * mV, -40 * mV),
    "Delta_T": (0.5 * mV, 5 * mV), "a": (0 * nS, 30 * nS), "tau_w": (5 * ms, 200 * ms), "b": (0 * pA, 300 * pA),
    "V_reset": (-90 * mV, -55 * mV),
}  # fmt: skip


@dataclass
class Config:
    """A simple neuron predicts the spikes of a complicated one."""

    out: Path = Path("results")
    """Folder of the figure."""
    seconds: float = 3.0
    """Length of the recording that is fitted, and of the one that is predicted."""
    generations: int = 40
    """Of the search."""
    quick: bool = False
    """A short recording and a short search: a look, not a result."""


def main(config: Config) -> float:
    """Record, fit, predict another recording, draw, and return the coincidence factor of the prediction."""
    seconds, generations = (0.1, 2) if config.quick else (config.seconds, config.generations)
    known, asked = (fluctuating(seconds, seed) for seed in (1, 2))
    data, held_out = recorded(known), recorded(asked)
    model = neuron("adaptive-exponential").with_parameters(V_peak=0 * mV)
    found = fit(
        model, known * AREA, EVERY, data.spikes["neurons"].time, BOUNDS, voltage=data.traces["neurons"]["v"][0],
        generations=generations, candidates=90, dt=0.05 * ms,
    )  # fmt: skip
    predicted = prediction(
        found, model, asked * AREA, EVERY, held_out.spikes["neurons"].time,
        voltage=held_out.traces["neurons"]["v"][0], dt=0.05 * ms,
    )  # fmt: skip
    print(f"fitted: {', '.join(f'{n} {v:.3g}' for n, v in zip(found.names.split(','), found.values, strict=True))}")
    print(f"coincidence factor {found.coincidence:.2f} where fitted, {predicted.coincidence:.2f} under a new current")
    print(f"voltage between spikes: {float(found.error / mV):.2f} mV, {float(predicted.error / mV):.2f} mV")
    save(predicted.plot(), config.out, "jolivet_2008_fits")
    return predicted.coincidence


def fluctuating(seconds: float, seed: int) -> Quantity:
    """Return a current density with a correlation time of 5 ms, as dendrites deliver it."""
    random, steps, keep = np.random.default_rng(seed), round(seconds * 1000 / 0.2), np.exp(-0.2 / 5)
    course = np.zeros(steps)
    for step in range(1, steps):
        course[step] = keep * course[step - 1] + np.sqrt(1 - keep**2) * random.normal()
    return (0.5 + 2.0 * course) * uA / cm**2


def recorded(current: Quantity) -> Recording:
    """Return spikes and voltage of a Hodgkin-Huxley neuron of the cortex under a current."""
    circuit = single(neuron("traub-miles"), samples(current, EVERY))
    return simulate(circuit, len(current) * EVERY, [Spikes("neurons"), Traces("neurons", ("v",), every=EVERY)])


if __name__ == "__main__":
    program.run(Config, main)
