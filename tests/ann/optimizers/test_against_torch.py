"""Rules that torch.optim has too: equal to its plain loop after 100 steps in float64."""

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from neurobridge.ann.optimizers import build

# ours, options, torch's, options of the same rule
SAME_RULE = [
    ("gradient_descent", {"lr": 0.1}, torch.optim.SGD, {"lr": 0.1}),
    ("sgd", {"lr": 0.1, "weight_decay": 0.01}, torch.optim.SGD, {"lr": 0.1, "weight_decay": 0.01}),
    ("minibatch_sgd", {"lr": 0.1}, torch.optim.SGD, {"lr": 0.1}),
    ("momentum", {"lr": 0.2, "beta": 0.9}, torch.optim.SGD, {"lr": 0.2 * (1 - 0.9), "momentum": 0.9}),
    ("heavy_ball", {"lr": 0.02, "beta": 0.9}, torch.optim.SGD, {"lr": 0.02, "momentum": 0.9}),
    ("nesterov", {"lr": 0.02, "beta": 0.9}, torch.optim.SGD, {"lr": 0.02, "momentum": 0.9, "nesterov": True}),
    ("adagrad", {"lr": 0.05}, torch.optim.Adagrad, {"lr": 0.05}),
    ("rmsprop", {"lr": 0.01}, torch.optim.RMSprop, {"lr": 0.01}),
    ("rmsprop", {"lr": 0.01, "centered": True, "beta": 0.5}, torch.optim.RMSprop,
     {"lr": 0.01, "centered": True, "momentum": 0.5}),
    ("adam", {"lr": 0.01}, torch.optim.Adam, {"lr": 0.01}),
    ("adam", {"lr": 0.01, "amsgrad": True}, torch.optim.Adam, {"lr": 0.01, "amsgrad": True}),
    ("adamw", {"lr": 0.01, "weight_decay": 0.1}, torch.optim.AdamW, {"lr": 0.01, "weight_decay": 0.1}),
    ("sgld", {"lr": 0.1, "temperature": 0.0}, torch.optim.SGD, {"lr": 0.1}),
]  # fmt: skip


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 3)).double()


def train(model, optimizer, steps=100):
    generator = torch.Generator().manual_seed(1)
    for _ in range(steps):
        inputs = torch.randn(8, 6, generator=generator, dtype=torch.float64)
        optimizer.zero_grad()
        cross_entropy(model(inputs), inputs[:, :3].argmax(1)).backward()
        optimizer.step()
    return nn.utils.parameters_to_vector(model.parameters()).detach()


@pytest.mark.parametrize(("name", "options", "rule", "its_options"), SAME_RULE)
def test_equals_torch_after_100_steps(name, options, rule, its_options):
    ours, theirs = network(), network()
    found = train(ours, build(name, ours.parameters(), **options))
    expected = train(theirs, rule(theirs.parameters(), foreach=False, **its_options))
    assert torch.max(torch.abs(found - expected)) <= 1e-12


@pytest.mark.parametrize(
    ("name", "options", "rule", "its_options"), [entry for entry in SAME_RULE if entry[0] != "momentum"]
)
def test_equals_the_same_kernel_bit_for_bit(name, options, rule, its_options):
    ours, theirs = network(), network()
    optimizer = build(name, ours.parameters(), **options)
    fused = {"fused": True} if optimizer.defaults.get("fused") else {}
    expected = train(theirs, rule(theirs.parameters(), **fused, **its_options))
    assert torch.equal(train(ours, optimizer), expected)


def test_the_fastest_kernels_are_chosen():
    parameters = list(network().parameters())
    for name in ("momentum", "heavy_ball", "nesterov", "adagrad", "adam", "adamw"):
        assert build(name, parameters).defaults["fused"] is True
    # on CPU a bare step is faster in torch's loop, a step with weight decay is not
    for name in ("sgd", "sgld"):
        assert build(name, parameters).defaults["fused"] is False
        assert build(name, parameters, weight_decay=0.1).defaults["fused"] is True
        assert build(name, parameters, fused=True).defaults["fused"] is True


def test_averaged_momentum_is_not_torch_with_dampening():
    ours, theirs = network(), network()
    averaged = train(ours, build("momentum", ours.parameters(), lr=0.2, beta=0.9))
    dampened = train(theirs, torch.optim.SGD(theirs.parameters(), lr=0.2, momentum=0.9, dampening=0.9))
    assert torch.max(torch.abs(averaged - dampened)) > 1e-3


def test_averaged_momentum_is_torch_with_dampening_from_rest():
    ours, theirs = network(), network()
    reference = torch.optim.SGD(theirs.parameters(), lr=0.2, momentum=0.9, dampening=0.9, fused=True)
    for parameter in theirs.parameters():
        reference.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)
    expected = train(theirs, reference)
    assert torch.equal(train(ours, build("momentum", ours.parameters(), lr=0.2, beta=0.9)), expected)


@pytest.mark.parametrize("name", ["momentum", "heavy_ball", "nesterov"])
def test_groups_have_their_own_inertia(name):
    together, alone = network(), network()
    first, *others = together.parameters()
    optimizer = build(name, [{"params": [first], "beta": 0.5}, {"params": others}], lr=0.1, beta=0.9)
    assert [group["momentum"] for group in optimizer.param_groups] == [0.5, 0.9]
    train(together, optimizer)
    train(alone, build(name, alone.parameters(), lr=0.1, beta=0.9))
    assert not torch.equal(first, next(alone.parameters()))


def test_averaged_momentum_is_its_equation():
    x = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    optimizer = build("momentum", [x], lr=0.1, beta=0.8)
    position, velocity = x.detach().clone(), torch.zeros(2, dtype=torch.float64)
    for _ in range(50):
        optimizer.zero_grad()
        (x**4).sum().backward()
        optimizer.step()
        velocity = 0.8 * velocity + 0.2 * 4 * position**3
        position = position - 0.1 * velocity
    assert torch.allclose(x.detach(), position, atol=1e-14)


def test_weight_decay_is_an_l2_penalty_in_sgd_but_not_in_adam():
    def after(name, penalty, **options):
        model = network()
        optimizer = build(name, model.parameters(), lr=0.05, **options)
        inputs = torch.linspace(-1, 1, 48, dtype=torch.float64).view(8, 6)
        for _ in range(20):
            optimizer.zero_grad()
            weights = nn.utils.parameters_to_vector(model.parameters())
            (model(inputs).square().mean() + penalty / 2 * weights.square().sum()).backward()
            optimizer.step()
        return nn.utils.parameters_to_vector(model.parameters()).detach()

    assert torch.allclose(after("sgd", 0.1), after("sgd", 0.0, weight_decay=0.1), atol=1e-13)
    assert torch.max(torch.abs(after("adam", 0.1) - after("adamw", 0.0, weight_decay=0.1))) > 1e-2
