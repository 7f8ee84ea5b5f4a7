"""A spike that travels along the squid giant axon.

Question: how fast is it?
Expected: 18.8 m/s, as computed by hand in 1952; 21.2 m/s were measured.
Source: Hodgkin, Huxley 1952, J Physiol 117:500, p. 530
"""

from dataclasses import dataclass, replace
from pathlib import Path

from brian2 import cm, ms

from neurobridge import program
from neurobridge.neuro.cables import CABLES
from neurobridge.neuro.protocols.cable import conduction
from neurobridge.plots.style import save


@dataclass
class Config:
    """A spike that travels along the squid giant axon."""

    out: Path = Path("results")
    """Folder of the figure."""
    quick: bool = False
    """Fewer points: a look, not a result."""


def main(config: Config) -> float:
    """Simulate, draw, and return the velocity in m/s."""
    axon = CABLES["axon"]
    if config.quick:
        axon = replace(axon.with_parameters(length=5 * cm, compartments=100), dt=0.01 * ms)
    found = conduction(axon, duration=(3.5 if config.quick else 5) * ms)
    velocity = float(found.velocity)
    print(f"velocity: {velocity:.2f} m/s (published 18.8)")
    save(found.plot(), config.out, "hodgkin_huxley_1952_conduction")
    return velocity


if __name__ == "__main__":
    program.run(Config, main)
