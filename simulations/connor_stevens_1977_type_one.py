"""An A current makes a Hodgkin-Huxley neuron fire slowly.

Question: what does the transient potassium current do to the onset of firing?
Expected: with it firing starts from a few Hz at 8.2 uA/cm2; without it (the Hodgkin-Huxley neuron) it jumps to 50 Hz.
Source: Connor, Walter, McKown 1977, Biophys J 18:81; Dayan, Abbott 2001, figure 6.1
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from brian2 import Hz, cm, ms, uA

from neurobridge import program
from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.protocols.fi_curve import fi_curve
from neurobridge.plots.neurons import Series, curve
from neurobridge.plots.style import save


@dataclass
class Config:
    """An A current makes a Hodgkin-Huxley neuron fire slowly."""

    out: Path = Path("results")
    """Folder of the figure."""
    quick: bool = False
    """Fewer points: a look, not a result."""


def main(config: Config) -> float:
    """Measure both curves, draw them, and return the rate at 10 uA/cm2 in Hz."""
    unit, lines = uA / cm**2, []
    currents = np.array([5, 8.5, 10, 15]) if config.quick else np.linspace(5, 20, 61)
    for name, label in (("connor-stevens", "with A current"), ("hodgkin-huxley", "Hodgkin-Huxley")):
        length = (200 if config.quick else 800) * ms
        found = fi_curve(neuron(name), currents * unit, duration=length, settle=50 * ms, dt=0.05 * ms)
        lines.append(Series(x=currents, y=np.asarray(found.rate / Hz), name=label))
    save(curve(lines, "I [uA/cm2]", "rate [Hz]", "onset of firing"), config.out, "connor_stevens_1977_type_one")
    at_ten = float(np.interp(10.0, currents, lines[0].y))
    print(f"rate at 10 uA/cm2: {at_ten:.2f} Hz (published parameters: 34.05)")
    return at_ten


if __name__ == "__main__":
    program.run(Config, main)
