"""AdamW: Adam with weight decay that is not rescaled."""

from collections.abc import Iterable
from typing import Any

import torch

from neurobridge.ann.optimizers.gradients import DenseReal, fastest


class AdamW(DenseReal, torch.optim.AdamW):
    """Adam with decoupled weight decay.

        x <- x - lr weight_decay x, then Adam's update

    In SGD an L2 penalty and decay are the same; in Adam they are not, because the penalty's gradient is
    divided by sqrt(s). The arithmetic is `torch.optim.AdamW`'s, in its fused kernel.

    Args:
        parameters: tensors or parameter groups.
        lr: step size.
        betas: weights of the past in Adam's two averages.
        eps: keeps the division finite.
        weight_decay: fraction of the weights removed per unit of lr.
        amsgrad: divide by the largest average of squares so far.
        maximize: ascend instead.
        fused: None takes torch's fused kernels wherever they work.

    Source:
        Loshchilov and Hutter 2019, Decoupled weight decay regularization.

    Example:
        >>> x = torch.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = AdamW([x], lr=0.5, weight_decay=0.1)
        >>> x.square().sum().backward(); optimizer.step(); [round(value, 4) for value in x.tolist()]
        [0.45, -1.4]
    """

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        *,
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        maximize: bool = False,
        fused: bool | None = None,
    ) -> None:
        parameters = list(parameters)
        super().__init__(
            parameters,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            maximize=maximize,
            fused=fastest(parameters, fused),
        )
