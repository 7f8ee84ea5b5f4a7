"""PAC-Bayes bounds: published relations, numbers, and validity over many data sets."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurobridge.ann.generalization.pac_bayes import (
    BOUNDS,
    bernoulli_divergence,
    complexity,
    gaussian_divergence,
    kl_inverse,
    maurer,
    mcallester,
    mcallester_1999,
    quadratic,
)
from neurobridge.errors import InputError

# (training loss, KL, n, delta) -> McAllester, Maurer, quadratic, McAllester 1999
NUMBERS = [
    ((0.02, 5000, 60000, 0.025), (0.224326, 0.134352, 0.205045, 0.224426)),
    ((0.0, 0, 1000, 0.05), (0.059761, 0.007117, 0.014286, 0.070404)),
    ((0.1, 100, 1000, 0.05), (0.331455, 0.290213, 0.388549, 0.334535)),
    ((0.02, 50, 1437, 0.05), (0.161229, 0.086875, 0.116345, 0.164859)),
]
CASES = {
    "empirical": st.floats(0, 1),
    "divergence": st.floats(0, 1e4),
    "n": st.integers(2, 10**6),
    "delta": st.floats(1e-6, 0.5),
}


@pytest.mark.parametrize(("arguments", "expected"), NUMBERS)
def test_numbers(arguments, expected):
    found = [bound(*arguments) for bound in (mcallester, maurer, quadratic, mcallester_1999)]
    assert found == pytest.approx(expected, abs=1e-6)


@given(**CASES)
def test_maurers_is_the_tightest(empirical, divergence, n, delta):
    arguments = (empirical, divergence, n, delta)
    assert maurer(*arguments) <= min(mcallester(*arguments), quadratic(*arguments)) + 1e-12


@given(**CASES)
def test_quadratic_beats_mcallester_exactly_below_a_quarter(empirical, divergence, n, delta):
    arguments = (empirical, divergence, n, delta)
    if abs(quadratic(*arguments) - 0.25) > 1e-9:
        assert (quadratic(*arguments) < mcallester(*arguments)) == (quadratic(*arguments) < 0.25)


@given(**CASES)
def test_quadratic_is_thiemanns_bound_at_its_best(empirical, divergence, n, delta):
    # L / (1 - l/2) + C / (n l (1 - l/2)) is least at l = 2 / (sqrt(2 n L / C + 1) + 1)
    ratio = complexity(divergence, n, delta) / n
    best = 2 / (math.sqrt(2 * empirical / ratio + 1) + 1)
    for factor in (1.0, 0.9, min(1.1, 1.9 / best)):
        parameter = factor * best
        thiemann = empirical / (1 - parameter / 2) + ratio / (parameter * (1 - parameter / 2))
        assert quadratic(empirical, divergence, n, delta) <= thiemann * (1 + 1e-9)
        assert factor != 1 or thiemann == pytest.approx(quadratic(empirical, divergence, n, delta), rel=1e-9)


@given(q=st.floats(0, 1), budget=st.floats(0, 20))
def test_kl_inverse_inverts(q, budget):
    p = kl_inverse(q, budget)
    assert q <= p <= 1
    if p < 1 - 1e-9:
        assert bernoulli_divergence(q, p) == pytest.approx(budget, rel=1e-6, abs=1e-9)


def test_kl_inverse_at_zero():
    assert kl_inverse(0.0, 0.05) == pytest.approx(1 - math.exp(-0.05), rel=1e-12)


def test_divergence_of_gaussians():
    deviation = np.array([0.05, 0.1, 0.2])
    found = gaussian_divergence(np.array([0.1, -0.2, 0.3]), deviation, np.zeros(3), np.full(3, 0.1))
    assert found == pytest.approx(8.125, abs=1e-12)


def worlds(count, n, hypotheses, seed):
    """Return true risks (hypothesis), training losses (data set, hypothesis): a finite class on coin-flip losses."""
    random = np.random.default_rng(seed)
    risks = random.uniform(0.1, 0.9, hypotheses)
    return risks, random.binomial(n, risks, (count, hypotheses)) / n


def gibbs(losses, n, inverse_temperature):
    """Return a data-dependent posterior (data set, hypothesis) and its KL to the uniform prior."""
    weights = np.exp(-inverse_temperature * n * (losses - losses.min(1, keepdims=True)))
    weights /= weights.sum(1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = -np.where(weights > 0, weights * np.log(weights), 0).sum(1)
    return weights, np.log(losses.shape[1]) - entropy


@pytest.mark.parametrize("name", sorted(BOUNDS))
@pytest.mark.parametrize("inverse_temperature", [0.1, 1.0, 100.0])
def test_violations_are_rarer_than_delta(name, inverse_temperature):
    n, delta = 50, 0.05
    risks, losses = worlds(1000, n, 20, seed=0)
    weights, divergence = gibbs(losses, n, inverse_temperature)
    bound = BOUNDS[name]((weights * losses).sum(1), np.maximum(divergence, 0), n, delta)
    assert np.mean((weights * risks).sum(1) > bound) <= delta


def test_the_validity_test_has_power():
    # without their complexity, or with a tenth of a nat of it, bounds are violated
    n = 50
    risks, losses = worlds(1000, n, 20, seed=0)
    weights, _ = gibbs(losses, n, 1.0)
    truth, empirical = (weights * risks).sum(1), (weights * losses).sum(1)
    assert np.mean(truth > empirical) > 0.05
    assert np.mean(truth > kl_inverse(empirical, 0.1 / n)) > 0.05


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: maurer(1.2, 1, 100), r"losses in \[0, 1\]"),
        (lambda: quadratic(0.1, -1.0, 100), "KL >= 0"),
        (lambda: mcallester(0.1, 1.0, 0), "n >= 1"),
        (lambda: mcallester(0.1, 1.0, 10, 1.0), "0 < delta < 1"),
        (lambda: mcallester_1999(0.1, 1.0, 1), "needs n >= 2"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
