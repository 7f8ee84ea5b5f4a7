"""Nonlinearities of one variable: each a population, or a few."""

import math
from itertools import pairwise

import numpy as np
from torch import Tensor

from neurobridge.conversion.build import Builder
from neurobridge.conversion.rules.linear import array
from neurobridge.conversion.rules.rule import Rules
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
    return build.synapses([on, off], [maps.Identity(), maps.Scale(factor=np.asarray(-slope))], channel=x.channel)


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


def squash(name: str, span: tuple[float, float] = (0.0, 1.0), paired: bool = False):
    """Return the rule of a bounded monotone function, one population with a threshold table."""

    def rule(build: Builder, x: Signal, *arguments: object) -> Signal:
        """f(x)."""
        return build.neurons(x, name, paired=paired, span=span)

    return rule


def monotone(name: str, *, paired: bool = False, offset: bool = False):
    """Return the rule of a monotone function whose range calibration finds."""

    def rule(build: Builder, x: Signal) -> Signal:
        """f(x)."""
        return build.neurons(x, name, paired=paired, offset=offset)

    return rule


def rounded(name: str):
    """Return the rule of a staircase: one range for all, so that the steps of its code can fall on whole numbers."""

    def rule(build: Builder, x: Signal, decimals: int = 0) -> Signal:
        """The whole number near x."""
        if decimals:
            raise UnsupportedOperationError("it rounds to decimals; scale before and after instead")
        return build.neurons(x, name, paired=True, uniform=True)

    return rule


def gated(name: str):
    """Return the rule of x g(x), g a bounded monotone function: its spikes release the held x."""

    def rule(build: Builder, x: Signal, approximate: str = "none") -> Signal:
        """X g(x)."""
        chosen = "normal_cdf_tanh" if approximate == "tanh" else name
        return build.gate(build.neurons(x, chosen, span=(0.0, 1.0)), x)

    return rule


def elu(build: Builder, x: Signal, alpha: float = 1.0, scale: float = 1.0, input_scale: float = 1.0) -> Signal:
    """Scale x if x > 0 else scale alpha (exp(x) - 1)."""
    if input_scale != 1:
        raise UnsupportedOperationError("its negative side is scaled before the exponential; use elu, selu or celu(1)")
    return build.neurons(x, "elu", (float(alpha), float(scale)), paired=True)


def selu(build: Builder, x: Signal) -> Signal:
    """The elu of self-normalising networks, Klambauer et al. 2017."""
    return elu(build, x, 1.6732632423543772, 1.0507009873554805)


def celu(build: Builder, x: Signal, alpha: float = 1.0) -> Signal:
    """X if x > 0 else alpha (exp(x / alpha) - 1), by an elu of x / alpha."""
    inner = scaled(build, x, 1 / alpha)
    return scaled(build, elu(build, inner), alpha)


def scaled(build: Builder, x: Signal, factor: float, shift: float = 0.0) -> Signal:
    """Return factor x + shift."""
    bias = np.array(shift) if shift else None
    return build.synapses([x], [maps.Scale(factor=np.array(float(factor)))], bias, channel=x.channel, suffix="scaled")


def softplus(build: Builder, x: Signal, beta: float = 1.0, threshold: float = 20.0) -> Signal:
    """log(1 + exp(beta x)) / beta."""
    return build.neurons(x, "softplus", (float(beta),))


def hard_sigmoid(build: Builder, x: Signal) -> Signal:
    """min(max(x / 6 + 1/2, 0), 1)."""
    return clamp(build, scaled(build, x, 1 / 6, 0.5), 0.0, 1.0)


def hard_swish(build: Builder, x: Signal) -> Signal:
    """X hardsigmoid(x)."""
    return build.gate(hard_sigmoid(build, x), x)


def square(build: Builder, x: Signal) -> Signal:
    """X x: the spikes of x release x."""
    return build.gate(build.identity(x), x)


def power(build: Builder, x: Signal, exponent: float) -> Signal:
    """X to a constant power: whole ones by products, the square root and its inverse by a population."""
    if isinstance(exponent, Signal | Tensor) or not isinstance(x, Signal):
        raise UnsupportedOperationError("its exponent is not a number")
    if exponent == 0:
        return scaled(build, x, 0.0, 1.0)
    if exponent in _POWERS:
        return _POWERS[exponent](build, x)
    if exponent != int(exponent) or not 1 <= exponent <= 8:
        raise UnsupportedOperationError(f"it raises to the power {exponent}; 0 to 8, 1/2, -1/2 and -1 are supported")
    result, spikes = x, build.identity(x) if exponent > 1 else x
    for _ in range(int(exponent) - 1):
        result = build.gate(spikes, result)
    return result


def reciprocal_sqrt(build: Builder, x: Signal, epsilon: float = 0.0) -> Signal:
    """1 / sqrt(x + epsilon)."""
    return build.neurons(x, "reciprocal_sqrt", (float(epsilon),), offset=True)


def reciprocal(build: Builder, x: Signal) -> Signal:
    """1 / x, x > 0."""
    return build.neurons(x, "reciprocal", offset=True)


_POWERS = {
    0.5: monotone("sqrt"),
    -0.5: reciprocal_sqrt,
    -1: reciprocal,
}
"""Exponent -> rule, where the power is a population of its own."""

_QUARTER_TURNS = range(-7, 8, 2)
"""Extremes of the sine, in units of pi / 2, between which it is monotone: drives in [-11, 11]."""


def sine(build: Builder, x: Signal, phase: float = 0.0) -> Signal:
    """sin(x + phase), as a sum of monotone segments, for -11 < x + phase < 11."""
    moved = scaled(build, x, 1.0, phase) if phase else x
    ends = [quarter * math.pi / 2 for quarter in _QUARTER_TURNS]
    rises = [1.0 if math.sin(a) < 0 else -1.0 for a in ends[:-1]]
    segments = [build.neurons(moved, "sine_segment", ends_of, span=(0.0, 2.0)) for ends_of in pairwise(ends)]
    start = np.array(math.sin(ends[0]))
    return build.synapses(segments, [maps.Scale(factor=np.array(sign)) for sign in rises], start, channel=x.channel)


def cosine(build: Builder, x: Signal) -> Signal:
    """sin(x + pi / 2)."""
    return sine(build, x, math.pi / 2)


RULES: Rules = {
    "relu": relu,
    "leaky_relu": leaky_relu,
    "prelu": prelu,
    "_prelu_kernel": prelu,
    "rrelu": lambda build, x, low=1 / 8, high=1 / 3, *_: leaky_relu(build, x, (low + high) / 2),
    "abs": absolute,
    "clamp": clamp,
    "clip": clamp,
    "clamp_min": lambda build, x, low: clamp(build, x, low, None),
    "clamp_max": lambda build, x, high: clamp(build, x, None, high),
    "hardtanh": hardtanh,
    "relu6": relu6,
    "sigmoid": squash("sigmoid"),
    "tanh": squash("tanh", paired=True),
    "erf": squash("erf", paired=True),
    "hardsigmoid": hard_sigmoid,
    "elu": elu,
    "selu": selu,
    "celu": celu,
    "softplus": softplus,
    "log_sigmoid": monotone("log_sigmoid", paired=True),
    "exp": monotone("exp"),
    "log": monotone("log", paired=True),
    "sqrt": monotone("sqrt"),
    "round": rounded("round"),
    "floor": rounded("floor"),
    "ceil": lambda build, x: negative(build, rounded("floor")(build, negative(build, x))),
    "rsqrt": reciprocal_sqrt,
    "reciprocal": reciprocal,
    "silu": gated("sigmoid"),
    "gelu": gated("normal_cdf"),
    "mish": gated("mish_gate"),
    "hardswish": hard_swish,
    "square": square,
    "pow": power,
    "sin": sine,
    "cos": cosine,
}
