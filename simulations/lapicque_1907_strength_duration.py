"""How strong a short pulse must be.

Question: which charge makes a spike?
Expected: threshold = rheobase/(1 - exp(-width/tau)); chronaxie tau ln 2 = 5.55 ms here.
Source: Lapicque 1907, J Physiol Pathol Gen 9:620; Brunel, van Rossum 2007, Biol Cybern 97:337
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from brian2 import ms

from neurobridge import program
from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.protocols.rheobase import strength_duration
from neurobridge.plots.style import save


@dataclass
class Config:
    """How strong a short pulse must be."""

    out: Path = Path("results")
    """Folder of the figure."""
    quick: bool = False
    """Fewer points: a look, not a result."""


def main(config: Config) -> float:
    """Measure, draw, and return the chronaxie in ms."""
    widths = np.array([2.0, 20.0]) * ms if config.quick else np.geomspace(1, 100, 20) * ms
    found = strength_duration(neuron("leaky"), widths, dt=0.05 * ms)
    chronaxie = float(found.chronaxie / ms)
    print(f"chronaxie: {chronaxie:.2f} ms (tau ln 2 = {8 * np.log(2):.2f})")
    save(found.plot(), config.out, "lapicque_1907_strength_duration")
    return chronaxie


if __name__ == "__main__":
    program.run(Config, main)
