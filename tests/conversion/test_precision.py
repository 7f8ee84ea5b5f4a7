"""Steps found for a target: the target is met, nothing is spent that the output does not feel."""

import numpy as np
import pytest
import torch
from scipy.stats import binom
from torch import nn

import neurobridge as nb
from neurobridge.conversion.precision import LEAST, upper_bound
from neurobridge.errors import CalibrationError, InputError

torch.manual_seed(0)
ATTENTIVE = nn.Sequential(
    nn.TransformerEncoderLayer(8, 2, 16, 0.0, "gelu", batch_first=True), nn.Flatten(), nn.Linear(40, 5)
).eval()
ROWS = torch.randn(400, 5, 8)
PLAIN = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 5)).eval()
FLAT = torch.rand(400, 8)


def steps_of(network):
    return [node.steps for node in network.graph.populations]


@pytest.mark.parametrize("rel_error", [0.03, 0.005])
def test_a_transformer_meets_its_target_with_fewer_steps_than_uniform_ones(rel_error):
    found = nb.convert(ATTENTIVE, ROWS, steps="auto", rel_error=rel_error)
    assert found.certificate.output_error <= rel_error
    assert min(steps_of(found)) >= LEAST["radix"]
    uniform = next(
        network
        for network in (nb.convert(ATTENTIVE, ROWS, steps=steps) for steps in range(4, 17))
        if network.certificate.output_error <= rel_error
    )
    assert sum(steps_of(found)) < sum(steps_of(uniform))


@pytest.mark.parametrize("code", ["radix", "latency", "rate", "signed"])
def test_every_code_meets_a_target(code):
    found = nb.convert(PLAIN, FLAT, code=code, steps="auto", rel_error=0.05)
    assert found.certificate.output_error <= 0.05


def test_a_disagreement_is_bounded_with_confidence():
    found = nb.convert(PLAIN, FLAT, steps="auto", disagreement=0.03)
    with torch.no_grad():
        differ = int((found(FLAT).argmax(1) != PLAIN(FLAT).argmax(1)).sum())
    assert upper_bound(differ, len(FLAT)) <= 0.03


def test_the_upper_bound_is_that_of_clopper_and_pearson():
    # at the bound, so few events or fewer have a chance of 5 %
    for events, samples in ((0, 100), (3, 500), (40, 90)):
        assert binom.cdf(events, samples, upper_bound(events, samples)) == pytest.approx(0.05, abs=1e-9)
    assert upper_bound(5, 5) == 1.0


def test_targets_that_cannot_be_shown_or_met_are_refused():
    with pytest.raises(CalibrationError, match="takes 2995 calibration samples"):
        nb.convert(PLAIN, FLAT, steps="auto", disagreement=0.001)
    with pytest.raises(CalibrationError, match="not met"):
        nb.convert(PLAIN, FLAT, code="rate", steps="auto", rel_error=1e-7)
    for wrong in ({}, {"rel_error": 0.1, "disagreement": 0.1}, {"rel_error": 1.5}, {"rel_error": np.nan}):
        with pytest.raises(InputError, match="one target between 0 and 1"):
            nb.convert(PLAIN, FLAT, steps="auto", **wrong)


@pytest.mark.parametrize(("code", "uniform"), [("radix", 6), ("latency", 40)])
def test_steps_given_out_within_a_latency_lose_less_than_uniform_ones(code, uniform):
    torch.manual_seed(1)
    net = nn.Sequential(nn.Linear(2, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 3)).eval()
    with torch.no_grad():
        net[0].weight.mul_(4)
    rows = torch.randn(300, 2)
    plain = nb.convert(net, rows, code=code, steps=uniform)
    found = nb.convert(net, rows, code=code, steps="auto", latency=plain.latency)
    assert found.latency == plain.latency
    assert found.certificate.output_error < plain.certificate.output_error
    # errors of two numbers reach all units, those of 64 units cancel in part
    assert steps_of(found)[0] > steps_of(found)[1]


def test_side_paths_use_the_time_that_the_longest_one_takes():
    class Beside(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two, self.three = nn.Linear(8, 6), nn.Linear(6, 6), nn.Linear(8, 6)

        def forward(self, x):
            return torch.relu(self.two(torch.relu(self.one(x)))) + torch.relu(self.three(x))

    found = nb.convert(Beside().eval(), FLAT, steps="auto", latency=24)
    encode, *relus = steps_of(found)
    assert found.latency == 24
    assert min(relus[0] + relus[1], relus[2]) == min(24 - encode, 16)


def test_latencies_that_can_not_be_are_refused():
    with pytest.raises(CalibrationError, match=r"latency=7 is too short: with 4 steps .* an answer takes 8 steps"):
        nb.convert(PLAIN, FLAT, steps="auto", latency=7)
    for wrong in ({"latency": 0}, {"latency": 8.0}, {"latency": True}, {"latency": 8, "rel_error": 0.1}):
        with pytest.raises(InputError, match="a whole number of steps from 1, and the only target"):
            nb.convert(PLAIN, FLAT, steps="auto", **wrong)
    with pytest.raises(InputError, match="latency is given for the rate code, whose steps are its latency"):
        nb.convert(PLAIN, FLAT, code="rate", steps="auto", latency=24)
    with pytest.raises(InputError, match="a target takes steps='auto'"):
        nb.convert(PLAIN, FLAT, steps=8, latency=24)
