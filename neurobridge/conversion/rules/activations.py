"""Nonlinearities of one variable: each a population, or a few."""

import math

import numpy as np
from torch import Tensor

from neurobridge.conversion.build import Builder
from neurobridge.conversion.rules.linear import array
from neurobridge.conversion.signals import Signal
from neurobridge.errors import UnsupportedOperationError
from neurobridge.graph import maps


def relu(build: Builder, x: Signal) -> Signal:
    """max(x, 0)."""
    return build.neurons(x, "relu")


def negative(build: Builder, x: Signal) -> Signal:
    """-x."""
    return build.synapses([x], [maps.Scale(factor=np.array(-1.0))], channel=x.channel, suffix="negative")


def leaky(build: Builder, x: Signal, slope: np.ndarray) -> Signal:
    """max(x, 0) - slope max(-x, 0), by an ON and an OFF population."""
    on, off = build.neurons(x, "relu"), build.neurons(negative(build, x), "relu")
    return build.synapses([on, off], [maps.Identity(), maps.Scale(factor=-slope)], channel=x.channel)


def leaky_relu(build: Builder, x: Signal, slope: float = 0.01) -> Signal:
    """X if x > 0 else slope x."""
    return leaky(build, x, np.array(float(slope)))


def prelu(build: Builder, x: Signal, weight: Tensor) -> Signal:
    """X if x > 0 else slope x, with a learned slope for each channel."""
    slope = array(weight)
    if slope.size > 1:
        slope = slope.reshape(-1, *[1] * (-x.axis(1) - 1))
    return leaky(build, x, slope)


def absolute(build: Builder, x: Signal) -> Signal:
    """|x|, by an ON and an OFF population with the same synapses."""
    return leaky(build, x, np.array(-1.0))


def clamp(build: Builder, x: Signal, low: float | None = None, high: float | None = None) -> Signal:
    """min(max(x, low), high)."""
    if isinstance(low, Signal | Tensor) or isinstance(high, Signal | Tensor):
        raise UnsupportedOperationError("its bounds are tensors; use numbers, or torch.minimum and torch.maximum")
    low, high = (None if v is None or math.isinf(v) else float(v) for v in (low, high))
    if low is not None and high is not None:
        return build.neurons(x, "clip", (low, high), span=(low, high))
    if low is not None:
        return _shifted_relu(build, x, low, 1.0)
    return x if high is None else _shifted_relu(build, x, high, -1.0)


def _shifted_relu(build: Builder, x: Signal, bound: float, sign: float) -> Signal:
    """Return bound + sign * relu(sign * (x - bound))."""
    factor, shift = maps.Scale(factor=np.array(sign)), np.array(-sign * bound)
    above = build.neurons(build.synapses([x], [factor], shift, channel=x.channel, suffix="shift"), "relu")
    return build.synapses([above], [factor], np.array(bound), channel=x.channel, suffix="unshift")


def hardtanh(build: Builder, x: Signal, low: float = -1.0, high: float = 1.0) -> Signal:
    """min(max(x, low), high)."""
    return clamp(build, x, low, high)


def relu6(build: Builder, x: Signal) -> Signal:
    """min(max(x, 0), 6)."""
    return clamp(build, x, 0.0, 6.0)


RULES = {
    "relu": relu,
    "leaky_relu": leaky_relu,
    "prelu": prelu,
    "abs": absolute,
    "clamp": clamp,
    "clip": clamp,
    "clamp_min": lambda build, x, low: clamp(build, x, low, None),
    "clamp_max": lambda build, x, high: clamp(build, x, None, high),
    "hardtanh": hardtanh,
    "relu6": relu6,
}
