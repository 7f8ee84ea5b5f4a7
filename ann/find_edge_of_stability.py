"""Where does full-batch gradient descent stop sharpening?

Expected: the highest eigenvalue of the Hessian rises until it reaches 2 / lr and stays there, while the
loss goes on falling; so the step size chooses the minimum.

Source: Cohen et al. 2021, Gradient descent on neural networks typically occurs at the edge of stability.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from neurobridge import program, tasks
from neurobridge.ann import optimizers
from neurobridge.ann.landscape.extremes import sharpness
from neurobridge.ann.landscape.objective import network_objective
from neurobridge.ann.landscape.operators import HessianOperator
from neurobridge.ann.losses import squared_error
from neurobridge.plots.landscape import edge_of_stability
from neurobridge.plots.style import save


@dataclass
class Config:
    """How long to train at which steps."""

    rates: tuple[float, ...] = (0.1, 0.2, 0.3)
    """Learning rates."""
    steps: int = 2000
    """Full-batch updates."""
    samples: int = 1000
    """Training samples."""
    looks: int = 40
    """How often the curvature is measured."""
    out: Path = Path("reports/landscape")
    """Folder of the figure."""


def main(config: Config) -> None:
    """Train at every rate, measure, draw."""
    torch.set_num_threads(1)
    curves = {rate: follow(rate, config) for rate in config.rates}
    for rate, (_, curvature) in curves.items():
        print(
            f"lr {rate:g}: 2/lr = {2 / rate:.3g}, mean of the last quarter {curvature[-config.looks // 4 :].mean():.3g}"
        )
    save(edge_of_stability(curves), config.out, "edge-of-stability")
    print(f"written to {config.out}")


def follow(rate: float, config: Config) -> tuple[np.ndarray, np.ndarray]:
    """Train a tanh network 64-64-64-10 by squared error; return steps and highest eigenvalues."""
    side = tasks.load("digits").train.head(config.samples)
    inputs, targets = torch.as_tensor(side.inputs).flatten(1), torch.as_tensor(side.targets)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 10))

    def loss(outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        # half the squared distance, as in the source: 10 outputs, whose mean squared_error takes
        return 5 * squared_error(outputs, labels)

    objective = network_objective(model, loss, [(inputs, targets)])
    optimizer = optimizers.build("gradient_descent", model.parameters(), lr=rate)
    steps, found = [], []
    for step in range(config.steps):
        if step % max(1, config.steps // config.looks) == 0:
            steps.append(step)
            found.append(sharpness(HessianOperator(objective), tolerance=1e-3))
        optimizer.zero_grad()
        loss(model(inputs), targets).backward()
        optimizer.step()
    return np.array(steps), np.array(found)


if __name__ == "__main__":
    program.run(Config, main)
