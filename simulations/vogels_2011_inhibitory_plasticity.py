"""Inhibition learns to balance excitation.

Question: how does a network come to fire slowly and irregularly, whatever its connections?
Expected: inhibitory synapses that start at zero grow until the excitatory neurons fire near the target of 3 Hz, with
a CV near 0.8; neurons that fire like a clock have 0.
Source: Vogels, Sprekeler, Zenke, Clopath, Gerstner 2011, Science 334:1569, figures 2 and 3
"""

from dataclasses import dataclass
from pathlib import Path

from brian2 import Hz, second

from neurobridge import program
from neurobridge.neuro.networks.inhibitory_balance import InhibitoryBalance
from neurobridge.plots.style import save


@dataclass
class Config:
    """Inhibition learns to balance excitation."""

    out: Path = Path("results")
    """Folder of the figure."""
    seconds: float = 20.0
    """How long it learns."""
    quick: bool = False
    """A small network for a moment: a look, not a result."""


def main(config: Config) -> float:
    """Simulate, draw, and return the rate of the excitatory neurons at the end in Hz."""
    network = InhibitoryBalance(size=250) if config.quick else InhibitoryBalance()
    duration, settled = (0.4, 0.2) if config.quick else (config.seconds, 2.0)
    found = network.run(duration * second, settled * second, seed=1)
    print(
        f"from {float(found.rate[0] / Hz):.0f} Hz at the start to {float(found.reached / Hz):.2f} Hz, "
        f"target {float(found.target / Hz):g} Hz; CV {found.variation:.2f}"
    )
    save(found.plot(), config.out, "vogels_2011_inhibitory_plasticity")
    return float(found.reached / Hz)


if __name__ == "__main__":
    program.run(Config, main)
