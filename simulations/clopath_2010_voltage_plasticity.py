"""Voltage, not only the timing of spikes, decides how a synapse changes.

Question: why do pairs of spikes depress at low rates and potentiate at high ones?
Expected: late-before-early pairs of 10 ms depress up to 40 Hz and potentiate at 50; the others do nothing at 10 Hz and
potentiate the more the faster they come, since the voltage between the spikes rises.
Source: Clopath, Busing, Vasilaki, Gerstner 2010, Nat Neurosci 13:344, figure 2
"""

from dataclasses import dataclass
from pathlib import Path

from neurobridge import program
from neurobridge.neuro.networks.voltage_pairing import VoltagePairing
from neurobridge.plots.style import save


@dataclass
class Config:
    """Voltage, not only the timing of spikes, decides how a synapse changes."""

    out: Path = Path("results")
    """Folder of the figure."""
    quick: bool = False
    """Two rates only."""


def main(config: Config) -> float:
    """Simulate the pairings, draw, and return the change by pairs of -10 ms at 50 Hz."""
    network = VoltagePairing(rates=(20.0, 50.0)) if config.quick else VoltagePairing()
    found = network.run()
    slow = network.rates.index(20.0)
    print(f"pairs of -10 ms: {found.change[0, slow]:+.3f} at 20 Hz, {found.change[0, -1]:+.3f} at 50 Hz")
    print(f"pairs of +10 ms: {found.change[1, slow]:+.3f} at 20 Hz, {found.change[1, -1]:+.3f} at 50 Hz")
    print("NEST's neuron for this rule: -0.178 and +0.092, +0.019 and +0.163")
    save(found.plot(), config.out, "clopath_2010_voltage_plasticity")
    return float(found.change[0, -1])


if __name__ == "__main__":
    program.run(Config, main)
