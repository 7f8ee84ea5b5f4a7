"""What is converted moves to another device whole, and learns there through its spikes."""

import copy

import pytest
import torch

from neurobridge import models
from neurobridge.conversion.convert import convert
from neurobridge.conversion.early_exit import decide
from neurobridge.conversion.surrogate import Learning, SurrogateNetwork
from tests.ann.models.test_devices import FIRST, OPTIONS, SHAPES, batch
from tests.backends.snntorch.test_devices import assert_same_elsewhere
from tests.elsewhere import elsewhere

CODES = [(*case, "radix") for case in FIRST.values()]
CODES += [(name, "image", code) for name in ("mlp", "cnn", "residual-cnn") for code in ("rate", "signed", "latency")]


def converted(name, kind, code):
    """Return a small network of an architecture, converted, and inputs."""
    inputs, _ = batch(SHAPES[kind], 8)
    network = models.build(name, SHAPES[kind], **OPTIONS[name][0]).eval()
    return convert(network, inputs, code=code, steps=2 if code == "radix" else 16), inputs


@pytest.mark.parametrize(("name", "kind", "code"), CODES)
def test_every_architecture(name, kind, code):
    snn, inputs = converted(name, kind, code)
    assert_same_elsewhere(snn, (inputs[:2],))


def test_a_network_learns_elsewhere_through_its_spikes():
    snn, inputs = converted("cnn", "image", "rate")
    here = SurrogateNetwork(snn.graph, Learning())
    with elsewhere() as device:
        there = copy.deepcopy(here).to(device)
        here(inputs).square().sum().backward()
        there(inputs.to(device)).square().sum().backward()
        for mine, other in zip(here.parameters(), there.parameters(), strict=True):
            torch.testing.assert_close(other.grad.cpu(), mine.grad)
        assert there.learnt().nodes[-1].name == here.learnt().nodes[-1].name


def test_early_exit_elsewhere():
    snn, inputs = converted("mlp", "image", "rate")
    wanted = decide(snn, inputs, margin=0.5)
    with elsewhere() as device:
        snn.to(device)
        for given in (inputs, inputs.to(device)):
            found = decide(snn, given, margin=0.5)
            assert (found.choices == wanted.choices).all()
            assert (found.steps == wanted.steps).all()
