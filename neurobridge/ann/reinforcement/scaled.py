"""Numbers in other units, as a layer that converts like any other."""

from typing import final

import numpy as np
import torch
from torch import Tensor, nn


@final
class Scaled(nn.Module):
    """From observations or actions to other units: y = gain * x + shift, then within bounds if there are any.

    Args:
        gain: one a number.
        shift: one a number.
        limit: y stays in [-limit, limit]; None for no bounds.
    """

    def __init__(self, gain: np.ndarray, shift: np.ndarray, limit: float | None = None) -> None:
        super().__init__()
        self.register_buffer("gain", torch.as_tensor(gain, dtype=torch.float32))
        self.register_buffer("shift", torch.as_tensor(shift, dtype=torch.float32))
        self.limit = limit

    def forward(self, x: Tensor) -> Tensor:
        """Return the same numbers in other units."""
        scaled = x * self.gain + self.shift
        return scaled if self.limit is None else torch.clamp(scaled, -self.limit, self.limit)
