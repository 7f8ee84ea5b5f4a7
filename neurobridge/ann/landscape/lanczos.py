"""Lanczos' method with full reorthogonalisation: a small tridiagonal image of a large symmetric matrix."""

from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy import ndarray
from scipy.linalg import eigh_tridiagonal

from neurobridge.ann.landscape.operators import as_operator
from neurobridge.errors import InputError


@final
@dataclass(frozen=True, kw_only=True)
class Quadrature:
    """Nodes and weights with v.f(H)v = sum of weights f(nodes), exact for polynomials up to degree 2 m - 1.

    Args:
        nodes: Ritz values, of shape (m), ascending.
        weights: of shape (m); they sum to 1.
    """

    nodes: ndarray
    weights: ndarray


def quadrature(matrix: Any, start: ndarray, steps: int) -> Quadrature:
    """Run Lanczos from a vector and return its Gauss quadrature (Golub and Welsch 1969).

    Args:
        matrix: symmetric; what `as_operator` accepts.
        start: the vector v, of any length but zero.
        steps: m, at least 1; fewer are made when the vectors span an invariant space.

    Raises:
        InputError: `steps` is below 1 or `start` is zero.
    """
    if steps < 1 or not np.linalg.norm(start) > 0:
        raise InputError(f"Lanczos needs steps >= 1 and a start that is not zero; got steps={steps}.")
    operator = as_operator(matrix)
    size = operator.shape[0]
    basis = np.zeros((min(steps, size), size))
    diagonal, off = [], []
    vector = np.asarray(start, dtype=np.float64) / np.linalg.norm(start)
    for row in basis:
        row[:] = vector
        image = np.asarray(operator.matvec(vector.astype(operator.dtype)), dtype=np.float64)
        diagonal.append(vector @ image)
        known = basis[: len(diagonal)]
        # once is not enough: rounding would let copies of converged eigenvalues back in
        for _ in range(2):
            image -= known.T @ (known @ image)
        length = float(np.linalg.norm(image))
        if length <= np.finfo(operator.dtype).eps * size * max(1.0, float(np.abs(diagonal).max())):
            break
        off.append(length)
        vector = image / length
    values, vectors = eigh_tridiagonal(np.array(diagonal), np.array(off[: len(diagonal) - 1]))
    return Quadrature(nodes=values, weights=vectors[0] ** 2)
