"""Repair of the rate code: each part against what theory says it does, and the options that are refused."""

import numpy as np
import pytest
import torch
from torch import nn

import neurobridge as nb
from neurobridge.backends import simulator
from neurobridge.backends.snntorch.synapses import Weights
from neurobridge.conversion.least_squares import refit
from neurobridge.conversion.repair import Repair
from neurobridge.errors import InputError
from neurobridge.graph import maps
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Edge, Encode, Synapses
from neurobridge.graph.reference import run
from tests.conversion.networks import CNN, MLP, seeded

NOTHING = Repair(thresholds="largest", membranes="half", weights=False, bias=False)


def images(samples: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(samples, 1, 6, 6, generator=torch.Generator().manual_seed(seed))


def test_weights_are_refitted_as_by_ridge_regression():
    """The closed form on centred data, since the bias is free: W + (X'X + lambda)^-1 X'R."""
    random = np.random.default_rng(0)
    weight, x, wanted = random.normal(size=(3, 5)), random.normal(size=(40, 5)) + 1, random.normal(size=(40, 3))
    encode = Encode(name="x", inputs=(), shape=(5,), steps=1, low=np.zeros(()), high=np.ones(()), current=True)
    node = Synapses(name="w", inputs=(Edge(source="x"),), shape=(3,), maps=(maps.Dense(weight=weight),))
    module = Weights(Graph(code="rate", steps=1, nodes=(encode, node)), node, torch.float64)
    shift = refit(module, [torch.tensor(x)], torch.tensor(wanted), 0.1, -1, (0,))
    error, centred = wanted - x @ weight.T, x - x.mean(axis=0)
    share = 0.1 * float((x**2).sum()) / 5
    exact = np.linalg.solve(centred.T @ centred + share * np.eye(5), centred.T @ (error - error.mean(axis=0)))
    # the ridge's size is estimated from random signs: 12 % is what 15 weights scatter by here
    np.testing.assert_allclose(module.maps[0].weight.numpy() - weight, exact.T, atol=0.12 * np.abs(exact).max())
    left = wanted - x @ module.maps[0].weight.numpy().T - shift.numpy()
    np.testing.assert_allclose(left.mean(axis=0), 0, atol=1e-9)


@pytest.mark.parametrize("copies", [1, 2, 3])
def test_copies_round_a_constant_drive_as_one_neuron_does_in_as_many_more_steps(copies):
    """Spikes of all copies = clip(floor(copies T x / theta + 1/2), 0, copies T)."""
    model, x, steps = nn.Sequential(nn.Linear(1, 1), nn.ReLU()), torch.linspace(-0.5, 1.5, 97)[:, None], 4
    nn.init.ones_(model[0].weight)
    nn.init.zeros_(model[0].bias)
    repair = Repair(thresholds="largest", membranes="half", weights=False, bias=False)
    graph = nb.convert(model, x[48:], code="rate", steps=steps, copies=copies, repair=repair).graph
    fired = run(graph, x.double().numpy()).spikes
    total = sum(spikes.sum(axis=0) for spikes in fired.values())
    theta = float(graph.populations[1].high)
    expected = np.clip(np.floor(copies * steps * x.double().numpy() / theta + 0.5), 0, copies * steps)
    np.testing.assert_array_equal(total, expected)


def relative_errors(model, repairs, steps=4):
    x, fresh = images(400, 1), images(400, 2)
    wanted = model(fresh)
    found = [nb.convert(model, x, code="rate", steps=steps, repair=repair)(fresh) for repair in repairs]
    return [float((y - wanted).norm() / wanted.norm()) for y in found]


@torch.no_grad()
def test_repairs_make_the_outputs_better_on_other_data():
    """Each part lowers the error of the outputs of a random network on samples that it was not fitted to."""
    half = Repair(thresholds="least error", membranes="half", weights=False, bias=False)
    parts = [NOTHING, half, Repair(weights=False), Repair()]
    errors = relative_errors(MLP(1), parts)
    assert errors == sorted(errors, reverse=True), errors


@torch.no_grad()
def test_half_a_threshold_is_the_better_start():
    """Without it the mean of floor(x) is half a spike short: Bu et al. 2022."""
    zero = Repair(thresholds="largest", membranes="zero", weights=False, bias=False)
    start_at_zero, start_at_half = relative_errors(MLP(2), [zero, NOTHING])
    assert start_at_half < start_at_zero / 1.5


@pytest.mark.parametrize("repair", [Repair(), Repair(membranes="zero"), Repair(epochs=1)])
@pytest.mark.parametrize("name", ["snntorch", "nengo"])
def test_repaired_networks_fire_the_spikes_of_the_reference(name, repair):
    model, x = CNN(0) if name == "snntorch" else MLP(0), images(40)
    if any(isinstance(m, nn.MaxPool2d) for m in model.modules()):
        model = seeded(nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(12, 4)))
    graph = nb.convert(model, x, code="rate", steps=3, repair=repair).graph
    given = (x[:5].double().numpy(),)
    expected, found = simulator("reference")(graph, given), simulator(name)(graph, given)
    for population, spikes in expected.spikes.items():
        np.testing.assert_array_equal(found.spikes[population], spikes)


def test_repair_is_for_the_rate_code():
    with pytest.raises(InputError, match=r"repair is given for the radix code; only code='rate' takes it"):
        nb.convert(MLP(0), images(8), code="radix", repair=Repair())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"thresholds": "median"}, r"thresholds is 'median'; use one of 'least error', 'largest'"),
        ({"membranes": "full"}, r"membranes is 'full'; use one of 'half', 'zero', 'fitted'"),
        ({"epochs": True}, r"epochs is True; it is a whole number from 0 to 10000"),
    ],
)
def test_options_that_cannot_be(options, message):
    with pytest.raises(InputError, match=message):
        Repair(**options)
