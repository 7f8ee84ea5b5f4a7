"""Threshold tables against the functions they invert."""

import math

import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st

from neurobridge.errors import InputError, UnknownNameError
from neurobridge.graph.functions import FUNCTIONS, function, threshold_table

ARGUMENTS = {"clip": (-0.5, 2.0), "softplus": (2.0,), "elu": (1.5, 0.75), "reciprocal_sqrt": (1e-3,)}
ARGUMENTS["sine_segment"] = (-math.pi / 2, math.pi / 2)
NAMES = pytest.mark.parametrize("name", FUNCTIONS)

ORACLES = {
    "step": lambda x: np.heaviside(x, 1.0),
    "floor": lambda x: x - np.mod(x, 1),
    "round": lambda x: np.rint(x),
    "sigmoid": scipy.special.expit,
    "tanh": np.tanh,
    "normal_cdf": scipy.special.ndtr,
    "normal_cdf_tanh": lambda x: 0.5 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
    "mish_gate": lambda x: np.tanh(np.log1p(np.exp(x))),
    "sine_segment": lambda x, a, b: np.sin(np.minimum(np.maximum(x, a), b)) + 1,
    "erf": scipy.special.erf,
    "softplus": lambda x, b: np.log1p(np.exp(b * x)) / b,
    "log_sigmoid": scipy.special.log_expit,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "reciprocal": lambda x: 1 / x,
    "reciprocal_sqrt": lambda x, e: (x + e) ** -0.5,
    "elu": lambda x, a, s: np.where(x > 0, s * x, s * a * (np.exp(x) - 1)),
    "identity": lambda x: x,
    "relu": lambda x: (x + abs(x)) / 2,
    "clip": lambda x, a, b: np.minimum(np.maximum(x, a), b),
}


def drives(name: str, seed: int) -> np.ndarray:
    """Return drives over the function's domain, near zero and far from it."""
    x = np.random.default_rng(seed).standard_normal(400) * np.repeat([0.01, 1, 5, 100], 100)
    return np.abs(x) + 1e-6 if FUNCTIONS[name].domain[0] == 0 else x


@NAMES
def test_values_are_those_of_scipy(name):
    x, arguments = drives(name, 0), ARGUMENTS.get(name, ())
    x = x[np.abs(x) < 300]  # the textbook formulas overflow there
    np.testing.assert_allclose(
        FUNCTIONS[name].value(x, *arguments), ORACLES[name](x, *arguments), rtol=1e-9, atol=1e-15
    )


@NAMES
@settings(max_examples=12)
@given(
    seed=st.integers(0, 10**6),
    levels=st.integers(1, 300),
    paired=st.booleans(),
    low=st.floats(-3, 3),
    span=st.floats(0.01, 8),
)
def test_counting_passed_entries_gives_the_rounded_number(name, seed, levels, paired, low, span):
    """The count of entries passed is floor((f(x) - low) / quantum + 1/2), clipped."""
    known, arguments = FUNCTIONS[name], ARGUMENTS.get(name, ())
    high = span if paired else low + span
    table = threshold_table(name, arguments, low, high, levels, paired)
    assert np.all(table[1:] >= table[:-1])
    x = drives(name, seed)
    drive = x if known.increasing else -x
    counted = np.searchsorted(table, drive, side="right") - (levels if paired else 0)
    number = (known.value(x, *arguments) - (0 if paired else low)) / (span / levels)
    # the formula itself rounds near a half, where the table is the definition
    sure = np.abs(number - np.floor(number) - 0.5) > 1e-9 * (1 + np.abs(number))
    expected = np.clip(np.floor(number + 0.5), -levels if paired else 0, levels)
    np.testing.assert_array_equal(counted[sure], expected[sure])


@NAMES
@settings(max_examples=12)
@given(levels=st.integers(1, 64), paired=st.booleans(), low=st.integers(-8, 8), exponent=st.integers(-6, 1))
def test_each_entry_is_the_least_float_that_passes(name, levels, paired, low, exponent):
    """Dyadic ranges: f reaches the target at the entry and not one float below, tails included."""
    known, arguments = FUNCTIONS[name], ARGUMENTS.get(name, ())
    unit = 2.0**exponent
    bottom = 0.0 if paired else low / 8
    table = threshold_table(name, arguments, bottom, bottom + unit * levels, levels, paired)
    numbers = np.arange(1 - levels if paired else 1, levels + 1)
    targets = bottom + (numbers - 0.5) * unit
    sign = 1 if known.increasing else -1
    with np.errstate(all="ignore"):
        reached = known.value(sign * table, *arguments) >= targets
        below = known.value(sign * np.nextafter(table, -np.inf), *arguments) >= targets
        ends = known.value(np.array([1e-290 if known.domain[0] == 0 else -1e290, 1e290]), *arguments)
    inside = np.isfinite(table)
    assert np.all(reached[inside])
    assert not np.any(below[inside] & (np.abs(table[inside]) > 1e-299))
    assert np.all(min(ends) >= targets[table == -np.inf])
    assert np.all(max(ends) < targets[table == np.inf])


def test_tails_never_or_always_fire():
    table = threshold_table("sigmoid", (), -1.0, 2.0, 6, paired=False)
    assert np.all(table[:2] == -np.inf)
    assert np.all(table[-2:] == np.inf)
    np.testing.assert_allclose(table[2:4], [-np.log(3), np.log(3)], rtol=1e-12)


def test_entries_are_the_textbook_inverses():
    levels = 16
    targets = (np.arange(1, levels + 1) - 0.5) / levels
    np.testing.assert_allclose(threshold_table("sigmoid", (), 0.0, 1.0, levels, False), scipy.special.logit(targets))
    np.testing.assert_allclose(threshold_table("normal_cdf", (), 0.0, 1.0, levels, False), scipy.special.ndtri(targets))
    np.testing.assert_allclose(threshold_table("exp", (), 0.0, 1.0, levels, False), np.log(targets))
    np.testing.assert_allclose(threshold_table("reciprocal", (), 0.0, 1.0, levels, False), -1 / targets)
    np.testing.assert_allclose(
        threshold_table("tanh", (), 0.0, 1.0, levels, True),
        np.arctanh((np.arange(1 - levels, levels + 1) - 0.5) / levels),
    )


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.0), (1.0, -1.0), (0.0, math.inf), (math.nan, 1.0)])
def test_an_empty_range_is_refused(low, high):
    with pytest.raises(InputError, match=r"the range of a sigmoid population is .* must be finite and not empty"):
        threshold_table("sigmoid", (), low, high, 4, False)


def test_an_unknown_function_suggests_the_nearest():
    with pytest.raises(UnknownNameError, match=r"unknown function 'sigmod'; did you mean 'sigmoid'"):
        function("sigmod")


def test_every_function_has_an_oracle():
    assert set(ORACLES) == set(FUNCTIONS)
