"""Training losses by name: (outputs, targets, label smoothing) -> one number, averaged over what is asked."""

from collections.abc import Callable, Mapping

import torch.nn.functional as F
from torch import Tensor

from neurobridge.tasks.scoring import IGNORE


def cross_entropy(outputs: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    """-log softmax(outputs)[target] for classes or tokens, one a sample or one a step."""
    return F.cross_entropy(outputs.flatten(0, -2), targets.flatten(), ignore_index=IGNORE, label_smoothing=smoothing)


def squared_error(outputs: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    """(output - target)^2."""
    return F.mse_loss(outputs, targets.reshape(outputs.shape))


def hinge(outputs: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    """Multi-class hinge: sum over wrong classes of max(0, 1 - y_target + y_class), over the number of classes."""
    return F.multi_margin_loss(outputs.flatten(0, -2), targets.flatten())


def binary_cross_entropy(outputs: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    """Cross-entropy of sigmoid(output) with a target in [0, 1]."""
    return F.binary_cross_entropy_with_logits(outputs, targets.reshape(outputs.shape))


LOSSES: Mapping[str, Callable[[Tensor, Tensor, float], Tensor]] = {
    "binary cross-entropy": binary_cross_entropy,
    "cross-entropy": cross_entropy,
    "squared error": squared_error,
    "hinge": hinge,
}


def asked(targets: Tensor) -> int:
    """Return how many targets of a batch count: all numbers, and all classes but the ignored."""
    return len(targets) if targets.is_floating_point() else int((targets != IGNORE).sum())
