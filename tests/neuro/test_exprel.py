"""exprel without units: the numbers of Brian2's own, its hole at 0 and its overflow included."""

import brian2
import numpy as np
from brian2 import DEFAULT_FUNCTIONS

from neurobridge.neuro import exprel


def test_it_is_brians_exprel_bit_by_bit():
    x = np.concatenate([np.linspace(-50, 50, 1001), [0.0, -0.0, 1e-17, -1e-300, 700.0, 717.5, 1e4, -1e4]])
    with np.errstate(over="ignore"):
        assert np.array_equal(exprel.exprel(x), np.asarray(brian2.exprel(x)))
    assert exprel.exprel(np.float64(0)) == 1


def test_brian_gets_its_own_back():
    implementations = DEFAULT_FUNCTIONS["exprel"].implementations
    with exprel.without_units():
        assert implementations["numpy"].get_code(None).__code__ is exprel.exprel.__code__
    assert implementations["numpy"].get_code(None).__code__ is not exprel.exprel.__code__
