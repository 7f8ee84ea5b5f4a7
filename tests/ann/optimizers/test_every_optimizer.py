"""What every optimiser must do: accept closures, groups and schedules, save and load exactly, refuse clearly."""

import copy
import doctest
import importlib
import pkgutil

import pytest
import torch
from torch import nn

from neurobridge.ann import optimizers
from neurobridge.ann.optimizers import OPTIMIZERS, Closure, build, needs_closure
from neurobridge.errors import InputError, UnknownNameError

OURS = sorted(name for name, rule in OPTIMIZERS.items() if rule.__module__.startswith("neurobridge"))
FAST = {name: {"lr": 0.05} for name in OURS} | {"sgld": {"lr": 0.05, "temperature": 1e-4, "seed": 3}}
NO_CLOSURE = sorted(set(OURS) - {"armijo", "goldstein", "full_relaxation", "sam"})


def bowl(x):
    return (torch.tensor([1.0, 4.0, 9.0], dtype=x.dtype) * x.square()).sum() + x.prod()


def start():
    return torch.tensor([1.0, -0.7, 0.4], dtype=torch.float64, requires_grad=True)


def walk(x, optimizer, steps):
    closure = Closure(optimizer=optimizer, loss=lambda: bowl(x))
    return [float(optimizer.step(closure).detach()) for _ in range(steps)]


TORCHS = {"adadelta": {"lr": 50.0}, "adamax": {"lr": 0.05}, "asgd": {"lr": 0.05}, "nadam": {"lr": 0.05}, "lbfgs": {}}


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_minimises_a_bowl(name):
    x = start()
    losses = walk(x, build(name, [x], **(FAST | TORCHS).get(name, {"lr": 0.05})), 30)
    assert losses[-1] < 0.8 * losses[0]


@pytest.mark.parametrize("name", OURS)
def test_resumes_exactly_from_its_state(name):
    x = start()
    optimizer = build(name, [x], **FAST[name])
    walk(x, optimizer, 6)
    saved, position = copy.deepcopy(optimizer.state_dict()), x.detach().clone()
    walk(x, optimizer, 6)
    other = position.clone().requires_grad_()
    resumed = build(name, [other], **FAST[name])
    resumed.load_state_dict(saved)
    walk(other, resumed, 6)
    assert torch.equal(other, x)


@pytest.mark.parametrize("name", OURS)
def test_state_survives_a_file(name, tmp_path):
    x = start()
    optimizer = build(name, [x], **FAST[name])
    walk(x, optimizer, 3)
    torch.save(optimizer.state_dict(), tmp_path / "state.pt")
    other = x.detach().clone().requires_grad_()
    resumed = build(name, [other], **FAST[name])
    resumed.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))
    walk(x, optimizer, 3)
    walk(other, resumed, 3)
    assert torch.equal(other, x)


@pytest.mark.parametrize("name", NO_CLOSURE)
def test_groups_have_their_own_rate(name):
    moving, frozen = start(), start()
    optimizer = build(name, [{"params": [moving]}, {"params": [frozen], "lr": 0.0}], **FAST[name])
    (bowl(moving) + bowl(frozen)).backward()
    optimizer.step()
    assert torch.equal(frozen, start()) and not torch.equal(moving, start())


@pytest.mark.parametrize("name", OURS)
def test_schedules_change_the_rate(name):
    x = start()
    optimizer = build(name, [x], **FAST[name])
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    walk(x, optimizer, 1)
    schedule.step()
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.025)


@pytest.mark.parametrize("name", OURS)
def test_parameters_without_gradient_stay(name):
    x, unused = start(), start()
    optimizer = build(name, [x, unused], **FAST[name])
    walk(x, optimizer, 2)
    assert torch.equal(unused, start())


@pytest.mark.parametrize("name", OURS)
def test_complex_parameters_are_refused(name):
    with pytest.raises(InputError, match="only real floating-point"):
        build(name, [torch.zeros(2, dtype=torch.complex64, requires_grad=True)])


@pytest.mark.parametrize("name", OURS)
def test_sparse_gradients_are_refused(name):
    table = nn.Embedding(5, 3, sparse=True)
    before = table.weight.detach().clone()
    optimizer = build(name, table.parameters(), **FAST[name])
    closure = Closure(optimizer=optimizer, loss=lambda: table(torch.tensor([1, 2])).sum())
    with pytest.raises(InputError, match="is sparse"):
        optimizer.step(closure)
    assert torch.equal(table.weight, before)


@pytest.mark.parametrize("name", ["armijo", "goldstein", "full_relaxation", "sam"])
def test_missing_closure_is_refused(name):
    optimizer = build(name, [start()])
    assert needs_closure(optimizer)
    with pytest.raises(InputError, match=r"call step\(closure\)"):
        optimizer.step()


@pytest.mark.parametrize("name", NO_CLOSURE)
def test_closure_is_optional(name):
    assert not needs_closure(build(name, [start()]))


def test_unknown_name_lists_the_known():
    with pytest.raises(UnknownNameError, match="did you mean 'adam'"):
        build("addam", [start()])


def test_unknown_option_lists_the_known():
    with pytest.raises(InputError, match=r"'adam' has no option 'learning_rate'\. It takes: lr, betas"):
        build("adam", [start()], learning_rate=0.1)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("sgd", {"lr": -1.0}, "Invalid learning rate"),
        ("momentum", {"beta": 1.0}, r"beta=1.0 is outside the range \[0, 1\)"),
        ("momentum", {"lr": float("nan")}, "Momentum: lr=nan is outside"),
        ("adam", {"lr": float("inf")}, "Adam: lr=inf is outside"),
        ("sgd", {"weight_decay": float("nan")}, "GradientDescent: weight_decay=nan is outside"),
        ("heavy_ball", {"beta": -0.1}, r"HeavyBall: beta=-0.1 is outside the range \[0, 1\)"),
        ("nesterov", {"beta": 0.0}, r"Nesterov: beta=0.0 is outside the range \(0, 1\)"),
        ("sgld", {"temperature": -1.0}, "SGLD: temperature=-1.0 is outside"),
        ("sam", {"rho": -0.1}, "SAM: rho=-0.1 is outside"),
        ("armijo", {"c": 1.0}, r"Armijo: c=1.0 is outside the range \(0, 1\)"),
        ("goldstein", {"c": 0.5}, r"Goldstein: c=0.5 is outside the range \(0, 0.5\)"),
        ("full_relaxation", {"b2": 0.3}, r"b2=0.3 must lie in \[0, c / 2\]"),
        ("full_relaxation", {"start": "far"}, "start='far' must be"),
    ],
)
def test_options_out_of_range_are_refused(name, options, message):
    with pytest.raises(InputError, match=message):
        build(name, [start()], **options)


@pytest.mark.parametrize("module", [entry.name for entry in pkgutil.iter_modules(optimizers.__path__)])
def test_examples_in_the_docs(module):
    found = importlib.import_module(f"neurobridge.ann.optimizers.{module}")
    assert doctest.testmod(found, extraglobs={"torch": torch}).failed == 0
