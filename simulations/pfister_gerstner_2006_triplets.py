"""Triplets of spikes explain why the rate of pairing matters.

Question: why do late-before-early pairs depress at 10 Hz and potentiate at 50?
Expected: -0.33 at 10 Hz and +0.73 at 50 Hz for pairs of -10 ms; pairs alone cannot do this.
Source: Pfister, Gerstner 2006, J Neurosci 26:9673, figure 2; data of Sjostrom et al. 2001
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from brian2 import Hz

from neurobridge import program
from neurobridge.neuro.plasticity import PLASTICITY
from neurobridge.neuro.protocols.pairing import pairing_rate
from neurobridge.plots.style import save


@dataclass
class Config:
    """Triplets of spikes explain why the rate of pairing matters."""

    out: Path = Path("results")
    """Folder of the figure."""
    quick: bool = False
    """Fewer points: a look, not a result."""


def main(config: Config) -> float:
    """Simulate the pairings, draw, and return the change by pairs of -10 ms at 50 Hz."""
    rates = np.array([10, 50]) * Hz if config.quick else np.array([1, 2, 5, 10, 20, 40, 50]) * Hz
    found = pairing_rate(PLASTICITY["triplet"], rates)
    print(f"pairs of -10 ms at 50 Hz: {found.change[0, -1]:+.4f} (published parameters +0.7272)")
    save(found.plot(), config.out, "pfister_gerstner_2006_triplets")
    return float(found.change[0, -1])


if __name__ == "__main__":
    program.run(Config, main)
