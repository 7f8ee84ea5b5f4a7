"""Gamma oscillations from pyramidal cells and interneurons.

Question: where does gamma come from?
Expected: synchronous cycles between 30 and 80 Hz; the interneurons fire a few ms after the pyramidal cells.
Source: Whittington et al. 1995, Nature 373:612; Borgers, Kopell 2003, Neural Comput 15:509
"""

from dataclasses import dataclass
from pathlib import Path

from brian2 import Hz, ms

from neurobridge import program
from neurobridge.neuro.networks.ping import Ping
from neurobridge.plots.style import save


@dataclass
class Config:
    """Gamma oscillations from pyramidal cells and interneurons."""

    out: Path = Path("results")
    """Folder of the figure."""
    quick: bool = False
    """Fewer points: a look, not a result."""


def main(config: Config) -> float:
    """Simulate, draw, and return the frequency in Hz."""
    network = Ping(excitatory=40) if config.quick else Ping()
    found = network.run((150 if config.quick else 500) * ms, (50 if config.quick else 100) * ms, seed=1)
    rhythm = float(found.rhythm("pyramidal", 15 * Hz, 120 * Hz) / Hz)
    print(f"rhythm: {rhythm:.1f} Hz (gamma is 30 to 80)")
    save(found.plot(), config.out, "borgers_kopell_2003_gamma")
    return rhythm


if __name__ == "__main__":
    program.run(Config, main)
