"""Twenty behaviours of neurons from one model.

Question: can two variables do what cortical neurons do?
Expected: all twenty panels, with the spike counts of the published program.
Source: Izhikevich 2004, IEEE Trans Neural Netw 15:1063, figure 1
"""

from dataclasses import dataclass
from pathlib import Path

from brian2 import ms

from neurobridge import program
from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.neurons.izhikevich_patterns import PATTERNS
from neurobridge.neuro.protocols.step import respond
from neurobridge.plots.neurons import gallery
from neurobridge.plots.style import save


@dataclass
class Config:
    """Twenty behaviours of neurons from one model."""

    out: Path = Path("results")
    """Folder of the figure."""
    quick: bool = False
    """Fewer points: a look, not a result."""


def main(config: Config) -> float:
    """Simulate every panel, draw them, and return the number of spikes in all."""
    names = list(PATTERNS)[:4] if config.quick else list(PATTERNS)
    found = []
    for name in names:
        pattern = PATTERNS[name]
        model = neuron(f"izhikevich:{name}")
        found.append(respond(model, pattern.stimulus(), pattern.duration * ms, name, dt=pattern.step * ms))
    time, voltage, current = zip(*(response.drawn() for response in found), strict=True)
    figure = gallery(
        time,
        voltage,
        current,
        [f"({PATTERNS[name].letter}) {name.replace('-', ' ')}" for name in names],
    )
    spikes = sum(len(response.spikes) for response in found)
    print(f"spikes in all panels: {spikes} (published program: {'40 in the first four' if config.quick else 114})")
    save(figure, config.out, "izhikevich_2004_twenty_patterns")
    return float(spikes)


if __name__ == "__main__":
    program.run(Config, main)
