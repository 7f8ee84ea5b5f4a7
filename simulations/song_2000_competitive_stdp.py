"""Synapses compete by the timing of their spikes.

Question: what becomes of a thousand synapses that all change by the order of spikes?
Expected: within 100 s most of them (63 %, 40 at the start) end in the lowest or the highest fifth, and the neuron,
which fired at 40 Hz, fires at 22.
Source: Song, Miller, Abbott 2000, Nat Neurosci 3:919, figure 2
"""

from dataclasses import dataclass
from pathlib import Path

from brian2 import Hz, second

from neurobridge import program
from neurobridge.neuro.networks.competition import Competition
from neurobridge.plots.style import save


@dataclass
class Config:
    """Synapses compete by the timing of their spikes."""

    out: Path = Path("results")
    """Folder of the figure."""
    seconds: float = 100.0
    """How long they compete."""
    quick: bool = False
    """A second of it: a look, not a result."""


def main(config: Config) -> float:
    """Simulate, draw, and return the part of the weights in the outer fifths."""
    duration, width = (1.0, 0.5) if config.quick else (config.seconds, config.seconds / 20)
    found = Competition().run(duration * second, width * second, seed=1)
    print(f"{100 * found.outer:.0f} % of the weights in the outer fifths (40 % at the start)")
    print(f"rate from {float(found.rate[0] / Hz):.0f} to {float(found.rate[-1] / Hz):.0f} Hz")
    save(found.plot(), config.out, "song_2000_competitive_stdp")
    return found.outer


if __name__ == "__main__":
    program.run(Config, main)
