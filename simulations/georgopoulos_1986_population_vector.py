"""Reading a direction from a population.

Question: how well does the population vector know where the hand goes?
Expected: the error falls as one over the root of neurons times time.
Source: Georgopoulos, Schwartz, Kettner 1986, Science 233:1416; Seung, Sompolinsky 1993, PNAS 90:10749
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from neurobridge import program
from neurobridge.plots.neurons import Series, curve
from neurobridge.plots.style import save
from neurobridge.spikes.decode.population import population_vector
from neurobridge.spikes.encode.population import cosine_tuning


@dataclass
class Config:
    """Reading a direction from a population."""

    out: Path = Path("results")
    """Folder of the figure."""
    quick: bool = False
    """Fewer points: a look, not a result."""


def main(config: Config) -> float:
    """Decode, draw, and return the slope in the logarithmic plot."""
    random, trials = np.random.default_rng(1), 500 if config.quick else 5000
    sizes = np.array([4, 8, 16, 32, 64, 128])
    directions, errors = random.uniform(-np.pi, np.pi, trials), []
    for size in sizes:
        found = population_vector(random.poisson(0.5 * cosine_tuning(int(size), 40.0)(directions)).T)
        errors.append(np.degrees(np.sqrt(np.mean(np.angle(np.exp(1j * (found - directions))) ** 2))))
    lines = [
        Series(x=sizes, y=np.array(errors), name="population vector"),
        Series(x=sizes, y=errors[-1] * np.sqrt(128 / sizes), name="1/sqrt(neurons)", theory=True),
    ]
    figure = curve(lines, "neurons", "error [degrees]", "cosine tuning, 0.5 s", logarithmic="xy")
    slope, _ = np.polyfit(np.log(sizes[1:]), np.log(errors[1:]), 1)
    print(f"slope of error against neurons: {slope:.3f} (theory -0.5)")
    save(figure, config.out, "georgopoulos_1986_population_vector")
    return float(slope)


if __name__ == "__main__":
    program.run(Config, main)
