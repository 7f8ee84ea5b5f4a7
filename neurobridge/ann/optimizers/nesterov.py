"""Nesterov's accelerated gradient in the form deep learning uses."""

from collections.abc import Iterable
from typing import Any

from neurobridge.ann.optimizers.inertia import Inertia


class Nesterov(Inertia):
    """Momentum that looks one step ahead.

        v <- beta v + g
        x <- x - lr (g + beta v)

    The arithmetic is `torch.optim.SGD`'s with `nesterov=True`.

    Args:
        parameters: tensors or parameter groups.
        lr: step size.
        beta: how much of the velocity is kept, in (0, 1).
        weight_decay: adds weight_decay x to g.
        maximize: ascend instead.
        fused: None takes torch's fused kernels wherever they work.

    Raises:
        InputError: an option is outside its range.

    Source:
        Nesterov 1983; Sutskever et al. 2013, On the importance of initialization and momentum in deep
        learning.

    Example:
        >>> x = torch.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = Nesterov([x], lr=0.25, beta=0.5)
        >>> x.square().sum().backward(); optimizer.step(); x.tolist()
        [0.25, -0.5]
    """

    nesterov = True

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-3,
        beta: float = 0.9,
        *,
        weight_decay: float = 0.0,
        maximize: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(parameters, lr, beta, weight_decay=weight_decay, maximize=maximize, fused=fused)
