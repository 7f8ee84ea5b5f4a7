"""Magnesium closes NMDA channels at rest.

Question: at which voltages do NMDA receptors pass current?
Expected: 4.45 % of the channels are open at -70 mV, half at -20.5 mV; the current is largest near -20 mV.
Source: Jahr, Stevens 1990, J Neurosci 10:3178, figure 2
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from neurobridge import program
from neurobridge.neuro.synapses.receptors import magnesium_block
from neurobridge.plots.neurons import Series, curve
from neurobridge.plots.style import save


@dataclass
class Config:
    """Magnesium closes NMDA channels at rest."""

    out: Path = Path("results")
    """Folder of the figure."""


def main(config: Config) -> float:
    """Draw current against voltage and return the open part at -70 mV."""
    voltage = np.linspace(-100, 60, 161)
    lines = [
        Series(x=voltage, y=voltage * magnesium_block(voltage, concentration), name=f"{concentration:g} mM magnesium")
        for concentration in (0.01, 0.1, 1.0)
    ]
    figure = curve(lines, "v [mV]", "current over conductance [mV]", "NMDA")
    open_part = float(magnesium_block(-70.0))
    print(f"open at -70 mV: {open_part:.4f} (published 0.0445)")
    save(figure, config.out, "jahr_stevens_1990_magnesium_block")
    return open_part


if __name__ == "__main__":
    program.run(Config, main)
