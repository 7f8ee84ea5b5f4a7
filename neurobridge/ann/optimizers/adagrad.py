"""AdaGrad: a step per coordinate that shrinks with the squares of all its past gradients."""

from collections.abc import Iterable
from typing import Any

import torch

from neurobridge.ann.optimizers.gradients import DenseReal, fastest


class AdaGrad(DenseReal, torch.optim.Adagrad):
    """Adaptive step sizes for rare and frequent features.

        s <- s + g^2
        x <- x - lr g / (sqrt(s) + eps)

    The effective step falls as 1 / sqrt(t): right for convex problems and sparse features, too timid late
    in the training of deep networks. The arithmetic is `torch.optim.Adagrad`'s.

    Args:
        parameters: tensors or parameter groups.
        lr: step size of the first update of each coordinate.
        initial: value of s at the start.
        eps: keeps the division finite; outside the square root.
        weight_decay: adds weight_decay x to g.
        maximize: ascend instead.
        fused: None takes torch's fused kernels wherever they work.

    Source:
        Duchi, Hazan and Singer 2011, Adaptive subgradient methods for online learning and stochastic
        optimization.

    Example:
        >>> x = torch.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = AdaGrad([x], lr=0.5)
        >>> x.square().sum().backward(); optimizer.step(); x.tolist()
        [0.5, -1.5]
    """

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-2,
        *,
        initial: float = 0.0,
        eps: float = 1e-10,
        weight_decay: float = 0.0,
        maximize: bool = False,
        fused: bool | None = None,
    ) -> None:
        parameters = list(parameters)
        # torch 2.9 has this fused kernel for CPU only
        fused = fastest(parameters, fused, devices=("cpu",))
        super().__init__(
            parameters,
            lr=lr,
            initial_accumulator_value=initial,
            eps=eps,
            weight_decay=weight_decay,
            maximize=maximize,
            fused=fused,
        )
