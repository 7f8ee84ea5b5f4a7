"""The trace of a curvature matrix from products with random vectors."""

from dataclasses import dataclass
from math import sqrt
from typing import Any, final

import numpy as np
from numpy import ndarray

from neurobridge.ann.landscape.operators import as_operator
from neurobridge.errors import InputError


@final
@dataclass(frozen=True, kw_only=True)
class TraceEstimate:
    """An estimated trace.

    Args:
        value: the estimate.
        standard_error: of its random part; 0 where nothing was left to chance.
        products: matrix-vector products it cost.
    """

    value: float
    standard_error: float
    products: int


def hutchinson(matrix: Any, products: int = 100, seed: int = 0) -> TraceEstimate:
    """Return the mean of z.Hz over random signs z; its variance is 2 (|H|^2 - sum H_ii^2) / products.

    Args:
        matrix: symmetric; what `as_operator` accepts.
        products: random vectors, at least 2.
        seed: of the signs.

    Raises:
        InputError: fewer than 2 products.

    Source:
        Hutchinson 1989.
    """
    if products < 2:
        raise InputError(f"Hutchinson's estimate needs products >= 2, not {products}.")
    operator = as_operator(matrix)
    signs = _signs(products, operator.shape[0], seed)
    samples = np.array([sign @ operator.matvec(sign.astype(operator.dtype)) for sign in signs])
    return TraceEstimate(
        value=float(samples.mean()),
        standard_error=float(samples.std(ddof=1) / sqrt(products)),
        products=products,
    )


def hutch_plus_plus(matrix: Any, products: int = 99, seed: int = 0) -> TraceEstimate:
    """Return the trace: exactly on the range of H applied to random signs, by Hutchinson on the rest.

    For positive semidefinite matrices the error falls as 1 / products, Hutchinson's as 1 / sqrt(products).

    Args:
        matrix: symmetric; what `as_operator` accepts.
        products: a third for the range, a third for its trace, a third for the rest; at least 6.
        seed: of the signs.

    Raises:
        InputError: fewer than 6 products.

    Source:
        Meyer, Musco, Musco and Woodruff 2021, Hutch++: optimal stochastic trace estimation.
    """
    if products < 6:
        raise InputError(f"Hutch++ needs products >= 6, not {products}.")
    operator = as_operator(matrix)
    size, third = operator.shape[0], products // 3
    signs = _signs(2 * third, size, seed)
    basis, _ = np.linalg.qr(_times(operator, signs[: min(third, size)].T))
    captured = float(np.einsum("ij,ij->", basis, _times(operator, basis)))
    if basis.shape[1] == size:
        return TraceEstimate(value=captured, standard_error=0.0, products=2 * size)
    rest = signs[third:].T - basis @ (basis.T @ signs[third:].T)
    samples = np.einsum("ij,ij->j", rest, _times(operator, rest))
    error = float(samples.std(ddof=1) / sqrt(third))
    return TraceEstimate(value=captured + float(samples.mean()), standard_error=error, products=3 * third)


def _signs(count: int, size: int, seed: int) -> ndarray:
    return np.random.default_rng(seed).choice((-1.0, 1.0), size=(count, size))


def _times(operator: Any, columns: ndarray) -> ndarray:
    images = [operator.matvec(column.astype(operator.dtype)) for column in columns.T]
    return np.column_stack(images).astype(np.float64)
