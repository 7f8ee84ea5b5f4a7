"""Which losses are convex, and where are they not?

Expected: log loss, hinge and squared error of a linear model leave no counter-example on random segments;
one hidden layer is enough: between two orders of the same trained hidden units the loss rises; so it is
with every classic function but the quadratic.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from neurobridge import program, tasks
from neurobridge.ann.landscape.convexity import ConvexityReport, search_nonconvexity
from neurobridge.ann.landscape.functions import FUNCTIONS
from neurobridge.ann.landscape.objective import network_objective
from neurobridge.ann.losses import hinge, log_loss, squared_error
from neurobridge.ann.optimizers import build
from neurobridge.plots.landscape import counterexamples
from neurobridge.plots.style import save

Function = Callable[[np.ndarray], float]


LOSSES = {"log loss": log_loss, "hinge": hinge, "squared error": squared_error}


@dataclass
class Config:
    """How long to search."""

    segments: int = 100
    """Random segments per function."""
    out: Path = Path("reports/landscape")
    """Folder of the figure."""


def main(config: Config) -> None:
    """Search, print, draw the worst segments."""
    torch.set_num_threads(1)
    cases: dict[str, tuple[Function, Callable]] = {
        name: (lambda x, f=function: float(f(torch.as_tensor(x))), lambda random: random.uniform(-2, 2, 2))
        for name, function in FUNCTIONS.items()
    }
    for loss in LOSSES:
        for name, model in {
            "linear": nn.Sequential(nn.Flatten(), nn.Linear(64, 10)),
            "hidden layer": nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, 10)),
        }.items():
            cases[f"{loss}, {name}"] = of_network(model.double(), loss)
    found = {name: search_nonconvexity(*case, segments=config.segments) for name, case in cases.items()}
    for name, report in found.items():
        verdict = "not convex" if report.disproved else "no counter-example"
        print(f"{name:30s} {report.violated:4d} of {report.segments} segments violated: {verdict}")
    shown = [name for name in ("himmelblau", "rastrigin", "plateau", "log loss, hidden layer") if found[name].disproved]
    save(counterexamples({name: along(cases[name][0], found[name]) for name in shown}), config.out, "counterexamples")
    print(f"written to {config.out}")


def of_network(model: nn.Sequential, loss: str) -> tuple[Function, Callable]:
    """Train on 200 digits; return the loss as a function of the weights, and how weights are drawn.

    Points are the trained weights with the hidden units in random order: the same network, and the same
    loss. A convex function would be no higher between them.
    """
    side = tasks.load("digits").train.head(200)
    batch = (torch.as_tensor(side.inputs).double(), torch.as_tensor(side.targets))
    objective = network_objective(model, LOSSES[loss], [batch])
    optimizer = build("adam", model.parameters(), lr=1e-2)
    for _ in range(100):
        optimizer.zero_grad()
        LOSSES[loss](model(batch[0]), batch[1]).backward()
        optimizer.step()

    def draw(random: np.random.Generator) -> np.ndarray:
        linear = [layer for layer in model if isinstance(layer, nn.Linear)]
        if len(linear) == 1:
            return objective.vector().numpy() + random.standard_normal(objective.dimension)
        order = random.permutation(linear[0].out_features)
        pieces = [linear[0].weight[order], linear[0].bias[order], linear[1].weight[:, order], linear[1].bias]
        return np.concatenate([piece.detach().numpy().ravel() for piece in pieces])

    return lambda weights: objective.value_at(torch.as_tensor(weights)), draw


def along(function: Function, report: ConvexityReport) -> tuple[np.ndarray, np.ndarray]:
    """Return the function along the worst segment."""
    assert report.worst is not None
    fractions = np.linspace(0, 1, 81)
    points = [(1 - t) * report.worst.start + t * report.worst.end for t in fractions]
    return fractions, np.array([function(point) for point in points])


if __name__ == "__main__":
    program.run(Config, main)
