"""Every code: what is decoded is what was encoded, as exactly as the code allows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurobridge.errors import InputError
from neurobridge.spikes.decode import DECODERS
from neurobridge.spikes.decode.burst import burst as read_burst
from neurobridge.spikes.decode.latency import latency as read_latency
from neurobridge.spikes.decode.phase import phase as read_phase
from neurobridge.spikes.decode.population import fisher_information, maximum_likelihood, population_vector
from neurobridge.spikes.decode.rank_order import match
from neurobridge.spikes.decode.rank_order import rank_order as read_order
from neurobridge.spikes.decode.rate import rate as read_rate
from neurobridge.spikes.encode import ENCODERS
from neurobridge.spikes.encode.burst import burst
from neurobridge.spikes.encode.latency import latency
from neurobridge.spikes.encode.phase import phase
from neurobridge.spikes.encode.population import cosine_tuning, gaussian_tuning, population
from neurobridge.spikes.encode.rank_order import rank_order
from neurobridge.spikes.encode.rate import rate

values_between_0_and_1 = st.lists(st.floats(0, 1), min_size=1, max_size=20).map(np.array)


def test_every_code_has_an_encoder_and_a_decoder():
    assert set(ENCODERS) == set(DECODERS)


@given(values_between_0_and_1)
def test_latency_is_exact(values):
    assert np.allclose(read_latency(latency(values, 0.1), 0.1), values, atol=1e-12)


@given(values_between_0_and_1)
def test_phase_is_exact(values):
    assert np.allclose(read_phase(phase(values, 0.5, 8.0), 8.0), values, atol=1e-9)


@given(values_between_0_and_1)
def test_bursts_carry_the_value_to_half_a_spike(values):
    trains = burst(values, 8, 0.002, 0.010)
    assert np.abs(read_burst(trains, 8) - values).max() <= 1 / 16 + 1e-12


@given(values_between_0_and_1)
def test_rank_order_sorts(values):
    places = read_order(rank_order(values, 0.001))
    assert sorted(places) == list(range(len(values)))
    assert (np.diff(values[np.argsort(places)]) <= 0).all()


def test_the_matching_template_wins():
    random = np.random.default_rng(1)
    templates = random.random((20, 30))
    for wanted, template in enumerate(templates):
        # a template is the ranks it likes: largest weight for the earliest spike
        assert match(read_order(rank_order(template, 1e-3)), templates - templates.mean(1)[:, None]).argmax() == wanted


def test_rate_is_right_on_average():
    values = np.array([0.0, 0.25, 1.0])
    trains = rate(values, 200.0, 50.0, np.random.default_rng(3))
    # 4 standard deviations of a Poisson count: fails one seed in 16,000
    assert np.abs(read_rate(trains, 200.0, 50.0) - values).max() < 4 * np.sqrt(10000) / 10000


def test_population_vector_error_shrinks_as_one_over_root_of_time():
    random = np.random.default_rng(5)
    tuning = cosine_tuning(32, 40.0)
    directions = random.uniform(-np.pi, np.pi, 2000)
    errors = []
    for duration in (0.25, 1.0):
        counts = random.poisson(tuning(directions) * duration).T
        errors.append(np.sqrt(np.mean(np.angle(np.exp(1j * (population_vector(counts) - directions))) ** 2)))
    # each error is known to 1/sqrt(2 x 2000) = 1.6 %: a band of 10 % is 4 standard errors
    assert errors[0] / errors[1] == pytest.approx(2.0, rel=0.10)


def test_maximum_likelihood_reaches_the_cramer_rao_bound():
    random = np.random.default_rng(6)
    tuning = gaussian_tuning(25, 0.12, 60.0, 1.0)
    counts = random.poisson(np.repeat(tuning(np.array([0.53])), 3000, axis=1) * 1.0).T
    found = maximum_likelihood(counts, tuning, 1.0, np.linspace(0, 1, 2001))
    bound = 1 / np.sqrt(fisher_information(tuning, 0.53, 1.0))
    # the standard deviation of 3000 trials is known to 1.3 %
    assert found.std() == pytest.approx(bound, rel=0.06)
    assert found.mean() == pytest.approx(0.53, abs=4 * bound / np.sqrt(3000))


def test_population_trains_follow_their_tuning():
    tuning = gaussian_tuning(5, 0.2, 100.0)
    ((*_, last),) = population(np.array([1.0]), tuning, 50.0, np.random.default_rng(7))
    assert abs(len(last) - 5000) < 4 * np.sqrt(5000)


def test_refusals():
    with pytest.raises(InputError, match="values from 0 to 1; scale them first"):
        latency(np.array([1.2]), 0.1)
    with pytest.raises(InputError, match="counts of 3 neurons do not fit 5 tuning curves"):
        maximum_likelihood(np.zeros((1, 3)), gaussian_tuning(5, 0.2, 100.0), 1.0, np.linspace(0, 1, 5))
