"""Calibration data as users give it, checked before any work."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy import ndarray
from torch import Tensor

from neurobridge.errors import CalibrationError, InputError

Data = Tensor | ndarray


def calibration_inputs(data: Data | Sequence[Data], batch_axis: int = 0) -> tuple[Tensor, ...]:
    """Return one tensor for each argument of the network, on the CPU, real numbers in single precision.

    Args:
        data: an array, or a sequence of them for several arguments.
        batch_axis: the axis of the samples in each.

    Raises:
        CalibrationError: nothing, no array, no numbers, fewer than 2 samples, numbers that are not finite, or arguments
            of unlike length.
        InputError: an axis that the data does not have.
    """
    parts = list(data) if isinstance(data, Sequence) else [data]
    if not parts:
        raise CalibrationError("there is no calibration data; give an array (sample, ...) for each argument")
    tensors = tuple(_tensor(part, f"calibration input {i}", batch_axis) for i, part in enumerate(parts))
    lengths = [x.shape[batch_axis] for x in tensors]
    if len(set(lengths)) > 1:
        raise CalibrationError(f"the calibration inputs have {' and '.join(map(str, lengths))} samples; give as many")
    return tensors


def _tensor(part: object, name: str, batch_axis: int) -> Tensor:
    if not isinstance(part, Tensor | ndarray):
        raise CalibrationError(f"{name} is a {type(part).__name__}; give an array or a tensor")
    if isinstance(part, ndarray) and part.dtype.kind not in "fiub":
        raise CalibrationError(f"{name} holds {part.dtype}; give numbers")
    x = torch.as_tensor(np.asarray(part) if isinstance(part, ndarray) else part.detach()).cpu()
    x = x.float() if x.is_floating_point() else x
    x = x.clone() if x.is_inference() else x  # parts of the rate code's fit take gradients
    if x.ndim and not -x.ndim <= batch_axis < x.ndim:
        raise InputError(f"batch_axis is {batch_axis}, but {name} has {x.ndim} axes")
    if x.ndim == 0 or x.numel() == 0 or x.shape[batch_axis] < 2:
        raise CalibrationError(f"{name} has shape {tuple(x.shape)}; give 2 samples or more, better 500")
    if x.is_floating_point() and not bool(torch.isfinite(x).all()):
        raise CalibrationError(f"{name} holds NaN or infinite values; remove those samples")
    return x
