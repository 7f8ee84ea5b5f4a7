"""Optimisers against theory on quadratics: contraction rates, stability, implicit regularisation."""

import pytest
import torch

from neurobridge.ann.landscape.functions import FUNCTIONS, quadratic
from neurobridge.ann.optimizers import Closure, build


def closure_of(optimizer, x, function):
    return Closure(optimizer=optimizer, loss=lambda: function(x))


@pytest.mark.parametrize("condition", [2.0, 10.0, 100.0, 1000.0])
def test_gradient_descent_contracts_at_the_optimal_step(condition):
    # both extreme coordinates shrink by exactly (kappa - 1) / (kappa + 1) per step
    function = quadratic(condition)
    x = torch.tensor([1.0, 1.0], dtype=torch.float64, requires_grad=True)
    optimizer = build("gradient_descent", [x], lr=2 / (1 + condition))
    closure = closure_of(optimizer, x, function)
    for _ in range(10):
        before = x.detach().clone()
        optimizer.step(closure)
        ratio = (x.detach().norm() / before.norm()).item()
        assert ratio == pytest.approx((condition - 1) / (condition + 1), rel=1e-12)


@pytest.mark.parametrize(("condition", "iterations"), [(2.0, 14), (10.0, 81), (100.0, 922)])
def test_iterations_to_a_small_gradient(condition, iterations):
    function = quadratic(condition)
    x = torch.tensor([1.0, 1.0], dtype=torch.float64, requires_grad=True)
    optimizer = build("gradient_descent", [x], lr=2 / (1 + condition))
    closure, count = closure_of(optimizer, x, function), 0
    while True:
        optimizer.step(closure)
        if x.grad.norm() < 1e-6:
            break
        count += 1
    assert count == iterations


def test_heavy_ball_reaches_polyaks_rate():
    condition = 100.0
    root = condition**0.5
    x = torch.tensor([1.0, 1.0], dtype=torch.float64, requires_grad=True)
    optimizer = build("heavy_ball", [x], lr=4 / (root + 1) ** 2, beta=((root - 1) / (root + 1)) ** 2)
    closure = closure_of(optimizer, x, quadratic(condition))
    for _ in range(100):
        optimizer.step(closure)
    middle = x.detach().norm()
    for _ in range(100):
        optimizer.step(closure)
    # the double root of the recursion adds a factor that grows like the number of steps
    rate = (x.detach().norm() / middle).item() ** (1 / 100)
    assert rate == pytest.approx((root - 1) / (root + 1), rel=0.02)


@pytest.mark.parametrize(("step", "stable"), [(1.98, True), (2.02, False)])
def test_gradient_descent_is_stable_up_to_two_over_the_curvature(step, stable):
    x = torch.ones(2, dtype=torch.float64, requires_grad=True)
    optimizer = build("sgd", [x], lr=step / 100)
    closure = closure_of(optimizer, x, quadratic(100.0))
    for _ in range(1000):
        optimizer.step(closure)
    assert (abs(x[1].item()) < 1) is stable


def test_gradient_descent_leaves_a_saddle_exponentially():
    # |y| = 1e-6 * 1.2^k passes 1 at k = ceil(ln 1e6 / ln 1.2) = 76
    x = torch.tensor([1.0, 1e-6], dtype=torch.float64, requires_grad=True)
    optimizer = build("gradient_descent", [x], lr=0.1)
    closure = closure_of(optimizer, x, FUNCTIONS["saddle"])
    steps = 0
    while abs(x[1].item()) <= 1:
        optimizer.step(closure)
        steps += 1
    assert steps == 76


def test_gradient_descent_from_zero_finds_the_least_norm_solution():
    random = torch.Generator().manual_seed(0)
    design = torch.randn(10, 40, generator=random, dtype=torch.float64)
    target = torch.randn(10, generator=random, dtype=torch.float64)
    w = torch.zeros(40, dtype=torch.float64, requires_grad=True)
    optimizer = build("gradient_descent", [w], lr=1 / torch.linalg.matrix_norm(design, 2).item() ** 2)
    closure = Closure(optimizer=optimizer, loss=lambda: (design @ w - target).square().sum() / 2)
    for _ in range(2000):
        optimizer.step(closure)
    assert torch.allclose(w.detach(), torch.linalg.pinv(design) @ target, atol=1e-10)


def test_early_stopping_shrinks_like_a_spectral_filter():
    # after t steps from zero, direction lam holds 1 - (1 - lr lam)^t of the solution
    curvatures = torch.tensor([0.1, 1.0, 5.0], dtype=torch.float64)
    w = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    optimizer = build("gradient_descent", [w], lr=0.2)
    closure = Closure(optimizer=optimizer, loss=lambda: (curvatures * (w - 1).square()).sum() / 2)
    for _ in range(7):
        optimizer.step(closure)
    assert torch.allclose(w.detach(), 1 - (1 - 0.2 * curvatures) ** 7, atol=1e-14)


def test_variance_of_a_batch_gradient_falls_with_its_size():
    random = torch.Generator().manual_seed(0)
    samples = torch.randn(4096, generator=random, dtype=torch.float64)
    variances = []
    for size in (1, 4, 16, 64):
        rows = torch.randint(4096, (4000, size), generator=random)
        variances.append(samples[rows].mean(1).var().item())
    slopes = torch.tensor(variances).log().diff() / torch.tensor([1, 4, 16, 64.0]).log().diff()
    # each log-variance of 4000 draws has a standard error of 0.022, a slope 0.023: 5 of them
    assert torch.all((slopes + 1).abs() < 0.115)


def test_adams_first_step_has_the_length_of_the_rate():
    x = torch.tensor([1e-4, 500.0], dtype=torch.float64, requires_grad=True)
    optimizer = build("adam", [x], lr=0.1)
    optimizer.step(closure_of(optimizer, x, quadratic(10.0)))
    moved = torch.tensor([1e-4, 500.0], dtype=torch.float64) - x.detach()
    assert torch.allclose(moved, torch.full((2,), 0.1, dtype=torch.float64), rtol=2e-4)
