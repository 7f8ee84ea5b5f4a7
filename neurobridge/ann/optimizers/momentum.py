"""Momentum in the averaged form: a step along the moving average of the gradients."""

from collections.abc import Iterable
from typing import Any

import torch

from neurobridge.ann.optimizers.inertia import Inertia


class Momentum(Inertia):
    """Descent along an exponential average of the gradients.

        v <- beta v + (1 - beta) g,    v = 0 at the start
        x <- x - lr v

    lr keeps its meaning when beta changes, unlike in the accumulated form. The arithmetic is
    `torch.optim.SGD`'s with momentum = dampening = beta and velocities of zero; left to itself it starts
    from v = g, which is another rule.

    Args:
        parameters: tensors or parameter groups.
        lr: step size.
        beta: weight of the past, in [0, 1); the average spans about 1 / (1 - beta) gradients.
        weight_decay: adds weight_decay x to g.
        maximize: ascend instead.
        fused: None takes torch's fused kernels wherever they work.

    Raises:
        InputError: an option is outside its range.

    Source:
        Polyak 1964; in this form Kingma and Ba 2015 (first moment of Adam without bias correction).

    Example:
        >>> x = torch.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = Momentum([x], lr=0.5, beta=0.5)
        >>> x.square().sum().backward(); optimizer.step(); x.tolist()
        [0.5, -1.0]
    """

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-2,
        beta: float = 0.9,
        *,
        weight_decay: float = 0.0,
        maximize: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(parameters, lr, beta, weight_decay=weight_decay, maximize=maximize, fused=fused)

    def _in_torch(self, beta: float) -> dict[str, Any]:
        return {"momentum": beta, "dampening": beta}

    def _init_group(self, group: dict[str, Any], *lists: Any) -> Any:
        found = super()._init_group(group, *lists)
        parameters, _, velocities = lists
        for index, velocity in enumerate(velocities):
            if velocity is None:
                velocities[index] = torch.zeros_like(parameters[index])
        return found
