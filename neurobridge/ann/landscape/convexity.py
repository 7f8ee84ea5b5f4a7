"""Look for a counter-example to convexity along random segments."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy import ndarray

from neurobridge.errors import InputError


@final
@dataclass(frozen=True, kw_only=True)
class Violation:
    """A chord that lies below the function: f((1 - t) a + t b) > (1 - t) f(a) + t f(b).

    Args:
        start: a.
        end: b.
        fraction: t.
        excess: how far the function lies above the chord there.
    """

    start: ndarray
    end: ndarray
    fraction: float
    excess: float


@final
@dataclass(frozen=True, kw_only=True)
class ConvexityReport:
    """What random segments tell: they can disprove convexity, never prove it.

    Args:
        segments: how many were tried.
        violated: how many broke Jensen's inequality.
        worst: the largest violation relative to the function's range on its segment; None if there was none.
    """

    segments: int
    violated: int
    worst: Violation | None

    @property
    def disproved(self) -> bool:
        """Whether the function is certainly not convex."""
        return self.worst is not None


def search_nonconvexity(
    function: Callable[[ndarray], float],
    sample: Callable[[np.random.Generator], ndarray],
    *,
    segments: int = 200,
    points: int = 9,
    tolerance: float = 1e-9,
    seed: int = 0,
) -> ConvexityReport:
    """Test Jensen's inequality on segments between random points.

    Args:
        function: maps a vector to a number.
        sample: draws a random point.
        segments: pairs of points.
        points: interior points per segment.
        tolerance: excess over the chord that is forgiven as rounding, relative to the values' magnitude.
        seed: of the pairs.

    Raises:
        InputError: `segments` or `points` is below 1.
    """
    if segments < 1 or points < 1:
        raise InputError(f"search_nonconvexity: segments={segments} and points={points} must be at least 1.")
    random = np.random.default_rng(seed)
    fractions = np.linspace(0, 1, points + 2)
    violations = []
    for _ in range(segments):
        start, end = sample(random), sample(random)
        values = np.array([function((1 - t) * start + t * end) for t in fractions])
        excess = values - ((1 - fractions) * values[0] + fractions * values[-1])
        at = int(excess.argmax())
        if excess[at] > tolerance * max(1.0, np.abs(values).max()):
            found = Violation(start=start, end=end, fraction=float(fractions[at]), excess=float(excess[at]))
            violations.append((excess[at] / np.ptp(values), found))
    worst = max(violations, key=lambda entry: entry[0])[1] if violations else None
    return ConvexityReport(segments=segments, violated=len(violations), worst=worst)
