"""A network that is moved to another device computes there, and nothing of it stays behind."""

import copy

import numpy as np
import pytest
import torch

from neurobridge.backends.snntorch.network import RUNTIMES, SpikingNetwork
from tests.backends.dynamical import DYNAMICAL, loop_of_two, spikes_for
from tests.cases import GRAPHS, inputs_for
from tests.elsewhere import elsewhere

CASES = {f"{kind}-{code}": (build(code, steps, 0), inputs_for) for kind, build, code, steps in GRAPHS}
CASES |= {kind: (build(0), spikes_for) for kind, build in DYNAMICAL.items()}
CASES |= {"loop of two": (loop_of_two(0), spikes_for)}


def assert_same_elsewhere(network, inputs):
    """Run a network here and elsewhere in both runtimes, with counted spikes."""
    given = tuple(map(torch.as_tensor, inputs))
    answers = {runtime: network(*given, runtime=runtime) for runtime in RUNTIMES[network.code]}
    activity = network.observe(*given)
    with elsewhere() as device:
        moved = copy.deepcopy(network).to(device)
        for (runtime, answer), inputs in zip(answers.items(), (given, tuple(x.to(device) for x in given)), strict=True):
            found = moved(*inputs, runtime=runtime)
            for mine, other in zip(tuples(found), tuples(answer), strict=True):
                assert mine.device == device
                assert torch.equal(mine.cpu(), other)
        assert_same_activity(moved.observe(*inputs), activity)


def tuples(answer):
    return answer if isinstance(answer, tuple) else (answer,)


def assert_same_activity(found, wanted):
    assert found.neurons == wanted.neurons
    for name in ("spikes", "operations"):
        mine, other = getattr(found, name), getattr(wanted, name)
        assert mine.keys() == other.keys()
        for key in mine:
            np.testing.assert_array_equal(mine[key], other[key])


@pytest.mark.parametrize("case", CASES)
def test_every_graph(case):
    graph, inputs = CASES[case]
    network, given = SpikingNetwork(graph), tuple(map(torch.as_tensor, inputs(graph, 0)))
    assert_same_elsewhere(network, given)
    activity, raster = network.observe(*given), network.raster(*given)
    with elsewhere() as device:
        moved = network.to(device)
        for forgotten in (("counting",), ("counting", "reach")):  # worked out here, or elsewhere
            for name in forgotten:
                del vars(moved)[name]
            assert_same_activity(moved.observe(*given), activity)
        for name, spikes in moved.raster(*given).items():
            np.testing.assert_array_equal(spikes, raster[name])
