"""What tests of lowering rules share: inputs, small networks, and what it means that a conversion is right."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import neurobridge as nb
from neurobridge.backends.snntorch.network import SpikingNetwork
from neurobridge.graph import reference

torch.manual_seed(0)


def between(activation):
    """An activation between two linear layers."""
    return nn.Sequential(nn.Linear(6, 12), activation, nn.Linear(12, 5))


FLAT, ROWS, IMAGE = torch.randn(48, 6), torch.randn(48, 5, 6), torch.rand(48, 2, 8, 8)
TOKENS = torch.randint(0, 20, (48, 6))


def agreed(model, x, steps=10, within=0.02):
    """Convert, and check outputs against the model, both runtimes against each other and against the reference."""
    model.eval()
    network = nb.convert(model, x, steps=steps)
    with torch.no_grad():
        wanted, got = model(x), network(x)
    assert float((got - wanted).norm() / wanted.norm()) < within
    exact = SpikingNetwork(network.graph, dtype=torch.float64)
    inputs = x.double() if x.is_floating_point() else x
    fast, stepped = exact(inputs), exact(inputs, runtime="stepped")
    # thresholds are crossed alike in both, so that only the order of sums is left
    assert float((fast - stepped).abs().max()) < 1e-9
    np.testing.assert_allclose(reference.run(network.graph, x.numpy()[:6]).outputs[0], fast[:6].numpy(), atol=1e-9)
    return network


class Of(nn.Module):
    """A network given by a function of its layers and its inputs."""

    def __init__(self, function, *layers):
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.function = function

    def forward(self, x):
        return self.function(self.layers, x)


class Recurrent(nn.Module):
    """A recurrent layer and a readout of its last step."""

    def __init__(self, layer, features):
        super().__init__()
        self.layer, self.readout = layer, nn.Linear(features, 4)

    def forward(self, x):
        return self.readout(self.layer(x)[0][:, -1])


class Sampler(nn.Module):
    """A spatial transformer in front of a convolution."""

    def __init__(self, padding, aligned):
        super().__init__()
        self.locate, self.see, self.read = nn.Linear(128, 6), nn.Conv2d(2, 3, 3), nn.Linear(108, 4)
        nn.init.normal_(self.locate.weight, std=0.05)
        self.locate.bias.data = torch.tensor([1.0, 0, 0, 0, 1, 0])
        self.padding, self.aligned = padding, aligned

    def forward(self, x):
        theta = self.locate(x.flatten(1)).view(-1, 2, 3)
        grid = F.affine_grid(theta, x.size(), align_corners=self.aligned)
        x = F.grid_sample(x, grid, padding_mode=self.padding, align_corners=self.aligned)
        return self.read(F.relu(self.see(x)).flatten(1))
