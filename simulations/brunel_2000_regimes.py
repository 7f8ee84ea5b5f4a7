"""Four regimes of a sparse network of excitation and inhibition.

Question: what do strength of inhibition and external drive decide?
Expected: synchronous regular, fast oscillation, asynchronous irregular (38 Hz in theory), slow oscillation.
Source: Brunel 2000, J Comput Neurosci 8:183, figure 8 and table 1
"""

from dataclasses import dataclass
from pathlib import Path

from brian2 import Hz, mV, second

from neurobridge import program
from neurobridge.neuro.networks.brunel import REGIMES, Brunel, run_regimes
from neurobridge.plots.style import save


@dataclass
class Config:
    """Four regimes of a sparse network of excitation and inhibition."""

    out: Path = Path("results")
    """Folder of the figure."""
    quick: bool = False
    """One regime of a network of 500 neurons: a look, not a result."""


def main(config: Config) -> float:
    """Simulate, draw, and return the rate of the asynchronous irregular regime in Hz."""
    size = {"excitatory": 400, "jump": 0.5 * mV, "connectivity": 0.5} if config.quick else {}
    chosen = {"asynchronous-irregular": (5.0, 2.0)} if config.quick else REGIMES
    networks = [Brunel(g=g, eta=eta, **size) for g, eta in chosen.values()]
    lengths = (0.15, 0.05) if config.quick else (0.6, 0.2)
    found = run_regimes(networks, lengths[0] * second, lengths[1] * second)
    for name, network, activity in zip(chosen, networks, found, strict=True):
        rate, theory = float(activity.rate[0] / Hz), float(network.mean_field() / Hz)
        print(f"{name}: {rate:.1f} Hz (mean field {theory:.1f}), CV {activity.variation[0]:.2f}")
        save(activity.plot(), config.out, f"brunel_2000_{name}")
    return float(found[-1 if config.quick else 2].rate[0] / Hz)


if __name__ == "__main__":
    program.run(Config, main)
