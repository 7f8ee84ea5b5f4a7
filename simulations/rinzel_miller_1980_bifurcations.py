"""Where the Hodgkin-Huxley neuron starts and stops to oscillate.

Question: how does repetitive firing begin?
Expected: firing jumps to about 50 Hz at 6.3 uA/cm2; rest loses stability at 9.78 and regains it at 154.5 uA/cm2.
Source: Rinzel, Miller 1980, Math Biosci 49:27; Hopf points recomputed as 9.7754 and 154.52
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from brian2 import cm, ms, mV, uA

from neurobridge import program
from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.protocols.bifurcation import bifurcations
from neurobridge.neuro.protocols.fi_curve import fi_curve
from neurobridge.plots.style import save


@dataclass
class Config:
    """Where the Hodgkin-Huxley neuron starts and stops to oscillate."""

    out: Path = Path("results")
    """Folder of the figure."""
    quick: bool = False
    """Fewer points: a look, not a result."""


def main(config: Config) -> float:
    """Scan, draw, and return the lower Hopf point in uA/cm2."""
    unit, model = uA / cm**2, neuron("hodgkin-huxley")
    scan = bifurcations(model, -70 * mV, -38 * mV, 150 if config.quick else 600)
    lower, upper = scan.hopf_current / unit
    print(f"Hopf points: {lower:.4f} and {upper:.2f} uA/cm2 (published 9.78 and 154.5)")
    save(scan.plot(), config.out, "rinzel_miller_1980_bifurcations")
    currents = np.linspace(4, 30, 8 if config.quick else 60) * unit
    rates = fi_curve(model, currents, duration=(150 if config.quick else 500) * ms)
    print(f"slowest repetitive firing: {float(rates.rate[rates.rate > 0].min()):.1f} Hz (published about 50)")
    save(rates.plot(), config.out, "rinzel_miller_1980_rates")
    return float(lower)


if __name__ == "__main__":
    program.run(Config, main)
