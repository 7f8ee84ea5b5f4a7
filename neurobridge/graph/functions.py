"""Monotone functions that a population can code, and the thresholds at which its neurons fire for them."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from neurobridge.errors import InputError, lookup

_erf = np.vectorize(math.erf, otypes=[float])


@dataclass(frozen=True, kw_only=True)
class Function:
    """A monotone function of one real number.

    Attributes:
        equation: as in a textbook.
        value: the function itself on float64 arrays; takes the population's `arguments` after the drive.
        domain: where it is defined and monotone.
        image: the range of its values, both ends, None where calibration finds it.
        increasing: whether it grows.
        linear: relu, clip and identity: the code itself clips, so that no table is needed.
    """

    equation: str
    value: Callable[..., ndarray]
    domain: tuple[float, float] = (-math.inf, math.inf)
    image: tuple[float | None, float | None] = (None, None)
    increasing: bool = True
    linear: bool = False


def _sigmoid(x: ndarray) -> ndarray:
    return 1 / (1 + np.exp(-np.clip(x, -709, 709)))


def _softplus(x: ndarray) -> ndarray:
    return np.logaddexp(0, x)


FUNCTIONS: dict[str, Function] = {
    "identity": Function(equation="x", value=lambda x: x, linear=True),
    "relu": Function(equation="max(x, 0)", value=lambda x: np.maximum(x, 0), image=(0, None), linear=True),
    "clip": Function(equation="min(max(x, a), b)", value=lambda x, a, b: np.clip(x, a, b), linear=True),
    "step": Function(equation="1 if x >= 0 else 0", value=lambda x: np.where(x >= 0, 1.0, 0.0), image=(0, 1)),
    "floor": Function(equation="the largest whole number <= x", value=np.floor),
    "round": Function(equation="the whole number nearest to x, the even one of two", value=np.round),
    "sigmoid": Function(equation="1 / (1 + exp(-x))", value=_sigmoid, image=(0, 1)),
    "tanh": Function(equation="tanh(x)", value=np.tanh, image=(-1, 1)),
    "normal_cdf": Function(
        equation="(1 + erf(x / sqrt 2)) / 2", value=lambda x: (1 + _erf(x / math.sqrt(2))) / 2, image=(0, 1)
    ),
    "normal_cdf_tanh": Function(
        equation="1 / (1 + exp(-2 sqrt(2 / pi) (x + 0.044715 x^3)))",
        value=lambda x: _sigmoid(2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)),
        image=(0, 1),
    ),
    "mish_gate": Function(equation="tanh(log(1 + exp(x)))", value=lambda x: np.tanh(_softplus(x)), image=(0, 1)),
    "sine_segment": Function(
        equation="|sin(min(max(x, a), b)) - sin(a)|, a and b neighbouring extremes",
        value=lambda x, a, b: np.abs(np.sin(np.clip(x, a, b)) - math.sin(a)),
        image=(0, 2),
    ),
    "erf": Function(equation="erf(x)", value=_erf, image=(-1, 1)),
    "softplus": Function(equation="log(1 + exp(b x)) / b", value=lambda x, b: _softplus(b * x) / b, image=(0, None)),
    "elu": Function(
        equation="s x if x > 0 else s a (exp(x) - 1)",
        value=lambda x, a, s: s * np.where(x > 0, x, a * np.expm1(np.minimum(x, 0))),
    ),
    "log_sigmoid": Function(equation="-log(1 + exp(-x))", value=lambda x: -_softplus(-x), image=(None, 0)),
    "exp": Function(equation="exp(x)", value=lambda x: np.exp(np.minimum(x, 709)), image=(0, None)),
    "log": Function(equation="log x", value=np.log, domain=(0, math.inf)),
    "sqrt": Function(equation="sqrt x", value=np.sqrt, domain=(0, math.inf), image=(0, None)),
    "reciprocal": Function(
        equation="1 / x", value=lambda x: 1 / x, domain=(0, math.inf), image=(0, None), increasing=False
    ),
    "reciprocal_sqrt": Function(
        equation="1 / sqrt(x + e)",
        value=lambda x, e: 1 / np.sqrt(x + e),
        domain=(0, math.inf),
        image=(0, None),
        increasing=False,
    ),
}


def function(name: str) -> Function:
    """Return a function by name.

    Raises:
        UnknownNameError: there is none of that name.
    """
    return lookup("function", name, FUNCTIONS)


def threshold_table(
    name: str,
    arguments: tuple[float, ...],
    low: float,
    high: float,
    levels: int,
    paired: bool,
    initial: float = 0.5,
) -> Float[ndarray, " level"]:
    """Return the drives at which the coded number grows by one.

    Entry j is the generalised inverse f^-1(low + (j - initial) quantum), found by bisection on f in float64, so that
    counting the entries a drive has passed gives floor((f(drive) - low) / quantum + initial), clipped to the levels:
    -inf below f's range, +inf above it. A decreasing f is counted on -drive.

    Args:
        name: of the function.
        arguments: what it takes beside the drive.
        low: the value of n = 0 (ignored if paired).
        high: the value of n = levels.
        levels: L.
        paired: whether n runs from -L to L; the OFF neuron cuts down magnitudes as the ON neuron does.
        initial: what is added before a number is cut down to a whole one.

    Raises:
        InputError: the range is empty or not finite.
    """
    known = function(name)
    span = high if paired else high - low
    if not (math.isfinite(span) and span > 0):
        raise InputError(f"the range of a {name} population is [{low}, {high}]; it must be finite and not empty")
    quantum = span / levels
    first = 1 - levels if paired else 1
    numbers = np.arange(first, levels + 1)
    targets = (0.0 if paired else low) + np.where(numbers > 0, numbers - initial, numbers - 1 + initial) * quantum
    sign = 1.0 if known.increasing else -1.0
    return _inverse(lambda drive: known.value(sign * drive, *arguments), known.domain, sign, targets)


def _inverse(
    rising: Callable[[ndarray], ndarray], domain: tuple[float, float], sign: float, targets: ndarray
) -> ndarray:
    """Return the least drive with rising(drive) >= target, for each target, by bisection to the last bit."""
    ends = sorted((sign * domain[0], sign * domain[1]))
    tiny, huge = 1e-300, 1e300
    bottom = np.full(targets.shape, -huge if math.isinf(ends[0]) else ends[0] + tiny)
    top = np.full(targets.shape, huge if math.isinf(ends[1]) else ends[1] - tiny)
    with np.errstate(all="ignore"):
        always, never = rising(bottom) >= targets, rising(top) < targets
        for _ in range(70):
            middle = _between(bottom, top)
            if np.all((middle <= bottom) | (middle >= top)):
                break
            passed = rising(middle) >= targets
            top, bottom = np.where(passed, middle, top), np.where(passed, bottom, middle)
    return np.where(always, -math.inf, np.where(never, math.inf, top))


def _between(a: ndarray, b: ndarray) -> ndarray:
    """Return the float halfway between two floats in the order of all floats: 64 halvings reach the last bit."""
    order = [np.where(bits < 0, np.int64(-(2**63)) - bits, bits) for bits in (a.view(np.int64), b.view(np.int64))]
    middle = (order[0] >> 1) + (order[1] >> 1) + (order[0] & order[1] & 1)
    return np.where(middle < 0, np.int64(-(2**63)) - middle, middle).view(np.float64)
