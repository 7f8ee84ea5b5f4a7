"""Tell minima, maxima, saddles and plateaus apart, with the evidence."""

from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from numpy import ndarray

from neurobridge.ann.landscape.extremes import eigenpairs
from neurobridge.ann.landscape.objective import Objective
from neurobridge.ann.landscape.operators import HessianOperator, dense
from neurobridge.errors import InputError

KINDS = ("not critical", "minimum", "maximum", "saddle", "plateau", "degenerate")


@final
@dataclass(frozen=True, kw_only=True)
class CriticalPoint:
    """What a point is, and why.

    Args:
        kind: one of `KINDS`; "degenerate" where second derivatives do not decide.
        gradient_norm: |g|.
        eigenvalues: of the Hessian, ascending: all, or the lowest and highest of a large matrix.
        negative: how many of `eigenvalues` are below -tolerance.
        zero: how many are within the tolerance.
        positive: how many are above it.
        complete: whether `eigenvalues` are all.
        evidence: one sentence.
    """

    kind: str
    gradient_norm: float
    eigenvalues: ndarray
    negative: int
    zero: int
    positive: int
    complete: bool
    evidence: str


def classify(
    objective: Objective,
    *,
    gradient_tolerance: float = 1e-5,
    curvature_tolerance: float | None = None,
    radius: float = 1e-2,
    dense_below: int = 1000,
    seed: int = 0,
) -> CriticalPoint:
    """Classify the present point of an objective.

    With negative curvature and positive curvature the point is a saddle. With curvature of one sign only
    and none within the tolerance of zero it is an extremum. Where curvature vanishes second derivatives do
    not decide: it is a plateau if the loss is constant to rounding in a ball around the point, and
    degenerate otherwise.

    Args:
        objective: standing at the point.
        gradient_tolerance: |g| above which the point is not critical, relative to the largest curvature
            where that exceeds 1.
        curvature_tolerance: eigenvalues this close to 0 count as zero; None for 1e-6 of the largest in
            float64 and 1e-3 in float32, at least 1e-8.
        radius: of the ball that a plateau is looked for in.
        dense_below: up to this dimension all eigenvalues are computed, above it the extremes.
        seed: of the directions in the ball.

    Raises:
        InputError: `radius` is not positive.
    """
    if not radius > 0:
        raise InputError(f"classify: radius={radius} must be positive.")
    norm = float(objective.gradient().norm())
    complete = objective.dimension <= dense_below
    eigenvalues = _spectrum(objective, complete)
    scale = float(np.abs(eigenvalues).max())
    double = objective.parameters[0].dtype == torch.float64
    tolerance = curvature_tolerance or max(1e-8, (1e-6 if double else 1e-3) * scale)
    counts = _signs(eigenvalues, tolerance)
    limit = gradient_tolerance * max(1.0, scale)
    rise = _largest_change(objective, radius, seed) if counts[1] == len(eigenvalues) else np.inf
    level = np.finfo(np.float64 if double else np.float32).eps * 8 * max(1.0, abs(objective.value()))
    kind = "not critical" if norm > limit else _kind(counts, complete, flat=bool(rise <= level))
    return CriticalPoint(
        kind=kind,
        gradient_norm=norm,
        eigenvalues=eigenvalues,
        negative=counts[0],
        zero=counts[1],
        positive=counts[2],
        complete=complete,
        evidence=_evidence(norm, limit, eigenvalues, counts, complete, rise, radius),
    )


def _spectrum(objective: Objective, complete: bool) -> ndarray:
    operator = HessianOperator(objective)
    if complete:
        return np.linalg.eigvalsh(dense(operator))
    ends = [eigenpairs(operator, 3, which, tolerance=1e-6).values for which in ("lowest", "highest")]  # type: ignore[arg-type]
    return np.concatenate(ends)


def _signs(eigenvalues: ndarray, tolerance: float) -> tuple[int, int, int]:
    negative, positive = int((eigenvalues < -tolerance).sum()), int((eigenvalues > tolerance).sum())
    return negative, len(eigenvalues) - negative - positive, positive


def _kind(counts: tuple[int, int, int], complete: bool, flat: bool) -> str:
    negative, zero, positive = counts
    if negative and positive:
        return "saddle"
    if flat:
        return "plateau"
    if zero or (not complete and not (negative or positive)):
        return "degenerate"
    return "minimum" if positive else "maximum"


def _largest_change(objective: Objective, radius: float, seed: int) -> float:
    """Return the largest |f(x + d) - f(x)| over random directions at several distances up to the radius."""
    centre, value = objective.vector(), objective.value()
    generator = torch.Generator().manual_seed(seed)
    changes = []
    for distance in (radius, radius / 4, radius / 16):
        for _ in range(8):
            direction = torch.randn(objective.dimension, generator=generator, dtype=torch.float64).to(centre)
            changes.append(abs(objective.value_at(centre + distance * direction / direction.norm()) - value))
    return max(changes)


def _evidence(
    norm: float,
    limit: float,
    eigenvalues: ndarray,
    counts: tuple[int, int, int],
    complete: bool,
    rise: float,
    radius: float,
) -> str:
    scope = "eigenvalues" if complete else "extreme eigenvalues"
    text = (
        f"|g| = {norm:.3g} (critical below {limit:.3g}); {scope} from {eigenvalues[0]:.4g} to {eigenvalues[-1]:.4g}: "
        f"{counts[0]} negative, {counts[1]} zero, {counts[2]} positive"
    )
    return text if np.isinf(rise) else f"{text}; the loss changes by at most {rise:.3g} within {radius:g}"
