"""A network that keeps itself firing.

Question: can 4000 neurons remain active without input?
Expected: irregular firing at about 20 Hz (COBA) and 5.5 Hz (CUBA), with CVs of 1.8 and 0.65.
Source: Vogels, Abbott 2005, J Neurosci 25:10786; Brette et al. 2007, J Comput Neurosci 23:349, benchmarks 1 and 2
"""

from dataclasses import dataclass
from pathlib import Path

from brian2 import Hz, second

from neurobridge import program
from neurobridge.neuro.networks.balanced import Balanced
from neurobridge.plots.style import save


@dataclass
class Config:
    """A network that keeps itself firing."""

    out: Path = Path("results")
    """Folder of the figure."""
    quick: bool = False
    """Fewer points: a look, not a result."""


def main(config: Config) -> float:
    """Simulate both versions, draw, and return the rate of COBA in Hz."""
    lengths = (0.2, 0.1) if config.quick else (3.0, 0.5)
    for conductances in (False, True):
        target = "numpy" if config.quick else "auto"
        found = Balanced(conductances=conductances).run(lengths[0] * second, lengths[1] * second, seed=1, target=target)
        print(f"{found.model}: {float(found.rate[0] / Hz):.2f} Hz, CV {found.variation[0]:.2f}")
        save(found.plot(), config.out, f"vogels_abbott_2005_{found.model.lower()}")
    return float(found.rate[0] / Hz)


if __name__ == "__main__":
    program.run(Config, main)
