"""Does the noise of small batches and large steps find flatter minima, and do those generalise better?

Expected: at equal training time (learning rate x updates) the curvature at the end falls with learning rate
/ batch size, while the gap changes little on this task: sharpness follows the noise more surely than the
gap follows sharpness.

Source: Jastrzebski et al. 2017, Three factors influencing minima in SGD; Keskar et al. 2017, On large-batch
training; Dinh et al. 2017, Sharp minima can generalize, for the caution.
"""

from dataclasses import dataclass
from math import ceil
from pathlib import Path

import numpy as np
import torch

from neurobridge import program, tasks
from neurobridge.ann.generalization.study import Setting, investigate
from neurobridge.plots.generalization import noise_and_sharpness
from neurobridge.plots.style import save


@dataclass
class Config:
    """The grid."""

    batches: tuple[int, ...] = (5, 20, 100)
    """Batch sizes."""
    rates: tuple[float, ...] = (0.05, 0.1, 0.2, 0.4)
    """Learning rates."""
    time: float = 150.0
    """Learning rate x updates of every run."""
    samples: int = 200
    """Training samples."""
    seeds: tuple[int, ...] = (0, 1)
    """Seeds of weights, batches and samples."""
    out: Path = Path("reports/generalization")
    """Folder of the figure."""


def main(config: Config) -> None:
    """Run the grid, print, draw."""
    torch.set_num_threads(1)
    rows = []
    for batch in config.batches:
        for rate in config.rates:
            rows += [run(config, batch, rate, seed) for seed in config.seeds]
            print(f"batch {batch:4d} lr {rate:<5g} highest {rows[-1][1]:.3g} gap {rows[-1][2]:.3f}", flush=True)
    ratio, sharpness, gap, batch_sizes = np.array(rows).T
    for name, values in (("log sharpness", np.log(sharpness)), ("gap", gap)):
        print(f"correlation of log(lr / batch) with {name}: {np.corrcoef(np.log(ratio), values)[0, 1]:.2f}")
    print(f"correlation of log sharpness with gap: {np.corrcoef(np.log(sharpness), gap)[0, 1]:.2f}")
    save(noise_and_sharpness(ratio, sharpness, gap, batch_sizes), config.out, "noise-and-sharpness")
    print(f"written to {config.out}")


def run(config: Config, batch: int, rate: float, seed: int) -> tuple[float, float, float, float]:
    """Return learning rate / batch size, highest curvature, gap of the log loss, batch size."""
    updates = config.time / rate
    epochs = ceil(updates / ceil(config.samples / batch))
    setting = Setting(samples=config.samples, batch_size=batch, lr=rate, epochs=epochs, seed=seed)
    finding = investigate(tasks.load("digits"), setting)  # type: ignore[arg-type]
    return rate / batch, finding.sharpness.top, finding.loss.value, batch


if __name__ == "__main__":
    program.run(Config, main)
