"""Comparisons and choices between numbers: a neuron that fires or not, and gates that it opens."""

from collections.abc import Callable

import numpy as np
from torch import Tensor

from neurobridge.conversion.build import Builder
from neurobridge.conversion.rules.arithmetic import Operand, add, multiply, subtract
from neurobridge.conversion.rules.rule import Rules
from neurobridge.conversion.signals import Signal
from neurobridge.errors import UnsupportedOperationError
from neurobridge.graph import maps


def of_tokens(
    build: Builder, a: Operand, b: Operand, holds: Callable[[np.ndarray, float], np.ndarray]
) -> Signal | None:
    """Return a comparison of tokens with a number, a table of all tokens as an embedding is; None if `a` holds none."""
    size = build.vocabulary(a) if isinstance(a, Signal) else None
    if size is None or isinstance(b, Signal) or np.size(b) != 1:
        return None
    spikes, route = build.tokens(a, size)  # type: ignore[arg-type]
    table = holds(np.arange(size), float(b)).astype(float)
    x = build.synapses([spikes], [maps.Dense(weight=table[None])], suffix="table")
    for linear in (maps.Reshape(shape=x.shape[:-1]), *route):
        x = build.routed(x, linear)
    return x.moved(samples=a.samples, channel=None)  # type: ignore[union-attr]


def equal(build: Builder, a: Operand, b: Operand) -> Signal:
    """1 where a token is the given one: real numbers are never equal for certain.

    Raises:
        UnsupportedOperationError: no tokens that a table of this network looks up, or not one number.
    """
    found = of_tokens(build, a, b, np.equal)
    if found is None:
        raise UnsupportedOperationError("it asks whether real numbers are equal; only tokens of an embedding can be")
    return found


def unequal(build: Builder, a: Operand, b: Operand) -> Signal:
    """0 where a token is the given one, else 1."""
    return opposite(build, equal(build, a, b))


def greater_or_equal(build: Builder, a: Operand, b: Operand) -> Signal:
    """1 if a >= b else 0: a population with one threshold."""
    for one, other, holds in ((a, b, np.greater_equal), (b, a, np.less_equal)):
        if (found := of_tokens(build, one, other, holds)) is not None:
            return found
    return build.neurons(subtract(build, a, b).moved(channel=None), "step", span=(0.0, 1.0), uniform=True)


def less_or_equal(build: Builder, a: Operand, b: Operand) -> Signal:
    """1 if a <= b else 0."""
    return greater_or_equal(build, b, a)


def greater(build: Builder, a: Operand, b: Operand) -> Signal:
    """1 if a > b else 0: where a <= b is not."""
    return opposite(build, less_or_equal(build, a, b))


def less(build: Builder, a: Operand, b: Operand) -> Signal:
    """1 if a < b else 0."""
    return opposite(build, greater_or_equal(build, a, b))


def opposite(build: Builder, x: Signal) -> Signal:
    """1 - x: not."""
    return build.synapses([x], [maps.Scale(factor=np.array(-1.0))], np.ones(()), suffix="not")


def either(build: Builder, a: Operand, b: Operand) -> Signal:
    """A + b - a b: or."""
    return subtract(build, add(build, a, b), multiply(build, a, b))


def sign(build: Builder, x: Signal) -> Signal:
    """1, 0 or -1."""
    above, below = greater_or_equal(build, x, 0.0), less_or_equal(build, x, 0.0)
    return subtract(build, above, below)


def where(build: Builder, condition: Signal | Tensor, a: Operand, b: Operand) -> Signal:
    """A where the condition is true, else b: the condition's spikes release a - b."""
    if isinstance(condition, Signal):
        return _released(build, condition, a, b)
    table = build.sample_array(condition) > 0.5
    if isinstance(a, Signal) and not isinstance(b, Signal) and np.all(build.sample_array(b) <= -1e4):
        return a.moved(mask=np.broadcast_to(table, a.shape))
    sources, linears, bias = [], [], np.zeros(build.shape)
    for part, keep in ((a, table), (b, ~table)):
        if isinstance(part, Signal):
            sources.append(build.broadcast(part))
            linears.append(maps.Scale(factor=keep.astype(float)))
        else:
            bias = bias + np.where(keep, build.sample_array(part), 0.0)
    return build.synapses(sources, linears, bias if np.any(bias) else None, channel=sources[0].channel)


def _released(build: Builder, condition: Signal, a: Operand, b: Operand) -> Signal:
    constant = [build.sample_array(part) for part in (a, b) if not isinstance(part, Signal)]
    if not all(np.isfinite(part).all() for part in constant):
        raise UnsupportedOperationError("it chooses infinity where the input decides; masked_fill before a softmax may")
    difference = a - b if len(constant) == 2 else subtract(build, a, b)
    return add(build, multiply(build, condition, difference), b)


RULES: Rules = {
    "eq": equal,
    "ne": unequal,
    "not_equal": unequal,
    "ge": greater_or_equal,
    "le": less_or_equal,
    "gt": greater,
    "lt": less,
    "greater_equal": greater_or_equal,
    "less_equal": less_or_equal,
    "greater": greater,
    "less": less,
    "logical_not": opposite,
    "bitwise_not": opposite,
    "logical_and": multiply,
    "bitwise_and": multiply,
    "logical_or": either,
    "bitwise_or": either,
    "sign": sign,
    "where": where,
}
