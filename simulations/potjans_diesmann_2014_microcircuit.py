"""The spontaneous activity of a square millimetre of cortex.

Question: what rates follow from the anatomy of the layers?
Expected: low and different rates: layer 2/3 and 6 excitatory about 1 Hz, layer 5 about 8 Hz.
Source: Potjans, Diesmann 2014, Cereb Cortex 24:785, figure 6
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from brian2 import Hz, second

from neurobridge import program
from neurobridge.neuro.networks.microcircuit import POPULATIONS, RATES, Microcircuit, mean_absolute_deviation
from neurobridge.plots.style import save


@dataclass
class Config:
    """The spontaneous activity of a square millimetre of cortex."""

    out: Path = Path("results")
    """Folder of the figure."""
    scale: float = 0.1
    """Part of the neurons and of their synapses."""
    quick: bool = False
    """A hundredth of the network: a look, not a result."""


def main(config: Config) -> float:
    """Simulate, draw, and return the mean difference from the published rates in Hz."""
    network = Microcircuit(scale=0.01 if config.quick else config.scale)
    lengths = (0.15, 0.05) if config.quick else (1.0, 0.3)
    found = network.run(lengths[0] * second, lengths[1] * second, seed=1)
    for name, rate, published in zip(POPULATIONS, np.asarray(found.rate / Hz), RATES, strict=True):
        print(f"{name}: {rate:.2f} Hz (full scale {published:.2f})")
    save(found.plot(), config.out, "potjans_diesmann_2014_microcircuit")
    return mean_absolute_deviation(found)


if __name__ == "__main__":
    program.run(Config, main)
