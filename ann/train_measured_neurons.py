"""Does a network read digits as well when its units answer as measured neurons do, instead of ReLU?

Each hidden unit has the f-I curve that a neuron model was measured to have: silent below its rheobase, steepest just
above it, saturating towards its refractory period. `neurobridge simulate NEURON --protocol fi-curve` writes one.

Expected: over three seeds 96 or 97 % of 450 held-out digits with ReLU and with leaky, adaptive and Wang-Buzsaki units,
within the spread of the seeds; 83 % with squid axons, whose rate jumps at the onset and is flat on both sides, so that
little gradient comes through.

Source: Hunsberger & Eliasmith 2016, arXiv:1611.05141, for leaky neurons; Hodgkin 1948 for the two kinds of onset.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from math import prod
from pathlib import Path

import numpy as np
import torch
from torch import nn

from neurobridge import program, tasks
from neurobridge.ann.models.measured_activation import MeasuredActivation
from neurobridge.ann.training import contender, recipe, train
from neurobridge.plots.neurons import Series, curve
from neurobridge.plots.style import save
from neurobridge.plots.training import curves

MEASURED = Path(__file__).parent / "curves"


@dataclass
class Config:
    """What is trained."""

    neurons: tuple[Path, ...] = tuple(
        MEASURED / f"{name}.npz" for name in ("leaky", "adaptive-exponential", "wang-buzsaki", "hodgkin-huxley")
    )
    """Measured f-I curves."""
    task: str = "digits"
    """A task of images."""
    widths: tuple[int, ...] = (64, 64)
    """Units of each hidden layer."""
    seeds: tuple[int, ...] = (0, 1, 2)
    """Of weights and training."""
    out: Path = Path("reports/measured-neurons")
    """Folder of the figures."""
    quick: bool = False
    """Two epochs, one seed and one neuron: a look, not a result."""


def main(config: Config) -> None:
    """Train with ReLU and with each curve, print accuracies and how well the curves fit, draw both."""
    torch.set_num_threads(1)
    if config.quick:
        config = replace(config, seeds=config.seeds[:1], neurons=config.neurons[:1])
    task = tasks.load(config.task)
    settings = recipe(task.name, "mlp")
    settings = replace(settings, epochs=2) if config.quick else settings
    measured = {path.stem: MeasuredActivation.from_file(path) for path in config.neurons}
    sizes = (prod(task.input_shape), *config.widths, task.output_size)
    histories = {}
    for name, unit in {"ReLU": nn.ReLU(), **measured}.items():
        scores = []
        for seed in config.seeds:
            torch.manual_seed(seed)
            model, history = train(network(unit, sizes), task, replace(settings, seed=seed))
            scores.append(task.judge(contender(model)).summary)
        histories[name] = {column: history.column(column) for column in ("loss", "validation")}
        print(f"{name:<22} {np.mean(scores):6.2f} % ({' '.join(f'{score:.2f}' for score in scores)})")
    for name, unit in measured.items():
        print(f"fit of {name:<22} {unit.typical_error:.4f} rms, {unit.fit_error:.4f} at most, of the highest rate")
    save(curves(histories, "validation accuracy (%)"), config.out, "curves")
    drive = torch.linspace(0, 1, 400)
    lines = [Series(x=drive.numpy(), y=unit(drive).numpy(), name=name) for name, unit in measured.items()]
    save(curve(lines, "drive / largest measured current", "rate / highest rate"), config.out, "activations")


def network(unit: nn.Module, sizes: tuple[int, ...]) -> nn.Sequential:
    """Return layers of units; those of measured ones start with currents spread around the middle of their range."""
    layers: list[nn.Module] = [nn.Flatten()]
    for inputs, outputs in pairwise(sizes[:-1]):
        linear = nn.Linear(inputs, outputs)
        if isinstance(unit, MeasuredActivation):
            nn.init.constant_(linear.bias, 0.5)
        layers += [linear, unit]
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]))


if __name__ == "__main__":
    program.run(Config, main)
