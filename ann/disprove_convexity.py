"""Which losses are convex, and where are they not?

Expected: log loss, hinge and squared error of a linear model leave no counter-example on random segments;
    one hidden
layer is enough to find some; so it is with every classic function but the quadratic.
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
from neurobridge.ann.losses import LOSSES
from neurobridge.plots.landscape import counterexamples
from neurobridge.plots.style import save

Function = Callable[[np.ndarray], float]


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
    shown = [name for name in ("himmelblau", "rastrigin", "plateau", "log_loss, hidden layer") if found[name].disproved]
    save(counterexamples({name: along(cases[name][0], found[name]) for name in shown}), config.out, "counterexamples")
    print(f"written to {config.out}")


def of_network(model: nn.Module, loss: str) -> tuple[Function, Callable]:
    """Return the loss on 200 digits as a function of the weights, and how weights are drawn."""
    side = tasks.load("digits").train.head(200)
    batch = (torch.as_tensor(side.inputs).double(), torch.as_tensor(side.targets))
    objective = network_objective(model, LOSSES[loss], [batch])
    scale = float(objective.vector().std())
    return (
        lambda weights: objective.value_at(torch.as_tensor(weights)),
        lambda random: 3 * scale * random.standard_normal(objective.dimension),
    )


def along(function: Function, report: ConvexityReport) -> tuple[np.ndarray, np.ndarray]:
    """Return the function along the worst segment."""
    assert report.worst is not None
    fractions = np.linspace(0, 1, 81)
    points = [(1 - t) * report.worst.start + t * report.worst.end for t in fractions]
    return fractions, np.array([function(point) for point in points])


if __name__ == "__main__":
    program.run(Config, main)
