"""Windows that pass gradients straight through: what is deployed is what was trained, whatever the architecture."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import neurobridge as nb
from neurobridge.backends.snntorch.analog import AnalogNetwork
from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.conversion.learnable import learnable
from neurobridge.conversion.straight_through import SMOOTH, UNTIED, StraightThroughNetwork
from neurobridge.errors import CalibrationError
from neurobridge.graph.nodes import Population, Synapses
from tests.conversion.networks import CNN, MLP, Residual, images, seeded


class Recurrent(nn.Module):
    """A recurrent layer that reads an image row by row."""

    def __init__(self, cell: str = "LSTM") -> None:
        super().__init__()
        self.cell = getattr(nn, cell)(6, 5, batch_first=True)
        self.head = nn.Linear(5, 4)
        seeded(self)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.cell(x[:, 0])[0][:, -1])


class Attending(nn.Module):
    """A Transformer's encoder over the rows of an image: softmax, LayerNorm, GELU, learnt positions."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.positions = nn.Linear(6, 8), nn.Parameter(torch.zeros(6, 8))
        self.layer = nn.TransformerEncoderLayer(8, 2, 12, activation="gelu", batch_first=True)
        self.head = nn.Linear(8, 4)
        seeded(self)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.layer(self.embedding(x[:, 0]) + self.positions).mean(dim=1))


class Turning(nn.Module):
    """A spatial transformer in front of a layer."""

    def __init__(self) -> None:
        super().__init__()
        self.localise, self.head = nn.Linear(36, 6), nn.Linear(36, 4)
        seeded(self)
        with torch.no_grad():
            self.localise.weight.mul_(0.2)
            self.localise.bias.copy_(torch.tensor([0.9, 0.1, 0.0, -0.1, 0.9, 0.1]))

    def forward(self, x: Tensor) -> Tensor:
        grid = F.affine_grid(self.localise(x.flatten(1)).view(-1, 2, 3), [x.size(0), 1, 6, 6], align_corners=False)
        return self.head(torch.relu(F.grid_sample(x, grid, align_corners=False)).flatten(1))


class Reading(nn.Module):
    """An embedding of tokens and a GRU; the tokens are the ranks of an image's rows."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.cell, self.head = nn.Embedding(7, 4), nn.GRU(4, 5, batch_first=True), nn.Linear(5, 4)
        seeded(self)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.cell(self.embedding(x))[0][:, -1])


ARCHITECTURES = {
    "MLP": MLP,
    "CNN": CNN,
    "residual": Residual,
    "RNN": lambda: Recurrent("RNN"),
    "LSTM": Recurrent,
    "GRU": lambda: Recurrent("GRU"),
    "Transformer": Attending,
    "spatial transformer": Turning,
    "tokens": Reading,
}


def inputs(name: str, samples: int = 96, seed: int = 0) -> Tensor:
    x = images(samples, seed)
    return (x[:, 0].mean(dim=2) * 20 - 6).round().long().clamp(0, 6) if name == "tokens" else x


def started(name: str, code: str = "radix", steps: int = 4, copies: int = 1) -> tuple[StraightThroughNetwork, Tensor]:
    x = inputs(name)
    graph = nb.convert(ARCHITECTURES[name](), x, code=code, steps=steps, copies=copies).graph
    return StraightThroughNetwork(graph), x


def moved(network: StraightThroughNetwork, x: Tensor) -> None:
    """Learn to answer something else, for a few updates."""
    weights = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(weights, lr=1e-2)
    for _ in range(5):
        optimizer.zero_grad()
        F.cross_entropy(network(x), torch.arange(len(x)) % 4).backward()
        optimizer.step()


DEPLOYED = [
    *((name, "radix", 2, 1) for name in ARCHITECTURES),
    *((name, "radix", 5, 1) for name in ("CNN", "LSTM", "Transformer")),
    *((name, "latency", 6, 1) for name in ("GRU", "spatial transformer")),
    *((name, "radix", 3, 3) for name in ("residual", "RNN", "LSTM")),
]


@pytest.mark.parametrize(("name", "code", "steps", "copies"), DEPLOYED)
def test_what_is_deployed_is_what_was_trained(name, code, steps, copies):
    """Equal but where sums in another order bring a membrane to the other side of a threshold, rarely."""
    network, x = started(name, code, steps, copies)
    before = network(x)
    moved(network, x)
    with torch.no_grad():
        own, deployed = network(x), SpikingNetwork(network.learnt())(x)
    assert not torch.allclose(own, before)
    differ = (own - deployed).abs().amax(dim=1) > 1e-4 * own.abs().max()
    assert float(differ.float().mean()) <= 0.05


@pytest.mark.parametrize("name", ["MLP", "LSTM", "GRU", "Transformer", "spatial transformer", "tokens"])
def test_with_many_levels_the_gradient_is_that_of_the_network_with_real_numbers(name):
    network, x = started(name, steps=14)
    analog = AnalogNetwork(network.graph)
    analog.load_state_dict(network.analog.state_dict())
    for one, other in zip(network.analog.parameters(), analog.parameters(), strict=True):
        other.requires_grad_(one.requires_grad)
    network(x).square().sum().backward()
    analog((x,))[0].square().sum().backward()
    for one, other in zip(network.analog.parameters(), analog.parameters(), strict=True):
        if one.requires_grad:
            # hats of the sampler have corners, at which a level more or less takes the other slope
            tolerance = 0.1 if name == "spatial transformer" else 0.01
            assert float((one.grad - other.grad).norm()) <= tolerance * float(other.grad.norm()) + 1e-6


def test_outside_its_range_a_population_passes_no_gradient_on():
    """Value = quantum floor(v / quantum + 1/2) within [0, 1], one third each at T = 2: 0.4 is sent as one third."""
    graph = nb.convert(nn.Sequential(nn.Flatten(), nn.Linear(1, 1), nn.ReLU()), torch.rand(8, 1), steps=2).graph
    network = StraightThroughNetwork(graph.mapped(_unit))
    with torch.no_grad():
        for parameter in network.analog.parameters():
            parameter.fill_(1.0 if parameter.ndim == 2 else 0.0)
    x = torch.tensor([[-0.4], [0.4], [1.4]], requires_grad=True)
    y = network(x)
    y.sum().backward()
    third = (1 + 2.0**-12) / 3
    assert y.flatten().tolist() == pytest.approx([0, third, 3 * third], rel=1e-5)
    assert x.grad.flatten().tolist() == [0, 1, 0]


def _unit(node):
    return replace(node, high=np.ones(node.high.shape)) if isinstance(node, Population) else node


@pytest.mark.parametrize("name", ["step", "floor", "round"])
def test_functions_without_a_slope_get_one(name):
    x = torch.linspace(-2, 2, 9, requires_grad=True)
    y = SMOOTH[name](x)
    exact = {"step": (x >= 0).float(), "floor": x.floor(), "round": x.round()}[name]
    assert torch.equal(y, exact)
    y.sum().backward()
    slope = 1 / (1 + (np.pi * x.detach()) ** 2) if name == "step" else torch.ones(9)
    torch.testing.assert_close(x.grad, slope)


@pytest.mark.parametrize(
    ("name", "drives"),
    [("reciprocal", (-1.0, 0.0, 1e-20)), ("log", (-1.0, 0.0)), ("sqrt", (-1.0, 0.0)), ("exp", (1e3,))],
)
def test_drives_beyond_a_domain_have_finite_gradients(name, drives):
    x = torch.tensor(drives, requires_grad=True)
    y = SMOOTH[name](x)
    y.sum().backward()
    assert torch.isfinite(y).all()
    assert torch.isfinite(x.grad).all()


LEARNT = {
    # weights, biases; the 1 of 1 - z, the first state and the score's scale are nobody's
    "GRU": [(15, 6), (15,), (15, 5), (15,), (4, 5), (4,)],
    "tokens": [(4, 7), (15, 4), (15,), (15, 5), (15,), (4, 5), (4,)],
    # the grid and the place cells of the sampler are not learnt
    "spatial transformer": [(6, 36), (6,), (4, 36), (4,)],
}


@pytest.mark.parametrize("name", LEARNT)
def test_what_is_learnt_are_the_networks_own_weights(name):
    graph = nb.convert(ARCHITECTURES[name](), inputs(name), steps=4).graph
    parts = AnalogNetwork(graph).parts
    nodes = [node for node in graph.everywhere.values() if isinstance(node, Synapses)]
    shapes = [tuple(p.shape) for node in nodes for p in learnable(node, parts[node.name])]
    assert sorted(shapes) == sorted(LEARNT[name])


def test_a_transformer_learns_its_normalisation_and_positions_too():
    graph = nb.convert(Attending(), inputs("Transformer"), steps=4).graph
    parts = AnalogNetwork(graph).parts
    nodes = [node for node in graph.everywhere.values() if isinstance(node, Synapses)]
    learnt = {node.name: [tuple(p.shape) for p in learnable(node, parts[node.name])] for node in nodes}
    assert learnt["add"] == [(8, 6), (6, 8)]  # the embedding's bias is one with the positions
    assert learnt["layer_norm-affine"] == [(8,), (8,)]
    assert not any(learnt[name] for name in learnt if name.startswith("scaled_dot_product_attention"))


def test_ranges_stay_but_for_what_breaks_ties():
    converted = nb.convert(Recurrent(), inputs("LSTM"), steps=4)
    network = StraightThroughNetwork(converted.graph)
    moved(network, inputs("LSTM"))
    for node in network.learnt().populations:
        before = converted.graph.everywhere[node.name]
        np.testing.assert_allclose(node.high, before.high * (1 if getattr(node, "fixed", False) else UNTIED))
        assert node.paired == before.paired


def test_ranges_follow_the_weights_when_they_are_fitted_again():
    x = inputs("MLP")
    lowered = nb.convert(MLP(), x, steps=8).graph
    network = StraightThroughNetwork(lowered)
    with torch.no_grad():
        for parameter in network.analog.parameters():
            parameter.mul_(2)
    network.fit(lowered, [(x,)])
    first, second = ((node, lowered.everywhere[node.name]) for node in network.learnt().populations[1:])
    np.testing.assert_allclose(first[0].high, 2 * UNTIED * first[1].high, rtol=1e-5)
    assert np.max(second[0].high) > 2 * np.max(second[1].high)  # of twice the weights on twice the numbers


def test_weights_that_are_no_numbers_are_refused():
    x = inputs("MLP")
    lowered = nb.convert(MLP(), x, steps=4).graph
    network = StraightThroughNetwork(lowered)
    with torch.no_grad():
        next(p for p in network.analog.parameters() if p.requires_grad).fill_(torch.nan)
    with pytest.raises(CalibrationError, match=r"population 'relu' \(relu at .* is not finite on the calibration data"):
        network.fit(lowered, [(x,)])
