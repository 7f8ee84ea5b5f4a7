"""Sharpness-aware minimisation against its formula on quadratics, and its base rules."""

import pytest
import torch

from neurobridge.ann.optimizers import SAM, Adam, Closure, GradientDescent, HeavyBall

CURVATURES = torch.tensor([1.0, 10.0], dtype=torch.float64)


def bowl(x):
    return (CURVATURES * x.square()).sum() / 2


def step(optimizer, x):
    return optimizer.step(Closure(optimizer=optimizer, loss=lambda: bowl(x)))


def test_one_step_is_the_gradient_uphill():
    x = torch.tensor([1.0, -0.5], dtype=torch.float64, requires_grad=True)
    begin = x.detach().clone()
    step(SAM([x], lr=0.01, rho=0.3, base=GradientDescent), x)
    gradient = CURVATURES * begin
    climbed = begin + 0.3 * gradient / gradient.norm()
    assert torch.allclose(x.detach(), begin - 0.01 * CURVATURES * climbed, atol=1e-15)


def test_adaptive_form_scales_the_ball_by_the_weights():
    x = torch.tensor([1.0, -0.5], dtype=torch.float64, requires_grad=True)
    begin = x.detach().clone()
    step(SAM([x], lr=0.01, rho=0.3, adaptive=True, base=GradientDescent), x)
    gradient = CURVATURES * begin
    climbed = begin + 0.3 * begin.square() * gradient / (begin.abs() * gradient).norm()
    assert torch.allclose(x.detach(), begin - 0.01 * CURVATURES * climbed, atol=1e-15)


@pytest.mark.parametrize("base", [GradientDescent, HeavyBall, Adam])
def test_without_radius_it_is_its_base(base):
    x, y = (torch.tensor([1.0, -0.5], dtype=torch.float64, requires_grad=True) for _ in range(2))
    aware, plain = SAM([x], lr=0.01, rho=0.0, base=base), base([y], lr=0.01)
    for _ in range(10):
        step(aware, x)
        step(plain, y)
    assert torch.equal(x, y)


def test_weights_come_back_if_the_second_closure_fails():
    x = torch.tensor([1.0, -0.5], dtype=torch.float64, requires_grad=True)
    optimizer, calls = SAM([x], lr=0.01), []

    def closure():
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("out of memory")
        optimizer.zero_grad()
        loss = bowl(x)
        loss.backward()
        return loss

    with pytest.raises(RuntimeError, match="out of memory"):
        optimizer.step(closure)
    assert x.tolist() == [1.0, -0.5]


def test_drifts_along_a_valley_to_its_flattest_minimum():
    # (w1 w2 - 1)^2 has minima (a, 1 / a) with highest curvature 2 (a^2 + 1 / a^2), lowest at a = 1
    def curvature_at_the_end(rho):
        x = torch.tensor([3.0, 0.4], dtype=torch.float64, requires_grad=True)
        optimizer = SAM([x], lr=0.02, rho=rho, base=GradientDescent)
        for _ in range(1500):
            optimizer.step(Closure(optimizer=optimizer, loss=lambda: (x.prod() - 1).square()))
        return 2 * float(x.detach().square().sum())

    assert curvature_at_the_end(0.0) == pytest.approx(2 * (3**2 + 1 / 3**2), rel=0.05)
    assert curvature_at_the_end(0.1) < 6
