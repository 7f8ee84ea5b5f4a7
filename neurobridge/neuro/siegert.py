"""Rate and irregularity of a leaky neuron under white noise: Siegert's formula, and Brunel's CV."""

import numpy as np
import scipy
from brian2 import Hz, Quantity

# |zeta(1/2)| / sqrt(2): how far a walk in steps overshoots a boundary
_OVERSHOOT = 0.5826


def rate(
    mean: Quantity, deviation: Quantity, tau: Quantity, threshold: Quantity, reset: Quantity, t_ref: Quantity
) -> Quantity:
    """Return the rate of `tau dv = (mean - v) dt + deviation sqrt(tau) dW` (Siegert 1951; Ricciardi 1977).

    Args:
        mean: mean of the free potential.
        deviation: sigma; the variance of the free potential is `sigma^2 / 2`.
        tau: membrane time constant.
        threshold: of the spike.
        reset: potential after it.
        t_ref: refractory period.
    """
    low, high = _bounds(mean, deviation, threshold, reset)
    passage, _ = scipy.integrate.quad(lambda x: scipy.special.erfcx(-x), low, high, limit=500)
    return 1 / (t_ref + tau * np.sqrt(np.pi) * passage)


def variation(
    mean: Quantity, deviation: Quantity, tau: Quantity, threshold: Quantity, reset: Quantity, t_ref: Quantity
) -> float:
    """Return the coefficient of variation of the intervals (Brunel 2000, appendix A1)."""
    low, high = _bounds(mean, deviation, threshold, reset)
    # exp(x^2) exp(y^2) (1 + erf y)^2 without overflow: erfcx(-y)^2 carries exp(2 y^2)
    area, _ = scipy.integrate.dblquad(
        lambda y, x: np.exp(x * x - y * y) * scipy.special.erfcx(-y) ** 2,
        low,
        high,
        lambda x: -8 + min(x, 0),
        lambda x: x,
    )
    found = rate(mean, deviation, tau, threshold, reset, t_ref)
    return float(np.sqrt(2 * np.pi * area) * float(found / Hz) * float(tau))


def raised_threshold(threshold: Quantity, deviation: Quantity, dt: Quantity, tau: Quantity) -> Quantity:
    """Return the threshold that a neuron simulated in steps of `dt` seems to have."""
    return threshold + _OVERSHOOT * deviation * np.sqrt(float(dt / tau))


def _bounds(mean: Quantity, deviation: Quantity, threshold: Quantity, reset: Quantity) -> tuple[float, float]:
    return float((reset - mean) / deviation), float((threshold - mean) / deviation)
