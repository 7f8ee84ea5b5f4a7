"""Sharpness on quadratics, where every measure has a closed form, and at the edge of stability."""

import numpy as np
import pytest
import torch
from landscape_networks import digits_objective
from torch import nn

from neurobridge.ann.landscape.extremes import sharpness as top_curvature
from neurobridge.ann.landscape.functions import quadratic
from neurobridge.ann.landscape.objective import function_objective, network_objective
from neurobridge.ann.landscape.operators import HessianOperator
from neurobridge.ann.landscape.sharpness import (
    average_sharpness,
    ball_sharpness,
    epsilon_sharpness,
    measure_sharpness,
    sam_sharpness,
)
from neurobridge.ann.optimizers import build
from neurobridge.errors import InputError
from neurobridge.tasks.digits import digits

BOWL = quadratic(9.0, dimension=3)  # curvatures 1, 3, 9
ORIGIN = (0.0, 0.0, 0.0)


def test_ball_at_a_minimum():
    assert ball_sharpness(function_objective(BOWL, ORIGIN), rho=0.2) == pytest.approx(0.2**2 * 9 / 2, rel=1e-6)


def test_box_at_a_minimum():
    # every |d_i| <= epsilon, so the rise is epsilon^2 (1 + 3 + 9) / 2; L-BFGS-B must leave the stationary start
    point = (1e-6, 1e-6, 1e-6)
    assert epsilon_sharpness(function_objective(BOWL, point), 0.1) == pytest.approx(100 * 0.01 * 13 / 2, rel=1e-3)


def test_sams_rise_on_a_slope():
    objective = function_objective(BOWL, (1.0, -1.0, 0.5))
    gradient = objective.gradient()
    curvature = float(gradient @ (torch.tensor([1.0, 3.0, 9.0]) * gradient) / gradient.square().sum())
    expected = 0.1 * float(gradient.norm()) + 0.1**2 * curvature / 2
    assert sam_sharpness(objective, 0.1) == pytest.approx(expected, rel=1e-12)
    assert sam_sharpness(function_objective(BOWL, ORIGIN), 0.1) == 0.0


def test_average_measures_the_trace():
    # sigma^2 trace / 2; relative standard error of 2000 draws sqrt(2 (1 + 9 + 81) / 2000) / 13 = 2.3 %: 4.3 of them
    found = average_sharpness(function_objective(BOWL, (0.3, 0.2, 0.1)), sigma=0.1, samples=2000)
    assert found == pytest.approx(0.01 * 13 / 2, rel=0.1)


def test_all_measures_at_once():
    found = measure_sharpness(function_objective(BOWL, (0.1, 0.1, 0.1)))
    assert found.top == pytest.approx(9.0) and found.trace == pytest.approx(13.0)


def test_measuring_moves_nothing():
    _, objective = digits_objective(4, samples=50)
    before = objective.vector()
    measure_sharpness(objective)
    average_sharpness(objective, samples=3)
    ball_sharpness(objective, steps=3)
    assert torch.equal(objective.vector(), before)


@pytest.mark.slow
@pytest.mark.parametrize("lr", [0.1, 0.3])
def test_full_batch_training_settles_at_the_edge_of_stability(lr):
    # Cohen et al. 2021: sharpness rises to 2 / lr and stays
    torch.manual_seed(0)
    side = digits().train.head(1000)
    inputs, labels = torch.as_tensor(side.inputs).flatten(1), torch.as_tensor(side.targets)
    targets = nn.functional.one_hot(labels, 10).float()
    model = nn.Sequential(nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 10))

    def loss(outputs, wanted):
        return (outputs - wanted).square().sum(1).mean() / 2

    optimizer, seen = build("gradient_descent", model.parameters(), lr=lr), []
    objective = network_objective(model, loss, [(inputs, targets)])
    for step in range(3000):
        optimizer.zero_grad()
        loss(model(inputs), targets).backward()
        optimizer.step()
        if step >= 2000 and step % 100 == 0:
            seen.append(top_curvature(HessianOperator(objective), tolerance=1e-3))
    assert np.mean(seen) == pytest.approx(2 / lr, rel=0.1)


@pytest.mark.parametrize("measure", [sam_sharpness, ball_sharpness, average_sharpness, epsilon_sharpness])
def test_radii_that_are_not_positive_are_refused(measure):
    with pytest.raises(InputError, match="must be positive"):
        measure(function_objective(BOWL, ORIGIN), -1.0)
