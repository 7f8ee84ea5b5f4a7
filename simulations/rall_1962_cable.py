"""A steady voltage along a dendrite.

Question: how far does a synapse reach?
Expected: the voltage falls as exp(-x/lambda), lambda = sqrt(d Rm/(4 Ri)) = 1 mm here.
Source: Rall 1962, Ann N Y Acad Sci 96:1071; Koch 1999, ch. 2
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from brian2 import um

from neurobridge import program
from neurobridge.neuro.cables import CABLES
from neurobridge.neuro.protocols.cable import attenuation
from neurobridge.plots.style import save


@dataclass
class Config:
    """A steady voltage along a dendrite."""

    out: Path = Path("results")
    """Folder of the figure."""
    quick: bool = False
    """Fewer points: a look, not a result."""


def main(config: Config) -> float:
    """Simulate, draw, and return the length constant in um."""
    model = CABLES["passive-cable"].with_parameters(compartments=200 if config.quick else 800)
    found = attenuation(model)
    near = found.distance < 1000 * um
    slope, _ = np.polyfit(np.asarray(found.distance[near] / um), np.log(np.asarray(found.deflection[near])), 1)
    print(f"length constant: {-1 / slope:.1f} um (theory {float(found.length_constant / um):.1f})")
    save(found.plot(), config.out, "rall_1962_cable")
    return float(-1 / slope)


if __name__ == "__main__":
    program.run(Config, main)
