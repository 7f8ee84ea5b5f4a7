"""Pooling layers by name."""

from collections.abc import Callable, Mapping

from torch import nn

POOLINGS: Mapping[str, Callable[[int], nn.Module]] = {
    "average": nn.AvgPool2d,
    "max": nn.MaxPool2d,
}
