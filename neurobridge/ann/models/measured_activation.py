"""The measured f-I curve of a neuron as an activation function: units that answer as that neuron does."""

from pathlib import Path
from typing import final
from zipfile import BadZipFile

import numpy as np
import torch
from scipy.interpolate import PchipInterpolator
from torch import Tensor, nn

from neurobridge.errors import FileFormatError, InputError


@final
class MeasuredActivation(nn.Module):
    """Monotone cubic interpolation through measured points, differentiable, constant beyond the last one.

    Inputs and outputs are scaled so that the measured range of currents is 0 to 1 and the highest rate 1. `fit_error`
    is the largest and `typical_error` the root mean squared error at every second point of a curve through the others,
    as parts of the highest rate; a curve that jumps, as that of a squid axon, has a large `fit_error` at its jump.

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
        errors = _left_out_errors(x, y)
        self.fit_error, self.typical_error = float(errors.max()), float(np.sqrt((errors**2).mean()))
        slope = PchipInterpolator(x, y).derivative()(x)
        for name, values in (("x", x), ("y", y), ("slope", slope)):
            self.register_buffer(name, torch.tensor(values, dtype=torch.get_default_dtype()))

    @classmethod
    def from_file(cls, path: str | Path) -> "MeasuredActivation":
        """Return the activation of a curve that `neurobridge simulate NEURON --protocol fi-curve` has saved.

        Raises:
            FileFormatError: the file is not there, or holds no such curve.
            InputError: the curve falls, as at a depolarisation block.
        """
        try:
            with np.load(path, allow_pickle=False) as archive:
                current, rate = archive["current"], archive["rate"]
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise FileFormatError(
                f"{path} is not a measured f-I curve ({error}); write one with "
                "neurobridge simulate leaky --protocol fi-curve."
            ) from error
        return cls(current, rate)

    def forward(self, drive: Tensor) -> Tensor:
        """Return the rates for scaled currents, any shape."""
        x, y, slope = self.x, self.y, self.slope
        inside = drive.clamp(0.0, 1.0)
        place = torch.searchsorted(x, inside.detach().contiguous(), right=True).clamp(1, len(x) - 1) - 1
        width = x[place + 1] - x[place]
        t = (inside - x[place]) / width
        first = (1 + 2 * t) * (1 - t) ** 2 * y[place] + t * (1 - t) ** 2 * width * slope[place]
        return first + t**2 * (3 - 2 * t) * y[place + 1] + t**2 * (t - 1) * width * slope[place + 1]


def _left_out_errors(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the error, as a part of the highest rate, at every second point from a fit to the others."""
    kept = np.union1d(np.arange(0, len(x), 2), [len(x) - 1])
    left = np.setdiff1d(np.arange(len(x)), kept)
    return np.abs(PchipInterpolator(x[kept], y[kept])(x[left]) - y[left])
