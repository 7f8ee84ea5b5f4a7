"""The lowest and the highest eigenvalues of a curvature matrix."""

from dataclasses import dataclass
from typing import Any, Literal, final

import numpy as np
from numpy import ndarray
from scipy.sparse.linalg import eigsh

from neurobridge.ann.landscape.operators import as_operator, dense
from neurobridge.errors import InputError

DENSE_BELOW = 64
"""Below this dimension the whole matrix costs less than its extremes."""


@final
@dataclass(frozen=True, kw_only=True)
class Eigenpairs:
    """Some eigenvalues, ascending, with their vectors.

    Args:
        values: of shape (pair).
        vectors: of shape (coordinate, pair), of unit length.
    """

    values: ndarray
    vectors: ndarray


def eigenpairs(
    matrix: Any,
    count: int = 1,
    which: Literal["lowest", "highest"] = "highest",
    *,
    tolerance: float = 1e-9,
    seed: int = 0,
) -> Eigenpairs:
    """Return eigenpairs at one end of the spectrum, by implicitly restarted Lanczos.

    Unlike power iteration this tells the highest eigenvalue from the largest in magnitude.

    Args:
        matrix: symmetric; what `as_operator` accepts.
        count: how many.
        which: the algebraically lowest or highest.
        tolerance: relative accuracy of the values.
        seed: of the start vector.

    Raises:
        InputError: `count` does not fit the matrix, or `which` is neither end.
    """
    operator = as_operator(matrix)
    size = operator.shape[0]
    if not 1 <= count <= size:
        raise InputError(f"a matrix of dimension {size} has 1 to {size} eigenvalues; count={count} were asked for.")
    if which not in ("lowest", "highest"):
        raise InputError(f"which={which!r} must be 'lowest' or 'highest'.")
    if size < DENSE_BELOW or count > size // 4:
        values, vectors = np.linalg.eigh(dense(operator))
        chosen = slice(0, count) if which == "lowest" else slice(size - count, size)
        return Eigenpairs(values=values[chosen], vectors=vectors[:, chosen])
    start = np.random.default_rng(seed).standard_normal(size).astype(operator.dtype)
    end = "SA" if which == "lowest" else "LA"
    room = min(size, max(4 * count, 40))
    values, vectors = eigsh(operator, k=count, which=end, v0=start, tol=tolerance, ncv=room)
    order = np.argsort(values)
    return Eigenpairs(values=values[order].astype(np.float64), vectors=vectors[:, order])


def sharpness(matrix: Any, *, tolerance: float = 1e-6) -> float:
    """Return the highest eigenvalue; gradient descent with step lr is stable up to 2 / lr (Cohen et al. 2021)."""
    return float(eigenpairs(matrix, 1, "highest", tolerance=tolerance).values[0])
