"""Codes on a grid of steps: what is counted or held is the number."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurobridge.errors import InputError
from neurobridge.spikes.encode.steps import delta_steps, held, latency_steps, poisson_steps

shares = st.lists(st.floats(0, 1), min_size=1, max_size=20).map(np.array)


@given(shares, st.integers(1, 40))
def test_a_latency_spike_held_open_brings_the_number(values, steps):
    spikes = latency_steps(values, steps)
    assert spikes.sum(axis=0).max() <= 1
    assert np.abs(held(spikes).mean(axis=0) - values).max() <= 0.5 / steps + 1e-12


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=30).map(np.array), st.floats(0.05, 1))
def test_delta_is_never_a_threshold_behind(sequence, threshold):
    said = threshold * held(delta_steps(sequence[:, None], threshold))[:, 0]
    assert np.abs(said - sequence).max() < threshold * (1 + 1e-6)


def test_poisson_has_the_rate_and_the_variance_of_chance():
    """4 standard errors of 200,000 draws: one false alarm in 16,000."""
    spikes = poisson_steps(np.full(2000, 0.3), 100, np.random.default_rng(0))
    assert abs(spikes.mean() - 0.3) < 4 * np.sqrt(0.21 / spikes.size)
    assert abs(spikes.sum(axis=0).var() / 21 - 1) < 4 * np.sqrt(2 / 2000)


def test_a_delta_threshold_is_positive():
    with pytest.raises(InputError, match=r"threshold is 0; it is a positive change"):
        delta_steps(np.zeros((2, 1)), 0)
