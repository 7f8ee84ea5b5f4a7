"""What networks ask of chips, against counts by hand and published limits."""

import pytest
import torch
from torch import nn

import neurobridge as nb
from neurobridge.comparison.chips import CHIPS, obstacles, rows, size, table
from neurobridge.errors import UnknownNameError

X = torch.rand(40, 1, 6, 6, generator=torch.Generator().manual_seed(0))


def converted(*layers, code="rate", x=X):
    torch.manual_seed(0)
    return nb.convert(nn.Sequential(*layers).eval(), x, code=code, steps=4).graph


def test_a_convolution_is_counted_by_hand():
    """3 x 4 x 4 neurons of 9 inputs each, then 5 readouts of 48."""
    asked = size(converted(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(48, 5)))
    assert (asked.neurons, asked.layers, asked.fan_in) == (48 + 5, 2, 48)
    assert asked.synapses == 48 * 9 + 48 * 5
    assert asked.weights == 3 * 9 + 48 * 5
    assert not asked.beyond


def test_a_neuron_of_more_inputs_than_a_core_has_does_not_fit_truenorth():
    flat = torch.rand(40, 300)
    graph = converted(nn.Linear(300, 4), nn.ReLU(), nn.Linear(4, 2), x=flat)
    assert obstacles(graph, "TrueNorth") == ("300 fan-in, of 256",)
    assert obstacles(graph, "Loihi 2") == ()


def test_more_layers_than_speck_has_cores():
    deep = [layer for _ in range(9) for layer in (nn.Linear(6, 6), nn.ReLU())]
    assert obstacles(converted(*deep, nn.Linear(6, 2), x=torch.rand(40, 6)), "Speck") == ("10 layers, of 9",)


@pytest.mark.parametrize("code", ["rate", "radix"])
def test_neurons_that_share_a_number_are_one_layer(code):
    model = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 2)).eval()
    one, four = (size(nb.convert(model, torch.rand(40, 6), code=code, steps=4, copies=k).graph) for k in (1, 4))
    assert four.layers == one.layers == 3
    assert dict(four.beyond) == dict(one.beyond)
    assert four.neurons - 2 == 4 * (one.neurons - 2)


def test_neurons_that_chips_do_not_have_are_named():
    graph = converted(nn.Flatten(), nn.Linear(36, 4), nn.Sigmoid(), nn.Linear(4, 2), code="radix")
    assert set(obstacles(graph, "Loihi 2")) == {"1 x threshold that adapts", "2 x neuron of the radix code"}


def test_words_and_data_say_the_same():
    graph = converted(nn.Flatten(), nn.Linear(36, 4), nn.ReLU(), nn.Linear(4, 2))
    assert table(graph).count("within its published limits") == len(CHIPS)
    assert all(not chip["obstacles"] and chip["source"] for chip in rows(graph)["chips"].values())


def test_unknown_chips_are_refused():
    with pytest.raises(UnknownNameError, match=r"unknown chip 'Loihi'; did you mean 'Loihi 2'"):
        obstacles(converted(nn.Flatten(), nn.Linear(36, 2), nn.ReLU()), "Loihi")
