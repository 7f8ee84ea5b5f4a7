"""Volleys that live and volleys that die.

Question: which volleys travel through a synfire chain?
Expected: 85 spikes within 1 ms reach the tenth layer as a sharp volley of about 100; 45 die out on the way.
Source: Diesmann, Gewaltig, Aertsen 1999, Nature 402:529, figures 1 and 3
"""

from dataclasses import dataclass
from pathlib import Path

from neurobridge import program
from neurobridge.neuro.networks.synfire import Synfire
from neurobridge.plots.style import save


@dataclass
class Config:
    """Volleys that live and volleys that die."""

    out: Path = Path("results")
    """Folder of the figure."""
    quick: bool = False
    """Fewer points: a look, not a result."""


def main(config: Config) -> float:
    """Simulate a weak and a strong volley, draw, and return the size of the strong one in the last layer."""
    last = []
    for spikes in (45, 85):
        found = Synfire(spikes=spikes, layers=5 if config.quick else 10).run(seed=1)
        print(f"{spikes} spikes: {found.spikes.tolist()} in the layers")
        save(found.plot(), config.out, f"diesmann_1999_synfire_chain_{spikes}")
        last.append(int(found.spikes[-1]))
    return float(last[1])


if __name__ == "__main__":
    program.run(Config, main)
