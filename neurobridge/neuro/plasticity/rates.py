"""Rules on rates: Hebb, Oja, BCM, and homeostatic scaling, each one step of the weights."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy import ndarray


@dataclass(frozen=True, kw_only=True)
class RateRule:
    """A rule for `y = w x`.

    Args:
        name: what it is called in the registry.
        change: `(w, x, y, threshold)` to the direction in which the weights go.
        reference: the paper.
    """

    name: str
    change: Callable[[ndarray, ndarray, float, float], ndarray]
    reference: str

    def learn(
        self, weights: ndarray, inputs: ndarray, speed: float, memory: float = 0.05, threshold: float = 1.0
    ) -> ndarray:
        """Return the weights after one pass over the inputs.

        Args:
            weights: `(input,)` at the start.
            inputs: `(step, input)`.
            speed: of learning.
            memory: how fast the sliding threshold E[y^2] follows.
            threshold: its value at the start.
        """
        for x in inputs:
            y = float(weights @ x)
            weights = weights + speed * self.change(weights, x, y, threshold)
            threshold += memory * (y * y - threshold)
        return weights


def _bcm(weights: ndarray, x: ndarray, y: float, threshold: float) -> ndarray:
    return y * (y - threshold) * x


HEBB = RateRule(name="hebb", change=lambda w, x, y, threshold: y * x, reference="Hebb 1949")
OJA = RateRule(name="oja", change=lambda w, x, y, threshold: y * (x - y * w), reference="Oja 1982, J Math Biol 15:267")
BCM = RateRule(
    name="bcm", change=_bcm, reference="Bienenstock, Cooper, Munro 1982, J Neurosci 2:32; Intrator, Cooper 1992"
)


def scaled(weights: ndarray, rate: float, target: float, speed: float) -> ndarray:
    """Return weights after one step of synaptic scaling: all by one factor, towards the target rate.

    Turrigiano et al. 1998, Nature 391:892; multiplicative form of van Rossum, Bi, Turrigiano 2000.
    """
    return weights * (1 + speed * (target - rate) / target)


def selectivity(responses: ndarray) -> float:
    """Return Bienenstock's measure, 1 - mean over maximum of the responses to all patterns."""
    return float(1 - np.mean(responses) / np.max(responses))
