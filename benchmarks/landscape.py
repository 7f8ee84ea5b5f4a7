"""Curvature products, extreme eigenvalues and spectral density on the digits, against curvlinops and the gradient.

The product with the Hessian should cost about as much as a gradient, because the graph of the gradient is
kept; the oracle, curvlinops, rebuilds it for each product. Ratios of medians over repeats taken in turn.
"""

import json
import platform
from pathlib import Path
from statistics import median
from time import perf_counter

import curvlinops
import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from neurobridge.ann.landscape.density import exact_density, spectral_density
from neurobridge.ann.landscape.extremes import eigenpairs
from neurobridge.ann.landscape.objective import network_objective
from neurobridge.ann.landscape.operators import GaussNewtonOperator, HessianOperator, as_operator, dense
from neurobridge.tasks.digits import digits

WIDTHS = (8, 30)
REPEATS = 40
RESULT = Path(__file__).parent / "results" / "landscape.json"


def main():
    torch.set_num_threads(1)
    record = {f"{75 * width + 10} weights": measure(width) for width in WIDTHS}
    record["versions"] = {"python": platform.python_version(), "torch": torch.__version__}
    RESULT.write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps(record, indent=1))


def measure(width):
    model, inputs, targets = network(width)
    objective = network_objective(model, cross_entropy, [(inputs, targets)])
    hessian, gauss_newton = HessianOperator(objective), GaussNewtonOperator(objective)
    oracle = as_operator(
        curvlinops.HessianLinearOperator(
            model, nn.CrossEntropyLoss(), list(model.parameters()), [(inputs, targets)], check_deterministic=False
        )
    )
    vector = np.random.default_rng(0).standard_normal(objective.dimension)
    actions = {
        "gradient": objective.gradient,
        "hessian product": lambda: hessian @ vector,
        "gauss-newton product": lambda: gauss_newton @ vector,
        "curvlinops hessian product": lambda: oracle @ vector,
    }
    taken = {name: [] for name in actions}
    for _ in range(REPEATS):
        for name, action in actions.items():
            taken[name].append(seconds(action))
    milliseconds = {name: 1000 * median(times) for name, times in taken.items()}
    eigenvalues = np.linalg.eigvalsh(dense(hessian))
    found = spectral_density(hessian)
    high, low = (eigenpairs(hessian, 3, which).values for which in ("highest", "lowest"))
    return {
        "milliseconds": milliseconds,
        "product / gradient": milliseconds["hessian product"] / milliseconds["gradient"],
        "product / curvlinops": milliseconds["hessian product"] / milliseconds["curvlinops hessian product"],
        "seconds, three highest": seconds(lambda: eigenpairs(hessian, 3)),
        "seconds, density of 80 steps x 10 probes": seconds(lambda: spectral_density(hessian)),
        "relative error of the extremes": float(
            max(np.abs(high / eigenvalues[-3:] - 1).max(), np.abs(low / eigenvalues[:3] - 1).max())
        ),
        "L1 of the density": found.distance(exact_density(eigenvalues, found.grid, found.width)),
    }


def network(width):
    """Return a partly trained tanh network in float64 and its batch."""
    side = digits().train
    inputs, targets = torch.as_tensor(side.inputs).flatten(1).double(), torch.as_tensor(side.targets)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, width), nn.Tanh(), nn.Linear(width, 10)).double()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(60):
        optimizer.zero_grad()
        cross_entropy(model(inputs), targets).backward()
        optimizer.step()
    return model, inputs, targets


def seconds(action):
    begin = perf_counter()
    action()
    return perf_counter() - begin


if __name__ == "__main__":
    main()
