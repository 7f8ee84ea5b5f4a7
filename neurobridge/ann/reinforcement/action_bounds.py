"""From numbers in [-1, 1] to the numbers that an environment takes, and back."""

import numpy as np
from torch import Tensor, as_tensor

from neurobridge.ann.reinforcement.scaled import Scaled
from neurobridge.tasks.environments import Spaces


def to_bounds(spaces: Spaces) -> Scaled:
    """Return a layer that takes -1 to the smallest numbers and 1 to the largest; it converts like any other."""
    low, high = np.array(spaces.low), np.array(spaces.high)
    return Scaled((high - low) / 2, (high + low) / 2)


def from_bounds(spaces: Spaces) -> Scaled:
    """Return the layer that undoes `to_bounds`."""
    low, high = np.array(spaces.low), np.array(spaces.high)
    return Scaled(2 / (high - low), -(high + low) / (high - low))


def half_range(spaces: Spaces) -> Tensor:
    """Return half the width of each action's bounds, `(action,)`."""
    return as_tensor((np.array(spaces.high) - np.array(spaces.low)) / 2).float()
