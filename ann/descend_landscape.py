"""What does the landscape look like where training goes, and where it ends?

Expected: at the start the Hessian has hundreds of negative eigenvalues, at the end a bulk at zero and a few
large ones, about as many as classes; the weights move in a plane that two principal directions nearly span;
on filter-normalised planes the minimum of small batches is wider than that of large ones.

Source: Sagun et al. 2018, Empirical analysis of the Hessian; Li et al. 2018, Visualizing the loss
landscape; Keskar et al. 2017, On large-batch training.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from neurobridge import program, tasks
from neurobridge.ann import optimizers
from neurobridge.ann.generalization.study import Setting, draw_model, shrink, tensors
from neurobridge.ann.landscape.critical_points import classify
from neurobridge.ann.landscape.density import spectral_density
from neurobridge.ann.landscape.directions import filter_normalised, principal, project
from neurobridge.ann.landscape.objective import Objective, network_objective
from neurobridge.ann.landscape.operators import HessianOperator, dense
from neurobridge.ann.landscape.sharpness import measure_sharpness
from neurobridge.ann.landscape.surface import surface
from neurobridge.plots import landscape as figures
from neurobridge.plots.style import save


@dataclass
class Config:
    """How long to train and how finely to look."""

    samples: int = 400
    """Training samples."""
    width: int = 16
    """Hidden units."""
    updates: int = 1500
    """Updates of every run."""
    batches: tuple[int, ...] = (10, 400)
    """Batch sizes of the two minima that are compared."""
    lr: float = 0.2
    """Learning rate."""
    points: int = 31
    """Points per axis of a plane."""
    out: Path = Path("reports/landscape")
    """Folder of the figures."""


def main(config: Config) -> None:
    """Train, measure, draw."""
    torch.set_num_threads(1)
    setting = Setting(samples=config.samples, widths=(config.width,))
    task = shrink(tasks.load("digits"), setting)
    model = draw_model(task, setting).double()
    inputs, targets = tensors(task.train)
    objective = network_objective(model, cross_entropy, [(inputs.double(), targets)])
    start = objective.vector()

    print(f"{objective.dimension} weights. Start: {classify(objective, dense_below=2000).evidence}")
    planes = []
    for batch in config.batches:
        objective.assign(start)
        path = descend(objective, model, inputs.double(), targets, batch, config)
        found, sharp = classify(objective, dense_below=2000), measure_sharpness(objective)
        print(f"batch {batch}: loss {objective.value():.4f}. {found.kind}: {found.evidence}")
        print(f"  highest {sharp.top:.3g}, trace {sharp.trace:.3g}, epsilon {sharp.epsilon:.3g} %, SAM {sharp.sam:.3g}")
        planes.append(filtered(objective, f"batch {batch}", config.points))
        if batch == config.batches[0]:
            save(figures.planes([along(objective, path, config.points)], ("PCA 1", "PCA 2")), config.out, "path")
            draw_spectrum(objective, config.out)
    save(figures.planes(planes, ("filter-normalised direction 1", "direction 2")), config.out, "minima")
    first = planes[0]
    heights = np.log10(first.loss)
    save(figures.relief(first.title, first.x, first.y, heights, "log10 of the loss"), config.out, "relief")
    print(f"written to {config.out}")


def descend(
    objective: Objective,
    model: torch.nn.Module,
    inputs: torch.Tensor,
    targets: torch.Tensor,
    batch: int,
    config: Config,
) -> list[torch.Tensor]:
    """Train by mini-batch SGD and return 60 weight vectors on the way."""
    optimizer = optimizers.build("minibatch_sgd", model.parameters(), lr=config.lr)
    generator, path = torch.Generator().manual_seed(0), []
    for update in range(config.updates):
        if update % max(1, config.updates // 60) == 0:
            path.append(objective.vector())
        rows = torch.randperm(len(inputs), generator=generator)[:batch]
        optimizer.zero_grad()
        cross_entropy(model(inputs[rows]), targets[rows]).backward()
        optimizer.step()
    return [*path, objective.vector()]


def along(objective: Objective, path: list[torch.Tensor], points: int) -> figures.Plane:
    """Return the loss on the plane of the two directions in which the path varies most."""
    first, second = principal(path)
    walk = project(path, path[-1], first, second).numpy()
    low, high = walk.min(0), walk.max(0)
    margin = 0.25 * (high - low).max()
    x, y = (np.linspace(low[axis] - margin, high[axis] + margin, points) for axis in (0, 1))
    found = surface(objective, first, second, x, y)
    return figures.Plane(title="path of training", x=found.x, y=found.y, loss=found.loss, path=walk)


def filtered(objective: Objective, title: str, points: int) -> figures.Plane:
    """Return the loss on a plane of two random filter-normalised directions."""
    places = np.linspace(-1, 1, points)
    first, second = (filter_normalised(objective, seed=seed) for seed in (0, 1))
    found = surface(objective, first, second, places, places)
    return figures.Plane(title=title, x=found.x, y=found.y, loss=found.loss, path=np.zeros((0, 2)))


def draw_spectrum(objective: Objective, out: Path) -> None:
    """Draw the spectral density at the end, over the exact eigenvalues."""
    operator = HessianOperator(objective)
    found = spectral_density(operator)
    exact = np.linalg.eigvalsh(dense(operator))
    title = f"{objective.dimension} weights, after training"
    save(figures.spectrum(found.grid, found.density, exact, title), out, "spectrum")


if __name__ == "__main__":
    program.run(Config, main)
