"""The losses: log loss, hinge and squared error, as means over what is asked."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional

from neurobridge.errors import InputError
from neurobridge.tasks.scoring import IGNORE

Loss = Callable[..., Tensor]


def log_loss(scores: Tensor, targets: Tensor, smoothing: float = 0.0) -> Tensor:
    """Return the mean negative log-likelihood of the labels.

        two classes:  log(1 + exp(-s f)),  s = 1 for label 1 and -1 for label 0
        several:      log(sum_k exp f_k) - f_y

    Args:
        scores: f, log-odds of shape (sample) for labels 0 and 1, or logits of shape (sample, ..., class).
        targets: labels of shape (sample) or (sample, ...); with several classes, those that are `tasks.scoring.IGNORE`
            are left out.
        smoothing: share of the target's probability that is spread over all of several classes.

    Raises:
        InputError: shapes or labels do not fit.

    Example:
        >>> round(float(log_loss(torch.zeros(4), torch.tensor([0, 1, 1, 0]))), 4)
        0.6931
    """
    if scores.ndim == 1:
        _check_labels("log loss", scores, targets)
        return binary_log_loss(scores, targets)
    scores, targets = scores.flatten(0, -2), targets.flatten()
    _check_labels("log loss", scores, targets, ignored=IGNORE)
    return functional.cross_entropy(scores, targets.long(), ignore_index=IGNORE, label_smoothing=smoothing)


def binary_log_loss(scores: Tensor, targets: Tensor) -> Tensor:
    """Return the mean of -y log p - (1 - y) log(1 - p) with p = 1 / (1 + exp(-f)).

    Args:
        scores: f, log-odds of any shape.
        targets: y in [0, 1], as many.

    Example:
        >>> round(float(binary_log_loss(torch.zeros(2, 1), torch.tensor([0.0, 1.0]))), 4)
        0.6931
    """
    return functional.binary_cross_entropy_with_logits(scores, targets.reshape(scores.shape).to(scores))


def hinge(scores: Tensor, targets: Tensor) -> Tensor:
    """Return the mean hinge loss.

        two classes:  max(0, 1 - s f),  s = 1 for label 1 and -1 for label 0
        several:      max(0, 1 + max_{k != y} f_k - f_y)

    The second form is Crammer and Singer's (2001); `torch.nn.MultiMarginLoss` sums over all violated
    margins instead and divides by the number of classes.

    Args:
        scores: f, of shape (sample) for labels 0 and 1 or (sample, ..., class).
        targets: labels of shape (sample) or (sample, ...).

    Raises:
        InputError: shapes or labels do not fit.

    Example:
        >>> float(hinge(torch.tensor([[0.0, 3.0], [0.5, 0.0]]), torch.tensor([1, 0])))
        0.25
    """
    if scores.ndim > 2:
        scores, targets = scores.flatten(0, -2), targets.flatten()
    _check_labels("hinge", scores, targets)
    if scores.ndim == 1:
        return torch.relu(1 - (2 * targets - 1).to(scores) * scores).mean()
    labels = targets.long()[:, None]
    rivals = scores.scatter(1, labels, -torch.inf).amax(1)
    return torch.relu(1 + rivals - scores.gather(1, labels)[:, 0]).mean()


def squared_error(scores: Tensor, targets: Tensor) -> Tensor:
    """Return the mean of (f - y)^2 over samples and outputs.

    Args:
        scores: f, of any shape.
        targets: y, as many; or labels of shape (sample), compared as one-hot rows with (sample, class).

    Raises:
        InputError: shapes or labels do not fit.

    Example:
        >>> float(squared_error(torch.tensor([[1.0, 0.0], [0.5, 0.5]]), torch.tensor([0, 1])))
        0.125
    """
    if scores.shape == targets.shape or (targets.is_floating_point() and scores.numel() == targets.numel()):
        return functional.mse_loss(scores, targets.reshape(scores.shape))
    _check_labels("squared error", scores, targets)
    return (scores - functional.one_hot(targets.long(), scores.shape[1]).to(scores)).square().mean()


# those that tasks name in `SupervisedTask.loss`
LOSSES: Mapping[str, Loss] = {
    "binary cross-entropy": binary_log_loss,
    "cross-entropy": log_loss,
    "hinge": hinge,
    "squared error": squared_error,
}
SMOOTHED = frozenset({"cross-entropy"})
"""Losses that take label smoothing."""


def asked(targets: Tensor) -> int:
    """Return how many targets of a batch count: all numbers, and all classes but the ignored."""
    return len(targets) if targets.is_floating_point() else int((targets != IGNORE).sum())


def _check_labels(name: str, scores: Tensor, targets: Tensor, ignored: int | None = None) -> None:
    if scores.ndim not in (1, 2) or targets.shape != scores.shape[:1]:
        raise InputError(
            f"{name}: scores of shape {tuple(scores.shape)} and targets of shape {tuple(targets.shape)} do not fit; "
            "give scores (sample) or (sample, class) and labels (sample)."
        )
    classes = scores.shape[1] if scores.ndim == 2 else 2
    # a GPU would have to wait for the answer; its own kernels look at labels
    wrong = targets.is_floating_point() or (targets.is_cpu and not _in_range(targets, classes, ignored))
    if wrong:
        raise InputError(f"{name}: labels must be whole numbers from 0 to {classes - 1}, one per sample.")


def _in_range(labels: Tensor, classes: int, ignored: int | None) -> bool:
    inside = (labels >= 0) & (labels < classes)
    return bool((inside if ignored is None else inside | (labels == ignored)).all())
