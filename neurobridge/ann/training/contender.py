"""A network as what a task judges: numpy in, numpy out."""

from collections.abc import Callable

import numpy as np
import torch
from numpy import ndarray
from torch import nn

from neurobridge.ann.training.device import autocast


def contender(
    model: nn.Module, device: torch.device | str | None = None, precision: str = "fp32"
) -> Callable[[ndarray], ndarray]:
    """Return `predict` for `Task.judge`.

    Each call puts the network into evaluation mode, computes without gradients and restores the mode.

    Args:
        model: any network.
        device: where its weights are; found out if None.
        precision: see `TrainingConfig`; outputs are float32 in any case.
    """
    device = next((weight.device for weight in model.parameters()), "cpu") if device is None else device
    device = torch.device(device)

    def predict(inputs: ndarray) -> ndarray:
        training = model.training
        model.eval()
        try:
            with torch.inference_mode(), autocast(device, precision):
                outputs = model(torch.from_numpy(np.ascontiguousarray(inputs)).to(device))
            return outputs.float().cpu().numpy()
        finally:
            model.train(training)

    return predict
