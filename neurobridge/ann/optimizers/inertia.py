"""What the rules with momentum share: torch's SGD with `beta` as the name of its momentum."""

from collections.abc import Iterable
from typing import Any

import torch

from neurobridge.ann.optimizers.gradients import DenseReal, fastest
from neurobridge.ann.optimizers.options import require_between


class Inertia(DenseReal, torch.optim.SGD):
    """Abstract: gradient descent with a velocity, by `torch.optim.SGD`'s kernels.

    Args:
        parameters: tensors or parameter groups; a group may have its own beta.
        lr: step size.
        beta: how much of the velocity is kept, in [0, 1).
        weight_decay: adds weight_decay x to g.
        maximize: ascend instead.
        fused: None takes torch's fused kernels wherever they work.

    Raises:
        InputError: an option is outside its range.
    """

    nesterov = False

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float,
        beta: float,
        *,
        weight_decay: float,
        maximize: bool,
        fused: bool | None,
    ) -> None:
        self._check(beta)
        parameters = list(parameters)
        super().__init__(
            parameters,
            lr=lr,
            nesterov=self.nesterov,
            weight_decay=weight_decay,
            maximize=maximize,
            fused=fastest(parameters, fused),
            **self._in_torch(beta),
        )

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group of parameters, with its own beta if it names one.

        Raises:
            InputError: an option is out of range, or a parameter is complex or holds integers.
        """
        named = dict(param_group)
        if "beta" in named:
            beta = named.pop("beta")
            self._check(beta)
            named |= self._in_torch(beta)
        super().add_param_group(named)

    def _check(self, beta: float) -> None:
        require_between(type(self).__name__, "beta", beta, 0, 1, closed=not self.nesterov)

    def _in_torch(self, beta: float) -> dict[str, Any]:
        """Return what beta is called in torch."""
        return {"momentum": beta}
