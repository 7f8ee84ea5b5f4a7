"""The gradient noise scale: the batch size at which noise and signal are equally large."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor
from torch.func import functional_call, grad, vmap
from torch.nn import Module

from neurobridge.errors import InputError


@final
@dataclass(frozen=True, kw_only=True)
class NoiseScale:
    """How noisy gradients are.

    Args:
        signal: estimate of |G|^2, the squared norm of the expected gradient; may come out negative near a
            minimum.
        noise: estimate of tr(S), the total variance of one sample's gradient.
    """

    signal: float
    noise: float

    @property
    def batch_size(self) -> float:
        """tr(S) / |G|^2: much smaller batches waste steps, much larger ones waste samples; infinite without signal."""
        return self.noise / self.signal if self.signal > 0 else float("inf")

    def variance(self, batch_size: int) -> float:
        """Return the total variance of the mean gradient of a batch drawn with replacement."""
        return self.noise / batch_size


def noise_scale(model: Module, loss: Callable[[Tensor, Tensor], Tensor], inputs: Tensor, targets: Tensor) -> NoiseScale:
    """Estimate the noise scale from the gradients of single samples, without bias.

        tr(S) = n / (n - 1) (mean |g_i|^2 - |mean g|^2),    |G|^2 = |mean g|^2 - tr(S) / n

    Args:
        model: in evaluation mode, or without layers that mix samples.
        loss: mean loss of a batch from (outputs, targets).
        inputs: of shape (sample, ...), at least 2.
        targets: of shape (sample, ...).

    Raises:
        InputError: fewer than 2 samples.

    Source:
        McCandlish et al. 2018, An empirical model of large-batch training, section 2.2.
    """
    n = len(inputs)
    if n < 2:
        raise InputError(f"a noise scale needs at least 2 samples, got {n}.")
    weights = {name: entry.detach() for name, entry in model.named_parameters()}

    def one(parameters: dict[str, Tensor], sample: Tensor, target: Tensor) -> Tensor:
        return loss(functional_call(model, parameters, (sample[None],)), target[None])

    gradients = vmap(grad(one), in_dims=(None, 0, 0), chunk_size=256)(weights, inputs, targets)
    rows = torch.cat([entry.flatten(1) for entry in gradients.values()], dim=1).double()
    mean = rows.mean(0).square().sum()
    noise = n / (n - 1) * (rows.square().sum(1).mean() - mean)
    return NoiseScale(signal=float(mean - noise / n), noise=float(noise))
