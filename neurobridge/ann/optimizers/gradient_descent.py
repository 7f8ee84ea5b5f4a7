"""Gradient descent, SGD and mini-batch SGD: one rule; the names tell how much data the closure sees."""

from collections.abc import Iterable
from typing import Any

import torch

from neurobridge.ann.optimizers.gradients import DenseReal, fastest


class GradientDescent(DenseReal, torch.optim.SGD):
    """Steepest descent with a fixed or scheduled step.

        x <- x - lr g

    g is the gradient of the mean loss over what the closure evaluates: all samples in gradient descent, one
    in SGD, a few in mini-batch SGD, where its variance falls as 1 / batch size. On a quadratic with
    curvatures in [m, L] the best fixed step, 2 / (m + L), contracts the error by (L - m) / (L + m) per
    step; steps above 2 / L diverge. The arithmetic is `torch.optim.SGD`'s; without weight decay its plain
    loop is the fastest on CPU, else its fused kernel.

    Args:
        parameters: tensors or parameter groups.
        lr: step size.
        weight_decay: adds weight_decay x to g.
        maximize: ascend instead.
        fused: None takes torch's fused kernels wherever they are the fastest.

    Source:
        Cauchy 1847; Robbins and Monro 1951 for the stochastic form.

    Example:
        >>> x = torch.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = GradientDescent([x], lr=0.25)
        >>> x.square().sum().backward(); optimizer.step(); x.tolist()
        [0.5, -1.0]
    """

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-3,
        *,
        weight_decay: float = 0.0,
        maximize: bool = False,
        fused: bool | None = None,
    ) -> None:
        parameters = list(parameters)
        # anything but the bare step makes the loop copy the gradients
        bare = weight_decay == 0 and not maximize
        fused = fastest(parameters, fused, devices=("cuda",) if bare else ("cpu", "cuda"))
        super().__init__(parameters, lr=lr, weight_decay=weight_decay, maximize=maximize, fused=fused)
