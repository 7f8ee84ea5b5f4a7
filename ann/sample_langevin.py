"""Does gradient descent with thermal noise settle to exp(-U / T)?

Expected: histograms of many chains match the density to a total variation of 0.01 or so; cold chains stay
in the well where they started, for longer than one waits.

Source: Welling and Teh 2011, Bayesian learning via stochastic gradient Langevin dynamics.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from neurobridge import program
from neurobridge.ann.generalization.langevin import POTENTIALS, boltzmann, langevin, total_variation
from neurobridge.errors import lookup
from neurobridge.plots.generalization import stationary
from neurobridge.plots.style import save


@dataclass
class Config:
    """The potential and the chains."""

    potential: str = "tilted double well"
    """Name of the potential."""
    temperatures: tuple[float, ...] = (0.1, 0.3, 0.6)
    """Temperatures, one panel each."""
    lr: float = 0.01
    """Step."""
    chains: int = 1000
    """Walkers, started evenly."""
    steps: int = 6000
    """Updates; the first third is forgotten."""
    out: Path = Path("reports/generalization")
    """Folder of the figure."""


def main(config: Config) -> None:
    """Run, compare, draw."""
    torch.set_num_threads(1)
    potential = lookup("potential", config.potential, POTENTIALS)
    edges = np.linspace(-2.2, 2.2, 56)
    panels = {}
    for temperature in config.temperatures:
        samples = langevin(
            potential, temperature, lr=config.lr, chains=config.chains, steps=config.steps, burn_in=config.steps // 3
        )
        expected = boltzmann(potential, temperature, edges)
        distance = total_variation(samples, expected, edges)
        panels[f"T = {temperature:g}"] = (np.histogram(samples, edges)[0] / samples.size, expected, distance)
        print(f"T = {temperature:g}: total variation {distance:.4f}, left of 0: {np.mean(samples < 0):.3f}", flush=True)
    save(stationary(edges, panels), config.out, "langevin")
    print(f"written to {config.out}")


if __name__ == "__main__":
    program.run(Config, main)
