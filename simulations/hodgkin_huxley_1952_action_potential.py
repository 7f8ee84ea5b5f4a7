"""The action potential of the squid giant axon at three temperatures.

Question: how does warmth change the spike?
Expected: a peak near 40 mV at 6.3 degrees; warmer spikes are shorter and smaller.
Source: Hodgkin, Huxley 1952, J Physiol 117:500, figures 12 and 14; peak recomputed as 40.3 mV at 10 uA/cm2
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from brian2 import cm, ms, mV, uA

from neurobridge import program
from neurobridge.neuro.neurons import neuron
from neurobridge.neuro.protocols.step import step_response
from neurobridge.plots.neurons import Row, traces
from neurobridge.plots.style import save


@dataclass
class Config:
    """The action potential of the squid giant axon at three temperatures."""

    out: Path = Path("results")
    """Folder of the figure."""
    quick: bool = False
    """Fewer points: a look, not a result."""


def main(config: Config) -> float:
    """Simulate, draw, and return the peak at 6.3 degrees in mV."""
    temperatures = (6.3,) if config.quick else (6.3, 12.3, 18.3)
    model = neuron("hodgkin-huxley")
    found = [
        step_response(model.with_parameters(celsius=c), 10 * uA / cm**2, start=5 * ms, duration=20 * ms, dt=0.01 * ms)
        for c in temperatures
    ]
    voltage = np.stack([response.voltage / mV for response in found])
    rows = [Row(label="v [mV]", values=voltage, height=2, names=tuple(f"{c} degrees" for c in temperatures))]
    figure = traces(np.asarray(found[0].time / ms), rows, "Hodgkin-Huxley, 10 uA/cm2 from 5 ms on")
    peak = float(voltage[0].max())
    print(f"peak at 6.3 degrees: {peak:.1f} mV (published 40.3)")
    save(figure, config.out, "hodgkin_huxley_1952_action_potential")
    return peak


if __name__ == "__main__":
    program.run(Config, main)
