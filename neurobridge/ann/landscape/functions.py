"""Classic test functions with known optima."""

from collections.abc import Callable
from dataclasses import dataclass
from math import pi
from typing import final

import torch
from torch import Tensor

from neurobridge.errors import InputError

Point = tuple[float, ...]


@final
@dataclass(frozen=True, kw_only=True)
class ClassicFunction:
    """A function of the plane, or of a higher space, whose critical points are known.

    Args:
        formula: the function as text, for titles.
        function: maps points (..., dimension) to values (...).
        start: where optimisers customarily start.
        minima: the global minima; empty if there is none.
        minimum: the value there; minus infinity if the function has no lower bound.
        saddles: known saddle points.
        window: what a figure shows, (left, right, bottom, top).
        source: where the function comes from.
    """

    formula: str
    function: Callable[[Tensor], Tensor]
    start: Point
    minima: tuple[Point, ...] = ()
    minimum: float = 0.0
    saddles: tuple[Point, ...] = ()
    window: tuple[float, float, float, float] = (-2.0, 2.0, -2.0, 2.0)
    source: str = ""

    def __call__(self, point: Tensor) -> Tensor:
        """Return the values at points (..., dimension)."""
        return self.function(point)


def quadratic(condition: float, dimension: int = 2) -> ClassicFunction:
    """Return x.Ax / 2 with eigenvalues spaced evenly in the logarithm from 1 to `condition`, along the axes.

    Starts at (1 / lam_1, ..., 1 / lam_n) on the two extreme axes, where steepest descent is at its slowest.

    Args:
        condition: largest over smallest curvature, at least 1.
        dimension: number of coordinates, at least 2.

    Raises:
        InputError: `condition` or `dimension` is too small.
    """
    curvatures = _curvatures(condition, dimension)
    return ClassicFunction(
        formula=f"x·Ax/2, condition number {condition:g}",
        function=lambda x: (curvatures.to(x) * x.square()).sum(-1) / 2,
        start=(1.0, *(0.0,) * (dimension - 2), 1 / condition),
        minima=((0.0,) * dimension,),
        window=(-1.2, 1.2, -3 / condition**0.5, 3 / condition**0.5),
        source="Akaike 1959 for the slowest start",
    )


def rotated_quadratic(condition: float, dimension: int = 20, seed: int = 0) -> ClassicFunction:
    """Return the same quadratic on random axes from a random start, so that no rule gains by its coordinates.

    Args:
        condition: largest over smallest curvature, at least 1.
        dimension: number of coordinates, at least 2.
        seed: of the axes and the start.

    Raises:
        InputError: `condition` or `dimension` is too small.
    """
    curvatures = _curvatures(condition, dimension)
    random = torch.Generator().manual_seed(seed)
    axes, _ = torch.linalg.qr(torch.randn(dimension, dimension, generator=random, dtype=torch.float64))
    start = torch.randn(dimension, generator=random, dtype=torch.float64)
    return ClassicFunction(
        formula=f"x·Ax/2, condition number {condition:g}, rotated",
        function=lambda x: (curvatures.to(x) * (x @ axes.to(x)).square()).sum(-1) / 2,
        start=tuple(start.tolist()),
        minima=((0.0,) * dimension,),
    )


def _curvatures(condition: float, dimension: int) -> Tensor:
    if condition < 1 or dimension < 2:
        raise InputError(f"quadratic: condition={condition} must be >= 1 and dimension={dimension} >= 2.")
    return float(condition) ** torch.linspace(0, 1, dimension, dtype=torch.float64)


def _rosenbrock(x: Tensor) -> Tensor:
    return (1 - x[..., 0]) ** 2 + 100 * (x[..., 1] - x[..., 0] ** 2) ** 2


def _himmelblau(x: Tensor) -> Tensor:
    return (x[..., 0] ** 2 + x[..., 1] - 11) ** 2 + (x[..., 0] + x[..., 1] ** 2 - 7) ** 2


def _beale(x: Tensor) -> Tensor:
    targets = ((1, 1.5), (2, 2.25), (3, 2.625))
    terms = [(value - x[..., 0] * (1 - x[..., 1] ** power)) ** 2 for power, value in targets]
    return terms[0] + terms[1] + terms[2]


def _rastrigin(x: Tensor) -> Tensor:
    return (x.square() - 10 * torch.cos(2 * pi * x) + 10).sum(-1)


def _saddle(x: Tensor) -> Tensor:
    return x[..., 0] ** 2 - x[..., 1] ** 2


def _monkey_saddle(x: Tensor) -> Tensor:
    return x[..., 0] ** 3 - 3 * x[..., 0] * x[..., 1] ** 2


def _plateau(x: Tensor) -> Tensor:
    return 1 - torch.exp(-x.square().sum(-1) / 2)


FUNCTIONS: dict[str, ClassicFunction] = {
    "quadratic": quadratic(100.0),
    "rosenbrock": ClassicFunction(
        formula="(1 - x)² + 100 (y - x²)²",
        function=_rosenbrock,
        start=(-1.2, 1.0),
        minima=((1.0, 1.0),),
        window=(-2.0, 2.0, -1.0, 3.0),
        source="Rosenbrock 1960",
    ),
    "himmelblau": ClassicFunction(
        formula="(x² + y - 11)² + (x + y² - 7)²",
        function=_himmelblau,
        start=(0.0, 0.0),
        minima=(
            (3.0, 2.0),
            (3.584428340330, -1.848126526964),
            (-2.805118086953, 3.131312518250),
            (-3.779310253378, -3.283185991286),
        ),
        saddles=(
            (0.086677504555, 2.884254701175),
            (3.385154183607, 0.073851879838),
            (-0.127961346731, -1.953714980246),
            (-3.073025750764, -0.081353044288),
        ),
        window=(-5.0, 5.0, -5.0, 5.0),
        source="Himmelblau 1972",
    ),
    "beale": ClassicFunction(
        formula="(1.5 - x + xy)² + (2.25 - x + xy²)² + (2.625 - x + xy³)²",
        function=_beale,
        start=(1.0, 1.0),
        minima=((3.0, 0.5),),
        saddles=((0.0, 1.0),),
        window=(-1.0, 4.5, -1.5, 2.0),
        source="Beale 1958",
    ),
    "rastrigin": ClassicFunction(
        formula="Σ x² - 10 cos 2πx + 10",
        function=_rastrigin,
        start=(-2.2, 3.3),
        minima=((0.0, 0.0),),
        window=(-4.5, 4.5, -4.5, 4.5),
        source="Rastrigin 1974",
    ),
    "saddle": ClassicFunction(
        formula="x² - y²",
        function=_saddle,
        start=(1.0, 1e-6),
        minimum=float("-inf"),
        saddles=((0.0, 0.0),),
        source="the non-degenerate saddle (Morse 1925)",
    ),
    "monkey saddle": ClassicFunction(
        formula="x³ - 3xy²",
        function=_monkey_saddle,
        start=(1.0, 0.05),
        minimum=float("-inf"),
        saddles=((0.0, 0.0),),
        source="Hilbert and Cohn-Vossen 1932",
    ),
    "plateau": ClassicFunction(
        formula="1 - exp(-|x|²/2)",
        function=_plateau,
        start=(-3.0, 2.0),
        minima=((0.0, 0.0),),
        window=(-4.0, 4.0, -4.0, 4.0),
        source="a Gaussian well: far away every gradient vanishes",
    ),
}
