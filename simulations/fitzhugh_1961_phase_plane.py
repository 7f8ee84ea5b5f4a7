"""The phase plane of an excitable neuron.

Question: what do nullclines tell about spikes?
Expected: rest is a stable focus; from I = 0.3313 on it is unstable and the neuron oscillates.
Source: FitzHugh 1961, Biophys J 1:445; Hopf points at 0.331281 and 1.418719 (closed form)
"""

from dataclasses import dataclass
from pathlib import Path

from brian2 import ms

from neurobridge import program
from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.protocols.bifurcation import bifurcations
from neurobridge.neuro.protocols.phase_plane import phase_plane
from neurobridge.plots.style import save


@dataclass
class Config:
    """The phase plane of an excitable neuron."""

    out: Path = Path("results")
    """Folder of the figure."""
    quick: bool = False
    """Fewer points: a look, not a result."""


def main(config: Config) -> float:
    """Draw both planes and return the lower Hopf point."""
    model = neuron("fitzhugh-nagumo")
    for current in (0.0, 0.5):
        kicked = model if current else model.with_initial(v=0.5)
        plane = phase_plane(kicked, current, low=-2.5, high=2.5, duration=150 * ms)
        save(plane.plot(), config.out, f"fitzhugh_1961_phase_plane_{current:g}")
        print(f"I = {current:g}: {plane.point_kinds}")
    scan = bifurcations(model, -1.6, 1.6, 100 if config.quick else 600)
    save(scan.plot(), config.out, "fitzhugh_1961_bifurcations")
    print(f"Hopf points: {scan.hopf_current[0]:.6f} and {scan.hopf_current[1]:.6f} (closed form 0.331281 and 1.418719)")
    return float(scan.hopf_current[0])


if __name__ == "__main__":
    program.run(Config, main)
