"""The networks that agents decide with: perceptrons, and convolutions in front of them for images."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from torch import nn

from neurobridge.errors import InputError, lookup

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}


def perceptron(sizes: Sequence[int], activation: str = "relu") -> nn.Sequential:
    """Return linear layers from `sizes[0]` to `sizes[-1]` with a nonlinearity between any two; nothing after the last.

    Raises:
        UnknownNameError: no activation has this name.
    """
    between = lookup("activation", activation, ACTIVATIONS)
    layers: list[nn.Module] = []
    for source, target in pairwise(sizes):
        layers += [nn.Linear(source, target), between()]
    return nn.Sequential(*layers[:-1])


def orthogonal(network: nn.Module, gain: float, last: float) -> nn.Module:
    """Give all linear layers orthogonal weights and zero biases, the last one with a gain of its own; return it.

    Source: Saxe, McClelland & Ganguli 2014; for policy gradients Engstrom et al. 2020.
    """
    layers = [layer for layer in network.modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
    for layer in layers:
        nn.init.orthogonal_(layer.weight, last if layer is layers[-1] else gain)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
    return network


def eye(shape: tuple[int, ...], channels: Sequence[int] = (16, 32)) -> tuple[nn.Module, int]:
    """Return what turns observations of a shape into a vector, and its length.

    Vectors stay as they are; images go through 3 x 3 convolutions with ReLU, the size kept, then are flattened.

    Raises:
        InputError: observations are neither a vector nor an image `(channel, row, column)`.
    """
    if len(shape) == 1:
        return nn.Identity(), shape[0]
    if len(shape) != 3:
        raise InputError(f"observations of shape {shape}: networks here take (feature,) or (channel, row, column).")
    layers: list[nn.Module] = []
    for source, target in pairwise((shape[0], *channels)):
        layers += [nn.Conv2d(source, target, 3, padding=1), nn.ReLU()]
    return nn.Sequential(*layers, nn.Flatten()), channels[-1] * int(np.prod(shape[1:]))
