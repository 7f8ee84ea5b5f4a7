"""Do more parameters than samples hurt?

Expected: the test error of least squares on random features falls, peaks where features equal samples, and
falls again below its first minimum; a ridge penalty removes the peak.

Source: Belkin et al. 2019, Reconciling modern machine-learning practice and the classical bias-variance
trade-off.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from neurobridge import program
from neurobridge.ann.generalization.double_descent import double_descent
from neurobridge.plots import generalization as figures
from neurobridge.plots.style import save
from neurobridge.tasks.digits import originals


@dataclass
class Config:
    """The sweep."""

    samples: int = 200
    """Training samples."""
    features: tuple[int, ...] = (10, 20, 40, 70, 100, 130, 160, 180, 200, 220, 250, 300, 400, 600, 1000, 2000)
    """Numbers of random features."""
    label_noise: float = 0.1
    """Share of random training labels."""
    ridge: float = 0.1
    """Penalty of the second curve."""
    seeds: tuple[int, ...] = (0, 1, 2, 3)
    """Seeds of features and noise."""
    out: Path = Path("reports/generalization")
    """Folder of the figure."""


def main(config: Config) -> None:
    """Sweep, print, draw."""
    train, _, test = originals()
    part = train.head(config.samples)
    plain, tamed = (
        double_descent(part, test, config.features, ridge=ridge, label_noise=config.label_noise, seeds=config.seeds)
        for ridge in (0.0, config.ridge)
    )
    for count, error, calm in zip(config.features, plain.test.mean(1), tamed.test.mean(1), strict=True):
        print(f"{count:5d} features: test error {error:.3f}, with ridge {calm:.3f}")
    curves = {"least norm": plain.test, f"ridge {config.ridge:g}": tamed.test}
    figure = figures.double_descent(np.array(config.features), curves, plain.train, config.samples)
    save(figure, config.out, "double-descent")
    print(f"written to {config.out}")


if __name__ == "__main__":
    program.run(Config, main)
