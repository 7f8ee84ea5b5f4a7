"""Wiener filter: movement as a linear map of the counts in recent bins."""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy import ndarray

from neurobridge.errors import InputError


@final
@dataclass(frozen=True, kw_only=True)
class Wiener:
    """A finite impulse response for each neuron and output: y(t) = b + sum over lags of W(lag) z(t - lag).

    Source: Carmena et al. 2003, PLoS Biology 1:193.

    Args:
        weights: `(lags neuron, output)`, the oldest bin first, as `lagged` lays them out.
        offset: `(output,)`.
        rest: `(neuron,)` counts that stand for the bins before a sequence.
        lags: bins that are looked at, the present one included.
    """

    weights: ndarray
    offset: ndarray
    rest: ndarray
    lags: int

    def decode(self, counts: ndarray) -> ndarray:
        """Return the outputs `(..., step, output)` for counts `(..., step, neuron)`."""
        return lagged(counts - self.rest, self.lags) @ self.weights + self.offset


def fit_wiener(counts: ndarray, target: ndarray, lags: int = 10) -> Wiener:
    """Return the filter with the least squared error.

    Args:
        counts: `(..., step, neuron)`.
        target: `(..., step, output)`.
        lags: bins that are looked at; 10 of 50 ms as in Carmena et al. 2003.

    Raises:
        InputError: counts and targets of different lengths, or `lags` below 1.
    """
    together(counts, target)
    if lags < 1:
        raise InputError(f"a Wiener filter looks at one bin or more; lags is {lags}.")
    neurons, outputs = counts.shape[-1], target.shape[-1]
    rest = counts.reshape(-1, neurons).mean(axis=0)
    features = lagged(counts - rest, lags).reshape(-1, lags * neurons)
    wanted = target.reshape(-1, outputs)
    origin, mean = features.mean(axis=0), wanted.mean(axis=0)
    centred = features - origin
    # the normal equations: ten times faster than the singular values of all samples; neurons that never fire get 0
    weights = np.linalg.lstsq(centred.T @ centred, centred.T @ (wanted - mean), rcond=None)[0]
    return Wiener(weights=weights, offset=mean - origin @ weights, rest=rest, lags=lags)


def lagged(counts: ndarray, lags: int) -> ndarray:
    """Return each bin with the `lags - 1` bins before it, `(..., step, lags neuron)`; before the start is zero."""
    steps = counts.shape[-2]
    before = np.zeros((*counts.shape[:-2], lags - 1, counts.shape[-1]))
    padded = np.concatenate([before, counts], axis=-2)
    return np.concatenate([padded[..., lag : lag + steps, :] for lag in range(lags)], axis=-1)


def together(counts: ndarray, target: ndarray) -> None:
    """Raise unless there is one target a bin of counts."""
    if counts.shape[:-1] != target.shape[:-1]:
        raise InputError(
            f"counts of shape {counts.shape} and targets of shape {target.shape}: give one target a bin of counts."
        )
