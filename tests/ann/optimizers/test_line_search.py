"""Armijo, Goldstein and full relaxation: what they accept, that they descend, what they cost, when they stop."""

import math

import pytest
import torch
from torch import nn

from neurobridge.ann.landscape.functions import FUNCTIONS, quadratic
from neurobridge.ann.optimizers import Armijo, Closure, FullRelaxation, Goldstein, build
from neurobridge.ann.optimizers.line_search import Outcome
from neurobridge.errors import InputError, TrainingError


def point(*values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def stepper(rule, x, function, **options):
    optimizer = rule([x], **options)
    return optimizer, Closure(optimizer=optimizer, loss=lambda: function(x))


def exact_step(function, x):
    """Return g.g / g.Hg from dense derivatives."""
    gradient = torch.autograd.functional.jacobian(function, x.detach())
    hessian = torch.autograd.functional.hessian(function, x.detach())
    return float(gradient @ gradient / (gradient @ hessian @ gradient))


def random_problem(seed):
    """Return a random non-convex function of 5 variables that is bounded below, and a start."""
    random = torch.Generator().manual_seed(seed)
    waves = torch.randn(8, 5, generator=random, dtype=torch.float64) * 2
    heights = torch.randn(8, generator=random, dtype=torch.float64) * 3
    phases = torch.rand(8, generator=random, dtype=torch.float64) * 6
    scale = torch.exp(2 * torch.randn(5, generator=random, dtype=torch.float64))
    begin = 2 * torch.randn(5, generator=random, dtype=torch.float64)
    return lambda x: (scale * x.square()).sum() / 2 + (heights * torch.cos(waves @ x + phases)).sum(), begin


@pytest.mark.parametrize(("share", "accepted"), [(1.99, True), (2.01, False)])
def test_armijo_accepts_up_to_its_bound_on_a_quadratic(share, accepted):
    # decrease is enough exactly for a <= 2 (1 - c) a*
    function, x = quadratic(10.0), point(0.3, 0.8)
    c = 0.3
    length = share * (1 - c) * exact_step(function, x)
    optimizer, closure = stepper(Armijo, x, function, lr=length, c=c, shrink=0.5)
    optimizer.step(closure)
    assert optimizer.report["length"] == pytest.approx(length if accepted else length / 2)


@pytest.mark.parametrize(("share", "accepted"), [(0.49, False), (0.51, True), (1.49, True), (1.51, False)])
def test_goldstein_accepts_an_interval_on_a_quadratic(share, accepted):
    # [2 c a*, 2 (1 - c) a*] with c = 1/4
    function, x = quadratic(10.0), point(0.3, 0.8)
    length = share * exact_step(function, x)
    optimizer, closure = stepper(Goldstein, x, function, lr=length, c=0.25)
    optimizer.step(closure)
    assert (optimizer.report["trials"] == 1) is accepted
    final = optimizer.report["length"] / exact_step(function, point(0.3, 0.8))
    assert 0.5 <= final <= 1.5


@pytest.mark.parametrize(("c", "b2", "bound"), [(0.5, 0.1, 1.25), (0.5, 0.25, 2.0), (0.3, 0.1, 1.75)])
@pytest.mark.parametrize(("share", "accepted"), [(0.99, True), (1.01, False)])
def test_full_relaxation_accepts_up_to_its_bound_on_a_quadratic(c, b2, bound, share, accepted):
    # a <= (1 - c) / (1/2 - b2) a*; at twice a* the safeguard takes over a little earlier
    function, x = quadratic(10.0), point(0.3, 0.8)
    length = share * bound * exact_step(function, x)
    optimizer, closure = stepper(FullRelaxation, x, function, lr=length, c=c, b2=b2, start="lr")
    optimizer.step(closure)
    assert (optimizer.report["trials"] == 1) is accepted


def test_armijo_never_increases_the_loss_on_1000_random_problems():
    moved = 0
    for seed in range(1000):
        function, begin = random_problem(seed)
        x = begin.clone().requires_grad_()
        optimizer, closure = stepper(Armijo, x, function, lr=1.0)
        for _ in range(3):
            before = float(function(x.detach()))
            optimizer.step(closure)
            assert float(function(x.detach())) <= before
            moved += optimizer.report["outcome"] == Outcome.ACCEPTED
    assert moved > 2900


@pytest.mark.parametrize("rule", [Goldstein, FullRelaxation])
def test_never_diverges_on_random_nonconvex_problems(rule):
    for seed in range(200):
        function, begin = random_problem(seed)
        x = begin.clone().requires_grad_()
        optimizer, closure = stepper(rule, x, function, lr=10.0)
        for _ in range(6):
            before = float(function(x.detach()))
            optimizer.step(closure)
            after = float(function(x.detach()))
            assert math.isfinite(after) and after <= before


def test_full_relaxation_finds_the_exact_line_minimum_of_a_quadratic():
    function = quadratic(50.0, dimension=6)
    random = torch.Generator().manual_seed(0)
    x = torch.randn(6, generator=random, dtype=torch.float64).requires_grad_()
    optimizer, closure = stepper(FullRelaxation, x, function)
    for _ in range(20):
        length = exact_step(function, x)
        optimizer.step(closure)
        assert optimizer.report["length"] == pytest.approx(length, rel=1e-12)
        assert optimizer.report["trials"] == 1
        # at an exact line minimum the new gradient is orthogonal to the old
        old = x.grad.clone()
        (new,) = torch.autograd.grad(function(x), x)
        assert abs(float(old @ new)) <= 1e-10 * float(old @ old)


@pytest.mark.parametrize("condition", [2.0, 10.0, 100.0, 1000.0])
def test_full_relaxation_has_kantorovichs_rate_from_the_slowest_start(condition):
    function = quadratic(condition)
    x = point(*function.start)
    optimizer, closure = stepper(FullRelaxation, x, function)
    for _ in range(5):
        before = float(function(x.detach()))
        optimizer.step(closure)
        ratio = float(function(x.detach())) / before
        assert ratio == pytest.approx(((condition - 1) / (condition + 1)) ** 2, rel=1e-9)


def test_full_relaxation_uses_its_own_first_trial_where_curvature_is_negative():
    # x^2 - y^2 at (.1, 1): g.g = 4.04, g.Hg = -7.92
    x = point(0.1, 1.0)
    optimizer, closure = stepper(FullRelaxation, x, FUNCTIONS["saddle"], lr=0.7)
    optimizer.step(closure)
    assert optimizer.report["length"] == 0.7
    assert float(FUNCTIONS["saddle"](x.detach())) < 0.1**2 - 1


# iterations until |g| < 1e-3 from (-1.2, 1); a pilot implementation in plain NumPy gave these, rounding moves them
ROSENBROCK = [
    (Armijo, {"c": 0.5}, 1081),
    (Goldstein, {"c": 0.25}, 121),
    (Armijo, {"c": 0.1}, 2478),
]


@pytest.mark.parametrize(("rule", "options", "iterations"), ROSENBROCK)
def test_iterations_on_rosenbrock(rule, options, iterations):
    x = point(-1.2, 1.0)
    optimizer, closure = stepper(rule, x, FUNCTIONS["rosenbrock"], **options)
    count = -1
    while x.grad is None or x.grad.norm() >= 1e-3:
        optimizer.step(closure)
        count += 1
    assert count == pytest.approx(iterations, rel=0.1)
    assert torch.allclose(x.detach(), torch.ones(2, dtype=torch.float64), atol=5e-3)


def test_armijo_with_growth_repeats_optax():
    # the trace in the documentation of optax.scale_by_backtracking_linesearch
    x = point(1.0, 2.0, 3.0)
    optimizer, closure = stepper(Armijo, x, lambda y: y.square().sum(), lr=1.0, shrink=0.8, growth=1.5)
    values = []
    for _ in range(5):
        optimizer.step(closure)
        values.append(float(x.detach().square().sum()))
    assert values == pytest.approx([5.04, 1.81, 0.653, 0.235, 0.0847], rel=3e-3)


def test_plain_closures_work_and_cost_gradients():
    x = point(1.0, -2.0)
    optimizer = Armijo([x], lr=4.0)

    def closure():
        optimizer.zero_grad()
        loss = FUNCTIONS["rosenbrock"](x)
        loss.backward()
        return loss

    before = float(closure().detach())
    optimizer.step(closure)
    assert float(FUNCTIONS["rosenbrock"](x.detach())) < before


def test_full_relaxation_refuses_a_closure_that_keeps_the_graph_to_itself():
    x = point(1.0, -2.0)
    optimizer = FullRelaxation([x])
    with pytest.raises(InputError, match="must accept backward=False"):
        optimizer.step(lambda: x.square().sum())


def test_several_groups_are_one_vector():
    x, y = point(1.0), point(-2.0)
    optimizer = FullRelaxation([{"params": [x]}, {"params": [y]}])
    optimizer.step(Closure(optimizer=optimizer, loss=lambda: (x.square() + 4 * y.square()).sum() / 2))
    # one step of length g.g / g.Hg = 65 / 257 for both
    assert x.item() == pytest.approx(1 - 65 / 257) and y.item() == pytest.approx(-2 + 8 * 65 / 257)


def test_groups_with_different_options_are_refused():
    with pytest.raises(InputError, match="'lr' must be the same in every group"):
        Armijo([{"params": [point(1.0)]}, {"params": [point(1.0)], "lr": 0.5}])


def test_a_stationary_point_stays():
    x = point(0.0, 0.0)
    optimizer, closure = stepper(Armijo, x, FUNCTIONS["saddle"])
    optimizer.step(closure)
    assert optimizer.report["outcome"] == Outcome.STATIONARY and x.tolist() == [0.0, 0.0]


def test_a_decrease_below_rounding_stays_and_says_so():
    x = point(1e-9, 0.0)
    optimizer, closure = stepper(Armijo, x, lambda y: 1 + y.square().sum(), lr=1.0, c=0.5)
    optimizer.step(closure)
    assert optimizer.report["outcome"] == Outcome.PRECISION and x.tolist() == [1e-9, 0.0]


@pytest.mark.parametrize("rule", [Armijo, Goldstein, FullRelaxation])
def test_trials_outside_the_domain_have_failed(rule):
    # the first trials take the logarithm of a negative number
    x = point(0.1)
    optimizer, closure = stepper(rule, x, lambda y: (y - torch.log(y)).sum(), lr=-0.2 / (1 - 10) * 100)
    for _ in range(30):
        optimizer.step(closure)
    assert x.item() == pytest.approx(1.0, abs=1e-3)


def test_a_loss_that_is_no_number_is_refused():
    x = point(-1.0)
    optimizer, closure = stepper(Armijo, x, lambda y: torch.log(y).sum())
    with pytest.raises(TrainingError, match="the loss is nan"):
        optimizer.step(closure)


@pytest.mark.parametrize("rule", [Armijo, Goldstein])
def test_dropout_draws_one_mask_per_search(rule):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 200), nn.ReLU(), nn.Dropout(0.5), nn.Linear(200, 1)).double()
    inputs = torch.randn(16, 4, dtype=torch.float64)
    seen = []

    def loss():
        hidden = model[2](torch.ones(50))
        seen.append(hidden.tolist())
        return model(inputs).square().mean()

    optimizer = build("armijo" if rule is Armijo else "goldstein", model.parameters(), lr=100.0)
    optimizer.step(Closure(optimizer=optimizer, loss=loss, model=model))
    assert len(seen) > 2 and all(mask == seen[0] for mask in seen)


def test_trials_leave_running_statistics_alone():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 1))
    inputs = torch.randn(16, 4)
    optimizer = build("armijo", model.parameters(), lr=100.0)
    optimizer.step(Closure(optimizer=optimizer, loss=lambda: model(inputs).square().mean(), model=model))
    assert optimizer.report["trials"] > 1
    assert int(model[1].num_batches_tracked) == 1


def test_costs_are_counted():
    x, calls = point(-1.2, 1.0), []

    def loss():
        calls.append(torch.is_grad_enabled())
        return FUNCTIONS["rosenbrock"](x)

    optimizer = build("armijo", [x])
    closure = Closure(optimizer=optimizer, loss=loss)
    for _ in range(3):
        optimizer.step(closure)
    assert optimizer.report["gradients"] == sum(calls) == 3
    assert optimizer.report["evaluations"] == len(calls) - 3
