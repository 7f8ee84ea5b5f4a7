"""Phase response curves tell the onset of firing.

Question: how does a spike time answer a small kick?
Expected: a type I neuron is only advanced, as 1 - cos; a Hodgkin-Huxley neuron is delayed early and advanced late.
Source: Ermentrout 1996, Neural Comput 8:979, figures 1 and 2
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from brian2 import cm, ms, nA, uA

from neurobridge import program
from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.protocols.phase_response import phase_response
from neurobridge.plots.neurons import Series, curve
from neurobridge.plots.style import save


@dataclass
class Config:
    """Phase response curves tell the onset of firing."""

    out: Path = Path("results")
    """Folder of the figure."""
    quick: bool = False
    """Fewer points: a look, not a result."""


def main(config: Config) -> float:
    """Measure, draw, and return the correlation of the quadratic neuron with 1 - cos."""
    points = 12 if config.quick else 40
    one = phase_response(
        neuron("quadratic:normal-form"), 0.25 * nA, pulse=0.1 * nA, points=points, settle=100 * ms, dt=0.02 * ms
    )
    unit = uA / cm**2
    two = phase_response(
        neuron("hodgkin-huxley"),
        10 * unit,
        pulse=4 * unit,
        points=points,
        settle=60 * ms,
        dt=0.05 * ms if config.quick else 0.02 * ms,
    )
    lines = [
        Series(x=found.phase, y=found.advance / np.abs(found.advance).max(), name=name)
        for found, name in ((one, "quadratic (type I)"), (two, "Hodgkin-Huxley (type II)"))
    ]
    phase = np.linspace(0, 1, 200)
    lines.append(Series(x=phase, y=0.5 * (1 - np.cos(2 * np.pi * phase)), name="(1 - cos)/2", theory=True))
    figure = curve(lines, "phase of the kick", "advance over its largest", "phase response")
    likeness = float(np.corrcoef(one.advance, 1 - np.cos(2 * np.pi * one.phase))[0, 1])
    print(
        f"correlation of the type I curve with 1 - cos: {likeness:.3f}; "
        f"largest delay of type II: {two.advance.min():.4f}"
    )
    save(figure, config.out, "ermentrout_1996_phase_response")
    return likeness


if __name__ == "__main__":
    program.run(Config, main)
