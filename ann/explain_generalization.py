"""What closes the gap between training and test? One network, one switch at a time.

Expected: with 200 training digits every network that can fit them does, and the gap is what differs:
weights that start too large widen it, a wide layer narrows it although it has more to fit with;
regularisers trade training loss for nothing or little on so easy a task; with a fifth of the labels random
they pay. Sharpness and gap need not agree: the widest gap here comes with a flat minimum.

Source: Zhang et al. 2017, Understanding deep learning requires rethinking generalization; Glorot and Bengio
2010; He et al. 2015.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from neurobridge import program, tasks
from neurobridge.ann.generalization.study import INITIAL_WEIGHTS, SWITCHES, Setting, draw_model, investigate, switched
from neurobridge.plots import generalization as figures
from neurobridge.plots.style import save
from neurobridge.tasks import SupervisedTask


@dataclass
class Config:
    """The plain setting and how often it is repeated."""

    samples: int = 200
    """Training samples."""
    epochs: int = 100
    """Passes over them."""
    label_noise: tuple[float, ...] = (0.0, 0.2)
    """Shares of random labels; one figure each."""
    seeds: tuple[int, ...] = (0, 1, 2)
    """Seeds of weights, batches and samples."""
    out: Path = Path("reports/generalization")
    """Folder of the figures."""


def main(config: Config) -> None:
    """Throw every switch, print, draw."""
    torch.set_num_threads(1)
    task = tasks.load("digits")
    assert isinstance(task, SupervisedTask)
    for share in config.label_noise:
        plain = Setting(samples=config.samples, epochs=config.epochs, label_noise=share)
        rows = [throw(task, name, plain, config.seeds) for name in SWITCHES]
        table = np.array(rows)
        figure = figures.effects(list(SWITCHES), *table[:, :4].T, label=f"error rate, {share:.0%} random labels")
        save(figure, config.out, f"effects-{share:g}")
    save(figures.signals({name: signal(task, name) for name in INITIAL_WEIGHTS}), config.out, "signals")
    print(f"written to {config.out}")


def throw(task: SupervisedTask, name: str, plain: Setting, seeds: tuple[int, ...]) -> list[float]:
    """Return mean training error, test error, its interval, and highest curvature over seeds."""
    findings = [investigate(task, switched(name, Setting(**{**vars(plain), "seed": seed}))) for seed in seeds]
    columns = [
        (entry.error.train, entry.error.test, entry.error.low + entry.error.train, entry.error.high + entry.error.train,
         entry.sharpness.top, entry.loss.train, entry.loss.test)
        for entry in findings
    ]  # fmt: skip
    mean = np.mean(columns, axis=0)
    print(
        f"{plain.label_noise:4.0%} noise  {name:16s} error {mean[0]:.3f} -> {mean[1]:.3f}   "
        f"log loss {mean[5]:.3f} -> {mean[6]:.3f}   highest curvature {mean[4]:.3g}",
        flush=True,
    )
    return list(mean)


def signal(task: SupervisedTask, initial_weights: str, depth: int = 12) -> np.ndarray:
    """Return the mean square of the units of each layer of a deep untrained network."""
    model = draw_model(task, Setting(widths=(256,) * depth, initial_weights=initial_weights))
    hidden, moments = torch.as_tensor(task.train.inputs).flatten(1), []
    with torch.no_grad():
        for layer in [entry for entry in model.modules() if isinstance(entry, nn.Linear)][:-1]:
            hidden = torch.relu(layer(hidden))
            moments.append(float(hidden.square().mean()))
    return np.array(moments)


if __name__ == "__main__":
    program.run(Config, main)
