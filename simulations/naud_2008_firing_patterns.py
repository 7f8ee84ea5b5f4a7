"""Eight firing patterns of the adaptive exponential neuron.

Question: which patterns come from one current w?
Expected: tonic, adapting, bursting, delayed, transient and irregular firing, with the published counts.
Source: Naud, Marcille, Clopath, Gerstner 2008, Biol Cybern 99:335, figure 4
"""

from dataclasses import dataclass
from pathlib import Path

from brian2 import ms

from neurobridge import program
from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.neurons.adaptive_exponential import NAUD_CURRENTS
from neurobridge.neuro.protocols.step import step_response
from neurobridge.plots.neurons import gallery
from neurobridge.plots.style import save


@dataclass
class Config:
    """Eight firing patterns of the adaptive exponential neuron."""

    out: Path = Path("results")
    """Folder of the figure."""
    quick: bool = False
    """Fewer points: a look, not a result."""


def main(config: Config) -> float:
    """Simulate every pattern, draw them, and return the number of spikes of the adapting one."""
    names = list(NAUD_CURRENTS)[:2] if config.quick else list(NAUD_CURRENTS)
    found = [
        step_response(
            neuron(f"adaptive-exponential:{name}"),
            NAUD_CURRENTS[name],
            start=20 * ms,
            width=480 * ms,
            duration=500 * ms,
        )
        for name in names
    ]
    time, voltage, current = zip(*(response.drawn() for response in found), strict=True)
    figure = gallery(
        time,
        voltage,
        current,
        [name.replace("-", " ") for name in names],
    )
    for name, response in zip(names, found, strict=True):
        print(f"{name}: {len(response.spikes)} spikes")
    save(figure, config.out, "naud_2008_firing_patterns")
    return float(len(found[1].spikes))


if __name__ == "__main__":
    program.run(Config, main)
