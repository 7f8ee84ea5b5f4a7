"""Two types of excitability in one model, by four parameters.

Question: can a neuron fire as slowly as one likes?
Expected: the Hopf set starts at about 10 Hz near 94 uA/cm2, the saddle-node set from zero at 39.96.
Source: Rinzel, Ermentrout 1998, Methods in Neuronal Modeling, ch. 7, figures 7.5 to 7.8
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from brian2 import Hz, cm, ms, mV, uA

from neurobridge import program
from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.protocols.bifurcation import bifurcations
from neurobridge.neuro.protocols.fi_curve import fi_curve
from neurobridge.neuro.protocols.phase_plane import phase_plane
from neurobridge.plots.neurons import Series, curve
from neurobridge.plots.style import save


@dataclass
class Config:
    """Two types of excitability in one model, by four parameters."""

    out: Path = Path("results")
    """Folder of the figure."""
    quick: bool = False
    """Fewer points: a look, not a result."""


def main(config: Config) -> float:
    """Measure, draw, and return the fold of the saddle-node set in uA/cm2."""
    unit, points, lines = uA / cm**2, 8 if config.quick else 40, []
    for variant, low, high in (("hopf", 85, 130), ("saddle-node", 38, 60)):
        model = neuron(f"morris-lecar:{variant}")
        found = fi_curve(model, np.linspace(low, high, points) * unit, duration=(600 if config.quick else 3000) * ms)
        lines.append(Series(x=np.asarray(found.current / unit) - low, y=np.asarray(found.rate / Hz), name=variant))
    save(curve(lines, "I above the left edge [uA/cm2]", "rate [Hz]", "Morris-Lecar"), config.out, "excitability_rates")
    fold = bifurcations(neuron("morris-lecar:saddle-node"), -60 * mV, 15 * mV, 150 if config.quick else 600)
    save(fold.plot(), config.out, "rinzel_ermentrout_1998_excitability")
    plane = phase_plane(neuron("morris-lecar:saddle-node"), 35 * unit, low=-70 * mV, high=40 * mV)
    save(plane.plot(), config.out, "excitability_phase_plane")
    onset = float(fold.fold_current[0] / unit)
    print(f"saddle-node set: fold at {onset:.3f} uA/cm2 (published 39.963); fixed points at 35: {plane.point_kinds}")
    return onset


if __name__ == "__main__":
    program.run(Config, main)
