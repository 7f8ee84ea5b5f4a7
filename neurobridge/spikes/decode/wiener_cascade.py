"""Wiener cascade: a Wiener filter and a polynomial behind it, for outputs that are not linear in the counts."""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy import ndarray
from numpy.polynomial import polynomial

from neurobridge.errors import InputError
from neurobridge.spikes.decode.wiener import Wiener, fit_wiener


@final
@dataclass(frozen=True, kw_only=True)
class WienerCascade:
    """y = p(Wiener filter), one polynomial an output.

    Source: Hunter & Korenberg 1986, Biological Cybernetics 55:135; for movement: Pohlmeyer et al. 2007.

    Args:
        linear: the filter.
        coefficients: `(power, output)`, the constant first.
    """

    linear: Wiener
    coefficients: ndarray

    def decode(self, counts: ndarray) -> ndarray:
        """Return the outputs `(..., step, output)` for counts `(..., step, neuron)`."""
        drawn = self.linear.decode(counts)
        columns = zip(np.moveaxis(drawn, -1, 0), self.coefficients.T, strict=True)
        return np.stack([polynomial.polyval(values, powers) for values, powers in columns], axis=-1)


def fit_wiener_cascade(counts: ndarray, target: ndarray, lags: int = 10, degree: int = 3) -> WienerCascade:
    """Return the least-squares filter, and the least-squares polynomial of what it gives.

    Args:
        counts: `(..., step, neuron)`.
        target: `(..., step, output)`.
        lags: bins that the filter looks at.
        degree: of the polynomials; 3 as in Glaser et al. 2020, eNeuro 7(4).

    Raises:
        InputError: counts and targets of different lengths, or `lags` or `degree` below 1.
    """
    if degree < 1:
        raise InputError(f"the polynomial of a Wiener cascade has a degree of 1 or more; it is {degree}.")
    linear = fit_wiener(counts, target, lags)
    outputs = target.shape[-1]
    drawn, wanted = linear.decode(counts).reshape(-1, outputs), target.reshape(-1, outputs)
    fitted = [polynomial.polyfit(drawn[:, axis], wanted[:, axis], degree) for axis in range(outputs)]
    return WienerCascade(linear=linear, coefficients=np.stack(fitted, axis=1))
