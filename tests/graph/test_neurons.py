"""Neurons step by step against the closed forms of the codes they fire."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurobridge.graph.codes import CODES
from neurobridge.graph.functions import function, threshold_table
from neurobridge.graph.neurons import fire_window, integrate_and_fire
from neurobridge.graph.nodes import Edge, Neurons
from tests.cases import dyadic

WINDOWS = st.sampled_from([("radix", 1), ("radix", 5), ("radix", 8), ("latency", 2), ("latency", 9)])


def population(steps: int, low: float, high: float, paired: bool = False, name: str = "relu", table=None) -> Neurons:
    return Neurons(
        name="a",
        inputs=(Edge(source="u"),),
        shape=(40,),
        steps=steps,
        low=np.array(low),
        high=np.array(high),
        paired=paired,
        function=name,
        table=table,
    )


@settings(max_examples=60)
@given(WINDOWS, st.integers(0, 10**6), st.booleans(), st.integers(-8, 8), st.integers(-4, 2))
def test_a_linear_population_spells_the_rounded_number(case, seed, paired, low, exponent):
    """The number is floor((u - low) / quantum + 1/2), clipped; a pair codes |u| on the rail of its sign."""
    code, steps = case
    levels, unit = CODES[code].levels(steps), 2.0**exponent
    bottom = 0.0 if paired else low / 4
    node = population(steps, bottom, bottom + unit * levels, paired)
    drive = dyadic(np.random.default_rng(seed), 2, 40, bits=7, top=2 * unit * levels + 1)
    n = np.floor(np.abs(drive - bottom) / unit + 0.5).clip(max=levels).astype(int)
    signed = np.sign(drive - bottom).astype(int) * n
    expected = signed if paired else np.maximum(signed, 0)
    np.testing.assert_array_equal(fire_window(node, drive, code), CODES[code].planes(expected, steps))


@settings(max_examples=60)
@given(
    WINDOWS,
    st.integers(0, 10**6),
    st.booleans(),
    st.sampled_from(["sigmoid", "tanh", "exp", "reciprocal", "log_sigmoid", "softplus", "reciprocal_sqrt"]),
)
def test_a_table_population_spells_the_entries_passed(case, seed, paired, name):
    code, steps = case
    levels = CODES[code].levels(steps)
    arguments = {"softplus": (1.0,), "reciprocal_sqrt": (0.01,)}.get(name, ())
    table = threshold_table(name, arguments, -0.5, 1.5, levels, paired)
    node = replace(population(steps, -0.5, 1.5, paired, name, table), arguments=arguments)
    rng = np.random.default_rng(seed)
    sign = 1 if function(name).increasing else -1
    drive = np.concatenate([rng.normal(0, 3, 30), sign * rng.choice(table, 10)])[None]
    n = np.searchsorted(table, sign * drive, side="right") - (levels if paired else 0)
    np.testing.assert_array_equal(fire_window(node, drive, code), CODES[code].planes(n, steps))


@settings(max_examples=60)
@given(WINDOWS, st.integers(0, 10**6), st.booleans(), st.integers(1, 5), st.sampled_from(["relu", "tanh", "sigmoid"]))
def test_neurons_with_first_membranes_evenly_apart_share_a_number(case, seed, paired, copies, name):
    """Hermite's identity: sum over j of floor(u + (j + 1/2) / k) = floor(k u + 1/2), so k neurons send k L levels."""
    code, steps = case
    levels = CODES[code].levels(steps)
    drive = np.random.default_rng(seed).normal(0, 1, (2, 40))
    sent = np.zeros(drive.shape)
    for start in (np.arange(copies) + 0.5) / copies:
        table = None if name == "relu" else threshold_table(name, (), 0.0, 0.9, levels, paired, start)
        node = replace(population(steps, 0.0, 0.9, paired, name, table), initial=np.asarray(start))
        sent += CODES[code].decode(fire_window(node, drive, code))
    value = drive if name == "relu" else function(name).value(drive)
    size = np.floor(copies * np.abs(value) / (0.9 / levels) + 0.5).clip(max=copies * levels)
    expected = np.sign(value) * size if paired else np.where(value > 0, size, 0)
    np.testing.assert_array_equal(sent, expected)


def test_ranges_may_differ_between_channels():
    node = replace(population(3, 0.0, 1.0), shape=(2, 2), low=np.zeros((2, 1)), high=np.array([[7.0], [14.0]]))
    planes = fire_window(node, np.full((1, 2, 2), 4.0), "radix")
    np.testing.assert_array_equal(CODES["radix"].decode(planes)[0], [[4, 4], [2, 2]])


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(-3, 3), st.integers(-8, 8))
def test_constant_drive_gives_the_rounded_rate(seed, steps, exponent, low):
    """From half a threshold, T steps of z give clip(floor(T (z - low) / theta + 1/2), 0, T) spikes, ties included."""
    theta, bottom = 2.0**exponent, low / 4
    node = population(steps, bottom, bottom + theta)
    drive = bottom + dyadic(np.random.default_rng(seed), 40, bits=5, top=1.0) * 1.5 * theta
    membrane, count = np.full(40, theta / 2), np.zeros(40)
    for _ in range(steps):
        spike, after = integrate_and_fire(node, membrane, drive)
        np.testing.assert_array_equal(after, membrane + drive - bottom - theta * spike)  # soft reset
        membrane, count = after, count + spike
    expected = np.clip(np.floor(steps * (drive - bottom) / theta + 0.5), 0, steps)
    np.testing.assert_array_equal(count, expected)


@pytest.mark.parametrize("steps", [1, 4, 9])
def test_exact_thresholds_fire(steps):
    """At z = theta every step fires: the comparison is >=, not >."""
    node = population(steps, 0.0, 1.0)
    membrane = np.zeros(1)
    for _ in range(steps):
        spike, membrane = integrate_and_fire(node, membrane, np.ones(1))
        assert spike[0] == 1
        assert membrane[0] == 0
