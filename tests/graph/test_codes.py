"""Codes: round trips for every number, closed forms of their planes, and refusals by name."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurobridge.errors import InputError, UnknownNameError
from neurobridge.graph.codes import CODES, MAX_STEPS, check_steps, quantum

STEPS = {"rate": (1, 2, 3, 7, 32), "signed": (1, 2, 9), "radix": (1, 2, 5, 8, 11, 16), "latency": (2, 3, 8, 40)}
CASES = [(name, steps) for name, many in STEPS.items() for steps in many]
ALL = pytest.mark.parametrize(("name", "steps"), CASES)


def test_every_code_is_tried():
    assert set(STEPS) == set(CODES) == set(MAX_STEPS)


@ALL
def test_planes_spell_every_number_of_both_signs(name, steps):
    code = CODES[name]
    numbers = np.arange(-code.levels(steps), code.levels(steps) + 1)
    planes = code.planes(numbers, steps)
    assert planes.shape == (steps, *numbers.shape)
    np.testing.assert_array_equal(code.decode(planes), numbers)
    np.testing.assert_array_equal(np.abs(planes).sum(axis=0), code.count(numbers))
    assert set(np.unique(planes)) <= {-1, 0, 1}
    assert len(code.weights(steps)) == steps


@ALL
def test_numbers_may_have_any_shape(name, steps):
    numbers = np.array([[[0], [CODES[name].levels(steps)]]])
    assert CODES[name].planes(numbers, steps).shape == (steps, 1, 2, 1)
    assert CODES[name].planes(np.array(1), steps).shape == (steps,)


def test_levels_are_those_of_the_literature():
    assert [CODES["rate"].levels(t) for t in (1, 16)] == [1, 16]
    assert [CODES["radix"].levels(t) for t in (1, 8)] == [1, 255]
    assert [CODES["latency"].levels(t) for t in (2, 16)] == [1, 15]


@pytest.mark.parametrize("steps", STEPS["rate"])
def test_rate_planes_are_those_of_an_integrate_and_fire_neuron(steps):
    """A neuron that starts at half its threshold T and is driven at n per step, in whole numbers of half quanta."""
    numbers = np.arange(steps + 1)
    membrane, planes = np.full(len(numbers), steps), []
    for _ in range(steps):
        membrane = membrane + 2 * numbers
        planes.append(membrane >= 2 * steps)
        membrane = membrane - 2 * steps * planes[-1]
    np.testing.assert_array_equal(CODES["rate"].planes(numbers, steps), planes)


@pytest.mark.parametrize("steps", STEPS["radix"])
def test_radix_planes_are_binary_digits(steps):
    for number in {0, 1, 2**steps - 1, 2**steps // 3}:
        digits = [int(digit) for digit in format(number, f"0{steps}b")]
        assert CODES["radix"].planes(np.array(number), steps).tolist() == digits


@pytest.mark.parametrize("steps", STEPS["latency"])
def test_latency_fires_once_and_earlier_for_more(steps):
    numbers = np.arange(steps)
    planes = CODES["latency"].planes(numbers, steps)
    assert planes.sum(axis=0).tolist() == [0, *[1] * (steps - 1)]
    first = planes[:, 1:].argmax(axis=0)
    assert np.all(np.diff(first) == -1)
    assert first[-1] == 0


@given(st.floats(0.01, 100), st.sampled_from(CASES))
def test_zero_and_theta_are_both_exact(theta, case):
    name, steps = case
    levels = CODES[name].levels(steps)
    unit = quantum(np.zeros(()), np.array(theta), name, steps, paired=False)
    assert np.floor(0 / unit + 0.5) == 0
    assert np.floor(theta / unit + 0.5) == levels
    assert quantum(np.array(-theta), np.array(theta), name, steps, paired=False) == 2 * unit
    assert quantum(np.array(-theta), np.array(theta), name, steps, paired=True) == unit


@pytest.mark.parametrize("name", CODES)
@pytest.mark.parametrize("steps", [0, -3, True, 2.0, "8", None, np.float64(4), 10**6])
def test_steps_that_a_code_cannot_have_are_refused(name, steps):
    with pytest.raises(InputError, match=f"steps is .*; the {name} code takes a whole number from"):
        check_steps(name, steps)


def test_the_limits_themselves_are_allowed():
    for name in CODES:
        check_steps(name, 2 if name == "latency" else 1)
        check_steps(name, np.int64(MAX_STEPS[name]))
    with pytest.raises(InputError, match=r"from 2 to"):
        check_steps("latency", 1)
    with pytest.raises(InputError, match=r"from 1 to 16"):
        check_steps("radix", 17)


def test_an_unknown_code_suggests_the_nearest():
    with pytest.raises(
        UnknownNameError, match=r"unknown code 'radixx'; did you mean 'radix'\? Known: latency, radix, rate"
    ):
        check_steps("radixx", 8)


def test_sixteen_binary_digits_are_exact_in_single_precision():
    numbers = np.arange(2**16)
    assert np.array_equal(numbers.astype(np.float32).astype(int), numbers)
