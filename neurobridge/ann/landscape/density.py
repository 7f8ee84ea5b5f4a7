"""The spectral density of a curvature matrix, by stochastic Lanczos quadrature."""

from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy import ndarray
from scipy.stats import norm

from neurobridge.ann.landscape.lanczos import Quadrature, quadrature
from neurobridge.ann.landscape.operators import as_operator
from neurobridge.errors import InputError


@final
@dataclass(frozen=True, kw_only=True)
class SpectralDensity:
    """How many eigenvalues lie where, smoothed by a Gaussian.

    Args:
        grid: eigenvalues, of shape (grid).
        density: probability per unit of eigenvalue, of shape (grid).
        width: standard deviation of the Gaussian.
    """

    grid: ndarray
    density: ndarray
    width: float

    def distance(self, other: "SpectralDensity") -> float:
        """Return the integral of |difference| to another density on the same grid, between 0 and 2."""
        return float(np.trapezoid(np.abs(self.density - other.density), self.grid))


def spectral_density(
    matrix: Any,
    *,
    steps: int = 80,
    probes: int = 10,
    width: float | None = None,
    points: int = 1024,
    seed: int = 0,
) -> SpectralDensity:
    """Estimate the density of eigenvalues from products with random vectors (Ghorbani et al. 2019).

    The cost is steps x probes products. The statistical error falls as 1 / sqrt(dimension x probes).

    Args:
        matrix: symmetric; what `as_operator` accepts.
        steps: Lanczos steps per probe; resolution about range / steps.
        probes: random vectors.
        width: of the smoothing Gaussian; None for 1 % of the range of the spectrum.
        points: grid points.
        seed: of the probes.

    Raises:
        InputError: `steps`, `probes` or `points` is below 1, or `width` is not positive.
    """
    if min(steps, probes, points) < 1 or (width is not None and not width > 0):
        raise InputError(
            f"density: steps={steps}, probes={probes}, points={points} and width={width} must be positive."
        )
    operator = as_operator(matrix)
    random = np.random.default_rng(seed)
    starts = random.choice((-1.0, 1.0), size=(probes, operator.shape[0]))
    rules = [quadrature(operator, start, steps) for start in starts]
    low, high = min(rule.nodes[0] for rule in rules), max(rule.nodes[-1] for rule in rules)
    # a multiple of the identity has no range
    width = width or 0.01 * (high - low) or 0.01 * max(abs(high), 1.0)
    grid = np.linspace(low - 5 * width, high + 5 * width, points)
    density = np.mean([_smoothed(rule, grid, width) for rule in rules], axis=0)
    return SpectralDensity(grid=grid, density=density, width=width)


def exact_density(eigenvalues: ndarray, grid: ndarray, width: float) -> SpectralDensity:
    """Return the density of known eigenvalues, smoothed in the same way."""
    weights = np.full(len(eigenvalues), 1 / len(eigenvalues))
    density = _smoothed(Quadrature(nodes=np.asarray(eigenvalues), weights=weights), grid, width)
    return SpectralDensity(grid=grid, density=density, width=width)


def _smoothed(rule: Quadrature, grid: ndarray, width: float) -> ndarray:
    return norm.pdf(grid[:, None], rule.nodes, width) @ rule.weights
