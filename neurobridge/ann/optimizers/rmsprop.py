"""RMSProp: divide the gradient by a moving average of its magnitude."""

from collections.abc import Iterable
from typing import Any

import torch

from neurobridge.ann.optimizers.gradients import DenseReal, fastest


class RMSProp(DenseReal, torch.optim.RMSprop):
    """AdaGrad that forgets.

        s <- alpha s + (1 - alpha) g^2
        m <- alpha m + (1 - alpha) g                 (only if centered)
        x <- x - lr g / (sqrt(s - m^2) + eps)        (m = 0 unless centered)

    The arithmetic is `torch.optim.RMSprop`'s: eps stands outside the square root (TensorFlow puts it
    inside). torch has no fused kernel for this rule; on CPU its plain loop is the fastest, asked for by name.

    Args:
        parameters: tensors or parameter groups.
        lr: step size.
        alpha: weight of the past in the average of squares.
        eps: keeps the division finite.
        beta: heavy-ball momentum on the scaled gradient; 0 for none.
        centered: subtract the squared mean gradient, so that s estimates the variance.
        weight_decay: adds weight_decay x to g.
        maximize: ascend instead.

    Source:
        Tieleman and Hinton 2012, lecture 6.5; centred form Graves 2013, Generating sequences with recurrent
        networks.

    Example:
        >>> x = torch.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = RMSProp([x], lr=0.05, alpha=0.99)
        >>> x.square().sum().backward(); optimizer.step(); [round(value, 4) for value in x.tolist()]
        [0.5, -1.5]
    """

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        *,
        eps: float = 1e-8,
        beta: float = 0.0,
        centered: bool = False,
        weight_decay: float = 0.0,
        maximize: bool = False,
    ) -> None:
        parameters = list(parameters)
        super().__init__(
            parameters,
            lr=lr,
            alpha=alpha,
            eps=eps,
            momentum=beta,
            centered=centered,
            weight_decay=weight_decay,
            maximize=maximize,
            foreach=False if fastest(parameters, devices=("cpu",)) else None,
        )
