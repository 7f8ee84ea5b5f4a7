"""Two populations decide which way the dots move.

Question: how does a network make up its mind?
Expected: both ramp up, then one wins with about 25 Hz, mostly the right one, and the other falls below 6 Hz.
Source: Wang 2002, Neuron 36:955, figures 2 and 3
"""

from dataclasses import dataclass
from pathlib import Path

from brian2 import Hz, second

from neurobridge import program
from neurobridge.neuro.networks.decision import Decision
from neurobridge.plots.style import save


@dataclass
class Config:
    """Two populations decide which way the dots move."""

    out: Path = Path("results")
    """Folder of the figure."""
    quick: bool = False
    """Fewer points: a look, not a result."""


def main(config: Config) -> float:
    """Simulate one trial, draw, and return the rate before the motion in Hz."""
    network = Decision(excitatory=160, onset=0.25) if config.quick else Decision()
    found = network.run((0.4 if config.quick else 2.2) * second, seed=1)
    print(
        f"before the motion {float(found.before / Hz):.1f} Hz; winner {float(found.winner / Hz):.1f} Hz, "
        f"loser {float(found.loser / Hz):.1f} Hz, {'right' if found.correct else 'wrong'}"
    )
    save(found.plot(), config.out, "wang_2002_decision")
    return float(found.before / Hz)


if __name__ == "__main__":
    program.run(Config, main)
