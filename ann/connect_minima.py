"""Are two networks that were trained apart at the bottom of one valley?

Expected: the straight line between their weights crosses a barrier, and a curve with one trained bend does
not.

Source: Garipov et al. 2018, Loss surfaces, mode connectivity, and fast ensembling of DNNs.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from neurobridge import program, tasks
from neurobridge.ann import optimizers
from neurobridge.ann.generalization.study import Setting, draw_model, shrink, tensors
from neurobridge.ann.landscape.connectivity import connect
from neurobridge.ann.landscape.objective import network_objective
from neurobridge.plots.landscape import connection
from neurobridge.plots.style import save


@dataclass
class Config:
    """The two networks and the curve."""

    samples: int = 600
    """Training samples."""
    width: int = 64
    """Hidden units."""
    updates: int = 400
    """Full-batch Adam updates of each network."""
    bends: int = 800
    """Updates of the curve."""
    out: Path = Path("reports/landscape")
    """Folder of the figure."""


def main(config: Config) -> None:
    """Train two networks, connect them, draw."""
    torch.set_num_threads(1)
    task = shrink(tasks.load("digits"), Setting(samples=config.samples))
    inputs, targets = tensors(task.train)
    model = draw_model(task, Setting(widths=(config.width,)))
    objective = network_objective(model, cross_entropy, [(inputs, targets)])
    ends = []
    for seed in (1, 2):
        objective.assign(torch.nn.utils.parameters_to_vector(
            draw_model(task, Setting(widths=(config.width,), seed=seed)).parameters()
        ))  # fmt: skip
        optimizer = optimizers.build("adam", model.parameters(), lr=3e-3)
        for _ in range(config.updates):
            optimizer.zero_grad()
            cross_entropy(model(inputs), targets).backward()
            optimizer.step()
        ends.append(objective.vector())
    found = connect(objective, ends[0], ends[1], steps=config.bends)
    print(f"barrier: straight {found.straight_barrier:.3g}, curved {found.curved_barrier:.3g}")

    test_inputs, test_targets = tensors(task.test)

    def error(weights: torch.Tensor) -> float:
        with objective.at(weights), torch.no_grad():
            return float((model(test_inputs).argmax(1) != test_targets).double().mean())

    straight = [error((1 - t) * ends[0] + t * ends[1]) for t in found.along]
    curved = [error((1 - t) ** 2 * ends[0] + 2 * t * (1 - t) * found.bend + t**2 * ends[1]) for t in found.along]
    print(f"largest test error: straight {max(straight):.3f}, curved {max(curved):.3f}")
    save(connection(found.along, found.straight, found.curved, np.array([straight, curved])), config.out, "connection")
    print(f"written to {config.out}")


if __name__ == "__main__":
    program.run(Config, main)
