"""The losses: log loss, hinge and squared error, as means over samples."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from neurobridge.errors import InputError

Loss = Callable[[Tensor, Tensor], Tensor]


def log_loss(scores: Tensor, targets: Tensor) -> Tensor:
    """Return the mean negative log-likelihood of the labels.

        two classes:  log(1 + exp(-s f)),  s = 1 for label 1 and -1 for label 0
        several:      log(sum_k exp f_k) - f_y

    Args:
        scores: f, log-odds of shape (sample) for labels 0 and 1, or logits of shape (sample, class).
        targets: labels of shape (sample).

    Raises:
        InputError: shapes or labels do not fit.

    Example:
        >>> round(float(log_loss(torch.zeros(4), torch.tensor([0, 1, 1, 0]))), 4)
        0.6931
    """
    _check_labels("log loss", scores, targets)
    if scores.ndim == 1:
        return functional.softplus(-_signed(targets).to(scores) * scores).mean()
    return functional.cross_entropy(scores, targets.long())


def hinge(scores: Tensor, targets: Tensor) -> Tensor:
    """Return the mean hinge loss.

        two classes:  max(0, 1 - s f),  s = 1 for label 1 and -1 for label 0
        several:      max(0, 1 + max_{k != y} f_k - f_y)

    The second form is Crammer and Singer's (2001); `torch.nn.MultiMarginLoss` sums over all violated
    margins instead and divides by the number of classes.

    Args:
        scores: f, of shape (sample) for labels 0 and 1 or (sample, class).
        targets: labels of shape (sample).

    Raises:
        InputError: shapes or labels do not fit.

    Example:
        >>> float(hinge(torch.tensor([[0.0, 3.0], [0.5, 0.0]]), torch.tensor([1, 0])))
        0.25
    """
    _check_labels("hinge", scores, targets)
    if scores.ndim == 1:
        return torch.relu(1 - _signed(targets).to(scores) * scores).mean()
    labels = targets.long()[:, None]
    rivals = scores.scatter(1, labels, -torch.inf).amax(1)
    return torch.relu(1 + rivals - scores.gather(1, labels)[:, 0]).mean()


def squared_error(scores: Tensor, targets: Tensor) -> Tensor:
    """Return the mean of (f - y)^2 over samples and outputs.

    Args:
        scores: f, of any shape.
        targets: y, of the same shape; or labels of shape (sample), compared as one-hot rows with (sample,
            class).

    Raises:
        InputError: shapes or labels do not fit.

    Example:
        >>> float(squared_error(torch.tensor([[1.0, 0.0], [0.5, 0.5]]), torch.tensor([0, 1])))
        0.125
    """
    if scores.shape == targets.shape:
        return (scores - targets).square().mean()
    _check_labels("squared error", scores, targets)
    return (scores - functional.one_hot(targets.long(), scores.shape[1]).to(scores)).square().mean()


LOSSES: dict[str, Loss] = {"log_loss": log_loss, "hinge": hinge, "squared_error": squared_error}


def _signed(labels: Tensor) -> Tensor:
    return 2 * labels - 1


def _check_labels(name: str, scores: Tensor, targets: Tensor) -> None:
    if scores.ndim not in (1, 2) or targets.shape != scores.shape[:1]:
        raise InputError(
            f"{name}: scores of shape {tuple(scores.shape)} and targets of shape {tuple(targets.shape)} do not fit; "
            "give scores (sample) or (sample, class) and labels (sample)."
        )
    classes = scores.shape[1] if scores.ndim == 2 else 2
    if targets.is_floating_point() or (targets.numel() and not 0 <= targets.min() <= targets.max() < classes):
        raise InputError(f"{name}: labels must be whole numbers from 0 to {classes - 1}, one per sample.")
