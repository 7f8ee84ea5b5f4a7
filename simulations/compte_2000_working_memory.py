"""A bump of activity that remembers a place.

Question: how can a place be remembered without input?
Expected: after a cue at 180 degrees the bump stays for a second and moves by no more than 15 degrees.
Source: Compte, Brunel, Goldman-Rakic, Wang 2000, Cereb Cortex 10:910, figure 2
"""

from dataclasses import dataclass
from pathlib import Path

from brian2 import second

from neurobridge import program
from neurobridge.neuro.networks.ring import Ring
from neurobridge.plots.style import save


@dataclass
class Config:
    """A bump of activity that remembers a place."""

    out: Path = Path("results")
    """Folder of the figure."""
    quick: bool = False
    """Fewer points: a look, not a result."""


def main(config: Config) -> float:
    """Simulate, draw, and return the drift of the memory in degrees."""
    network = Ring(excitatory=128) if config.quick else Ring()
    found = network.run((0.5 if config.quick else 1.5) * second, seed=1)
    drift = abs(float(found.angle[-1]) - found.cue)
    print(f"memory: {found.angle[-1]:.1f} degrees, {drift:.1f} from the cue; strength {found.strength[-1]:.2f}")
    save(found.plot(), config.out, "compte_2000_working_memory")
    return drift


if __name__ == "__main__":
    program.run(Config, main)
