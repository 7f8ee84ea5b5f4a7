"""The measured f-I curve of a neuron as an activation function: units that answer as that neuron does."""

from typing import final

import numpy as np
import torch
from scipy.interpolate import PchipInterpolator
from torch import Tensor, nn

from neurobridge.errors import InputError


@final
class MeasuredActivation(nn.Module):
    """Monotone cubic interpolation through measured points, differentiable, constant beyond the last one.

    Inputs and outputs are scaled so that the measured range of currents is 0 to 1 and the highest rate 1.

    Args:
        current: `(point,)` increasing, in any unit.
        rate: `(point,)` in Hz, not decreasing.

    Raises:
        InputError: fewer than four points, or they are not in order.
    """

    def __init__(self, current: np.ndarray, rate: np.ndarray) -> None:
        super().__init__()
        x, y = np.asarray(current, dtype=float), np.asarray(rate, dtype=float)
        if len(x) < 4 or (np.diff(x) <= 0).any() or (np.diff(y) < -1e-9).any() or y.max() <= 0:
            raise InputError(
                "a measured activation needs four or more points with increasing currents and rates that don't fall; "
                f"it got {len(x)} points up to {y.max(initial=0):g} Hz."
            )
        x, y = (x - x[0]) / (x[-1] - x[0]), y / y.max()
        self.fit_error = _left_out_error(x, y)
        slope = PchipInterpolator(x, y).derivative()(x)
        for name, values in (("x", x), ("y", y), ("slope", slope)):
            self.register_buffer(name, torch.tensor(values, dtype=torch.get_default_dtype()))

    def forward(self, drive: Tensor) -> Tensor:
        """Return the rates for scaled currents, any shape."""
        x, y, slope = self.x, self.y, self.slope
        inside = drive.clamp(0.0, 1.0)
        place = torch.searchsorted(x, inside.detach().contiguous(), right=True).clamp(1, len(x) - 1) - 1
        width = x[place + 1] - x[place]
        t = (inside - x[place]) / width
        first = (1 + 2 * t) * (1 - t) ** 2 * y[place] + t * (1 - t) ** 2 * width * slope[place]
        return first + t**2 * (3 - 2 * t) * y[place + 1] + t**2 * (t - 1) * width * slope[place + 1]


def _left_out_error(x: np.ndarray, y: np.ndarray) -> float:
    """Return the largest error, as a part of the highest rate, at every second point from a fit to the others."""
    kept = np.union1d(np.arange(0, len(x), 2), [len(x) - 1])
    return float(np.abs(PchipInterpolator(x[kept], y[kept])(x) - y).max())
