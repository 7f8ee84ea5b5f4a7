"""Sharpness-aware minimisation: descend by the gradient found a short way uphill."""

from collections.abc import Callable, Iterable
from math import sqrt
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from neurobridge.ann.optimizers.gradients import DenseReal, gradients_of, require_dense, squared_norm, with_gradients
from neurobridge.ann.optimizers.heavy_ball import HeavyBall
from neurobridge.ann.optimizers.options import require_between
from neurobridge.ann.optimizers.scratch import Scratch
from neurobridge.errors import InputError

Rule = Callable[..., Optimizer]


class SAM(DenseReal):
    """Minimise the worst loss within a ball of radius rho, to first order.

        e = rho g(x) / |g(x)|                           (adaptive: e = rho w^2 g / |w g|, w = |x|)
        x <- the base rule's update of x by g(x + e)

    Needs a closure, which it calls twice per step; in the second call the parameters' `data` is a second buffer,
    which is kept between steps, so use the parameters themselves and no tensors that were detached from them. The base
    rule's state is part of `state_dict`.

    Args:
        parameters: tensors or parameter groups.
        lr: step size of the base rule.
        rho: radius of the ball; 0.05 in the paper, 0.5 to 2 where adaptive.
        adaptive: scale the ball by the weights, so that it does not change when layers are rescaled.
        base: makes the optimiser that does the update from (parameter groups, lr=...).
        **options: of the base rule.

    Raises:
        InputError: rho is outside its range.

    Source:
        Foret et al. 2021, Sharpness-aware minimization; adaptive form Kwon et al. 2021, ASAM.

    Example:
        >>> x = torch.tensor([3.0, -4.0], requires_grad=True)
        >>> optimizer = SAM([x], lr=0.25, rho=1.0, beta=0.0)
        >>> def closure():
        ...     optimizer.zero_grad()
        ...     loss = x.square().sum()
        ...     loss.backward()
        ...     return loss
        >>> loss = optimizer.step(closure); [round(value, 4) for value in x.tolist()]
        [1.2, -1.6]
    """

    needs_closure = True

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-2,
        rho: float = 0.05,
        *,
        adaptive: bool = False,
        base: Rule = HeavyBall,
        **options: Any,
    ) -> None:
        require_between("SAM", "rho", rho, 0)
        super().__init__(list(parameters), {"rho": rho, "adaptive": adaptive})
        self.base = base(self.param_groups, lr=lr, **options)
        self.defaults |= self.base.defaults
        self.param_groups, self.base.state = self.base.param_groups, self.state
        self._memory = Scratch()

    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | {"base": self.base}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._memory = Scratch()

    @torch.no_grad()
    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor:  # type: ignore[override]
        """Make one update and return the loss before it.

        Raises:
            InputError: there is no closure.
        """
        if closure is None:
            raise InputError("SAM evaluates the loss twice per step: call step(closure).")
        with torch.enable_grad():
            loss = closure()
        parameters, climbed = self._climb()
        # pointing the parameters elsewhere and back costs nothing; moving them there and back would cost two updates
        here = [entry.data for entry in parameters]
        _point(parameters, climbed)
        try:
            with torch.enable_grad():
                closure()
        finally:
            _point(parameters, here)
        self.base.step()
        return loss

    def _climb(self) -> tuple[list[Tensor], list[Tensor]]:
        """Return the parameters with a gradient, and x + e."""
        chosen = [(entry, group) for group in self.param_groups for entry in with_gradients(group)]
        parameters = [entry for entry, _ in chosen]
        gradients = gradients_of(parameters)
        require_dense("SAM", gradients)
        pairs = zip(chosen, gradients, strict=True)
        rises = [_rise(entry, gradient, group["adaptive"]) for (entry, group), gradient in pairs]
        norm = sqrt(squared_norm(rises)) if rises else 0.0
        climbed = self._memory.like(parameters)
        for (entry, group), rise, target in zip(chosen, rises, climbed, strict=True):
            length = group["rho"] / norm if norm > 0 else 0.0
            torch.add(entry, _rise(entry, rise, group["adaptive"]), alpha=length, out=target)
        return parameters, climbed

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a saved state, the base rule's included."""
        super().load_state_dict(state_dict)
        self.base.param_groups, self.base.state = self.param_groups, self.state


def _point(parameters: list[Tensor], places: list[Tensor]) -> None:
    for parameter, place in zip(parameters, places, strict=True):
        parameter.data = place


def _rise(parameter: Tensor, gradient: Tensor, adaptive: bool) -> Tensor:
    return gradient * parameter.abs() if adaptive else gradient
