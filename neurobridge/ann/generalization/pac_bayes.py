"""PAC-Bayes bounds: how far the expected loss of a random predictor can lie above its training loss.

For a loss in [0, 1], a prior P chosen without the data, n samples and a confidence 1 - delta, each bound
holds for all posteriors Q at once. They share the complexity C = KL(Q || P) + ln(2 sqrt n / delta). All
functions take arrays too.
"""

from collections.abc import Callable

import numpy as np
from numpy import ndarray

from neurobridge.errors import InputError

Numbers = float | ndarray


def complexity(divergence: Numbers, n: int, delta: float) -> Numbers:
    """Return C = KL(Q || P) + ln(2 sqrt n / delta).

    Args:
        divergence: KL(Q || P) in nats.
        n: samples.
        delta: allowed probability of failure.

    Raises:
        InputError: an argument is out of range.
    """
    if n < 1 or not 0 < delta < 1 or np.any(np.asarray(divergence) < 0):
        raise InputError(
            f"PAC-Bayes needs n >= 1, 0 < delta < 1 and KL >= 0; got n={n}, delta={delta}, KL={divergence}."
        )
    return divergence + np.log(2 * np.sqrt(n) / delta)


def maurer(empirical: Numbers, divergence: Numbers, n: int, delta: float = 0.05) -> Numbers:
    """Return the largest L with kl(empirical || L) <= C / n, never looser than the other two with C (Maurer 2004).

    Args:
        empirical: training loss of Q, in [0, 1].
        divergence: KL(Q || P) in nats.
        n: samples.
        delta: allowed probability of failure.
    """
    return kl_inverse(empirical, complexity(divergence, n, delta) / n)


def mcallester(empirical: Numbers, divergence: Numbers, n: int, delta: float = 0.05) -> Numbers:
    """Return empirical + sqrt(C / 2n): McAllester's bound with Maurer's constant; arguments as in `maurer`."""
    return _loss(empirical) + np.sqrt(complexity(divergence, n, delta) / (2 * n))


def mcallester_1999(empirical: Numbers, divergence: Numbers, n: int, delta: float = 0.05) -> Numbers:
    """Return empirical + sqrt((KL + ln(n / delta)) / 2(n - 1)), as first published; arguments as in `maurer`.

    Raises:
        InputError: fewer than 2 samples.
    """
    complexity(divergence, n, delta)
    if n < 2:
        raise InputError(f"McAllester's bound of 1999 needs n >= 2, not {n}.")
    return _loss(empirical) + np.sqrt((divergence + np.log(n / delta)) / (2 * (n - 1)))


def quadratic(empirical: Numbers, divergence: Numbers, n: int, delta: float = 0.05) -> Numbers:
    """Return (sqrt(empirical + C / 2n) + sqrt(C / 2n))^2 (Perez-Ortiz et al. 2021); arguments as in `maurer`.

    It is below McAllester's bound exactly where it is below 1/4, and equals the bound of Thiemann et al.
    (2017) minimised over its parameter.
    """
    half = complexity(divergence, n, delta) / (2 * n)
    return (np.sqrt(_loss(empirical) + half) + np.sqrt(half)) ** 2


BOUNDS: dict[str, Callable[..., Numbers]] = {
    "maurer": maurer,
    "mcallester": mcallester,
    "mcallester 1999": mcallester_1999,
    "quadratic": quadratic,
}


def bernoulli_divergence(q: Numbers, p: Numbers) -> Numbers:
    """Return kl(q || p) = q ln(q / p) + (1 - q) ln((1 - q) / (1 - p)) in nats.

    Args:
        q: probability, in [0, 1].
        p: probability, in [0, 1].
    """
    q, p = np.asarray(q, dtype=np.float64), np.asarray(p, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.where(q > 0, q * (np.log(q) - np.log(p)), 0.0)
        second = np.where(q < 1, (1 - q) * (np.log1p(-q) - np.log1p(-p)), 0.0)
    return first + second


def kl_inverse(q: Numbers, budget: Numbers) -> Numbers:
    """Return the largest p with kl(q || p) <= budget, by bisection to rounding error.

    Args:
        q: probability, in [0, 1].
        budget: in nats, at least 0.

    Raises:
        InputError: q is not a probability.
    """
    q, budget = np.broadcast_arrays(_loss(q), np.asarray(budget, dtype=np.float64))
    low, high = q.astype(np.float64), np.ones(q.shape)
    for _ in range(60):
        middle = (low + high) / 2
        inside = bernoulli_divergence(q, middle) <= budget
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return low if low.ndim else float(low)


def gaussian_divergence(mean: ndarray, deviation: ndarray, prior_mean: ndarray, prior_deviation: ndarray) -> float:
    """Return KL of diagonal Gaussians, sum of ((s / s0)^2 + (m - m0)^2 / s0^2 - 1 + 2 ln(s0 / s)) / 2, in nats.

    Args:
        mean: m, of shape (coordinate).
        deviation: s, positive.
        prior_mean: m0.
        prior_deviation: s0, positive.
    """
    ratio = np.asarray(deviation) / prior_deviation
    shift = (np.asarray(mean) - prior_mean) / prior_deviation
    return float(np.sum(ratio**2 + shift**2 - 1 - 2 * np.log(ratio)) / 2)


def _loss(empirical: Numbers) -> Numbers:
    checked = np.asarray(empirical, dtype=np.float64)
    if np.any((checked < 0) | (checked > 1)):
        raise InputError("PAC-Bayes bounds hold for losses in [0, 1]; divide the loss by its largest value.")
    return checked if checked.ndim else float(checked)
