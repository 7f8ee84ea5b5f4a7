"""Langevin noise: its stationary variance, zero temperature, seeds, annealing."""

import math

import pytest
import torch

from neurobridge.ann.optimizers import SGLD, Annealing, build, geometric, logarithmic
from neurobridge.errors import InputError


def stationary_variance(curvature, lr, temperature, chains=20000, seed=0):
    x = torch.zeros(chains, dtype=torch.float64, requires_grad=True)
    optimizer = SGLD([x], lr=lr, temperature=temperature, seed=seed)
    for _ in range(int(6 / (lr * curvature))):
        x.grad = curvature * x.detach()
        optimizer.step()
    return float(x.detach().var())


@pytest.mark.parametrize(
    ("curvature", "lr", "temperature"), [(1.0, 0.1, 1.0), (1.0, 0.02, 0.5), (4.0, 0.1, 1.0), (2.0, 0.5, 0.3)]
)
def test_stationary_variance_on_a_quadratic(curvature, lr, temperature):
    # T / (lam (1 - lr lam / 2)); the variance of 20000 chains has a relative standard error of 1 %, so 5 % is 5 sigma
    expected = temperature / (curvature * (1 - lr * curvature / 2))
    assert stationary_variance(curvature, lr, temperature) == pytest.approx(expected, rel=0.05)


def test_noise_has_the_langevin_scale():
    x = torch.zeros(200000, dtype=torch.float64, requires_grad=True)
    x.grad = torch.zeros_like(x)
    SGLD([x], lr=0.1, temperature=0.7, seed=0).step()
    # 200000 normal numbers: relative standard errors 0.16 % and, of the kurtosis, 0.011
    noise = x.detach()
    assert float(noise.std()) == pytest.approx(math.sqrt(2 * 0.1 * 0.7), rel=0.01)
    assert float((noise / noise.std()).pow(4).mean()) == pytest.approx(3.0, abs=0.06)


def one_run(seed, steps=5):
    x = torch.ones(1000, requires_grad=True)
    optimizer = SGLD([x], lr=0.1, seed=seed)
    path = []
    for _ in range(steps):
        x.grad = torch.zeros_like(x)
        before = x.detach().clone()
        optimizer.step()
        path.append(x.detach() - before)
    return torch.stack(path)


def test_seeds_fix_the_noise_and_steps_are_independent():
    assert torch.equal(one_run(1), one_run(1))
    # correlations of 1000 pairs have a standard error of 0.032: 5 sigma
    correlations = torch.corrcoef(torch.cat([one_run(1), one_run(2)]))
    assert float((correlations - torch.eye(10)).abs().max()) < 0.16


def test_the_global_generator_is_used_without_a_seed():
    torch.manual_seed(5)
    first = one_run(None)
    torch.manual_seed(5)
    assert torch.equal(first, one_run(None))


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [(logarithmic(2.0), [2 / math.log(2), 2 / math.log(3), 2 / math.log(4)]), (geometric(1.0, 0.5), [1.0, 0.5, 0.25])],
)
def test_annealing_sets_the_temperature(schedule, expected):
    optimizer = build("sgld", [torch.zeros(2, requires_grad=True)])
    annealing = Annealing(optimizer, schedule)
    seen = [optimizer.param_groups[0]["temperature"]]
    for _ in range(2):
        annealing.step()
        seen.append(optimizer.param_groups[0]["temperature"])
    assert seen == pytest.approx(expected)


def test_annealing_resumes():
    optimizer = build("sgld", [torch.zeros(2, requires_grad=True)])
    Annealing(optimizer, geometric(1.0, 0.5)).load_state_dict({"steps": 3})
    assert optimizer.param_groups[0]["temperature"] == 0.125


def test_annealing_refuses_what_has_no_temperature():
    with pytest.raises(InputError, match="Adam has no temperature"):
        Annealing(build("adam", [torch.zeros(2, requires_grad=True)]), geometric(1.0, 0.5))
