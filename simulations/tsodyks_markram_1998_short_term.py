"""Depression and facilitation of one train.

Question: what does a synapse make of a rate?
Expected: a depressing synapse falls to 0.057 at 20 Hz, a facilitating one rises to 0.288.
Source: Tsodyks, Pawelzik, Markram 1998, Neural Comput 10:821, figure 1
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from brian2 import Hz, ms

from neurobridge import program
from neurobridge.neuro.protocols.short_term_train import short_term_train
from neurobridge.neuro.synapses import SHORT_TERM
from neurobridge.plots.style import save


@dataclass
class Config:
    """Depression and facilitation of one train."""

    out: Path = Path("results")
    """Folder of the figure."""
    quick: bool = False
    """Fewer points: a look, not a result."""


def main(config: Config) -> float:
    """Simulate, draw, and return the release of the depressing synapse at 20 Hz."""
    for name in ("facilitating", "depressing"):
        spikes = 20 if config.quick else 60
        found = short_term_train(SHORT_TERM[name], np.array([5, 20, 50]) * Hz, spikes=spikes, dt=5 * ms)
        print(f"{name} at 20 Hz: {found.released[1, -1]:.4f} (fixed point {found.steady[1]:.4f})")
        save(found.plot(), config.out, f"tsodyks_markram_1998_{name}")
    return float(found.released[1, -1])


if __name__ == "__main__":
    program.run(Config, main)
