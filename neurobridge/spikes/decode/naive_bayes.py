"""Naive Bayes: which class of movement Poisson neurons that fire independently of each other speak for."""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy import ndarray
from scipy.special import gammaln, log_softmax

from neurobridge.errors import InputError


@final
@dataclass(frozen=True, kw_only=True)
class NaiveBayes:
    """p(class | counts) ~ p(class) prod over neurons of Poisson(count; mean of the class).

    Source: Sanger 1996, Journal of Neurophysiology 76:2790; for reach directions: Shenoy et al. 2003.

    Args:
        means: `(class, neuron)` spikes expected in a trial.
        shares: `(class,)` prior probabilities.
    """

    means: ndarray
    shares: ndarray

    def log_likelihood(self, counts: ndarray) -> ndarray:
        """Return log p(counts | class), `(trial, class)`, for counts `(trial, neuron)`."""
        return counts @ np.log(self.means).T - self.means.sum(axis=1) - gammaln(counts + 1).sum(axis=1, keepdims=True)

    def log_posterior(self, counts: ndarray) -> ndarray:
        """Return log p(class | counts), `(trial, class)`, for counts `(trial, neuron)`."""
        return log_softmax(self.log_likelihood(counts) + np.log(self.shares), axis=1)

    def decode(self, counts: ndarray) -> ndarray:
        """Return the most probable class, `(trial,)`."""
        return self.log_posterior(counts).argmax(axis=1)


def fit_naive_bayes(counts: ndarray, classes: ndarray) -> NaiveBayes:
    """Return the mean counts and the share of each class.

    Means are those of the data and half a spike more in each class, the posterior mean under Jeffreys' prior, so that
    a neuron that stayed silent in training forbids no class.

    Args:
        counts: `(trial, neuron)`.
        classes: `(trial,)` from 0 on.

    Raises:
        InputError: counts below 0, not one class a trial, or a class without a trial.
    """
    if counts.ndim != 2 or classes.shape != counts.shape[:1] or not len(counts) or counts.min() < 0:
        raise InputError(
            f"naive Bayes needs counts (trial, neuron) of 0 or more and one class a trial; got {counts.shape} and "
            f"{classes.shape}."
        )
    trials = np.bincount(classes)
    if (trials == 0).any():
        raise InputError(f"class {int(trials.argmin())} has no trial; number the classes from 0 without gaps.")
    sums = np.stack([counts[classes == one].sum(axis=0) for one in range(len(trials))])
    return NaiveBayes(means=(sums + 0.5) / trials[:, None], shares=trials / trials.sum())
