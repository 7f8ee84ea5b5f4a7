"""The rate of a leaky neuron under noise, simulated and predicted.

Question: is the first-passage formula right?
Expected: simulated rates on the curve once the threshold is corrected for the time step.
Source: Siegert 1951, Phys Rev 81:617; Ricciardi 1977; values as in Brunel 2000
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from brian2 import Mohm, ms, mV

from neurobridge import program
from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.protocols.noisy_rate import noisy_rate
from neurobridge.plots.style import save


@dataclass
class Config:
    """The rate of a leaky neuron under noise, simulated and predicted."""

    out: Path = Path("results")
    """Folder of the figure."""
    quick: bool = False
    """Fewer points: a look, not a result."""


def main(config: Config) -> float:
    """Simulate, draw, and return the largest relative error."""
    model = neuron("leaky").with_parameters(
        tau=20 * ms, E_L=0 * mV, V_reset=10 * mV, V_th=20 * mV, R=1 * Mohm, t_ref=2 * ms
    )
    means = np.array([15.0, 21.0]) if config.quick else np.linspace(8, 28, 11)
    found = noisy_rate(model, means * mV, 5 * mV, neurons=200 if config.quick else 600, seed=1)
    worst = float(np.max(np.abs(found.rate / found.theory - 1)[found.theory > found.theory.max() / 10]))
    print(f"largest relative error above a tenth of the highest rate: {100 * worst:.1f} %")
    save(found.plot(), config.out, "siegert_1951_noisy_rate")
    return worst


if __name__ == "__main__":
    program.run(Config, main)
