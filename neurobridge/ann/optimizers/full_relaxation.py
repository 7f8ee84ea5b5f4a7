"""Gradient descent with the Armijo full-relaxation condition: first and second order, no dense Hessian."""

from collections.abc import Callable, Iterable
from typing import Any, Literal

import torch
from torch import Tensor

from neurobridge.ann.optimizers.closures import evaluates_without_backward
from neurobridge.ann.optimizers.gradients import inner_product, require_dense, squared_norm
from neurobridge.ann.optimizers.line_search import LineSearch, Outcome, Search, Slope, Trials
from neurobridge.ann.optimizers.options import require_between
from neurobridge.errors import InputError

SUFFICIENT = 1e-4
"""Share of the linear decrease that a step must reach in any case (Nocedal and Wright's Armijo constant)."""
FLAT = 1e-12
"""Curvature along g, relative to g.g, below which it counts as not positive."""


class FullRelaxation(LineSearch):
    """Steepest descent whose decrease is judged with the curvature along the gradient.

        f(x - a g) - f(x) <= -c a g.g + b2 a^2 g.Hg    and    f(x - a g) - f(x) <= -1e-4 a g.g

    The first trial is the exact minimum along g of the quadratic model, a = g.g / g.Hg, where the curvature
    g.Hg is positive, and lr elsewhere; then a <- shrink a. On a quadratic with curvature the first
    condition reads a <= (1 - c) / (1/2 - b2) times the exact step: it implies descent only if c >= 2 b2,
    and always holds if b2 >= 1/2, which is why b2 is bounded and the second condition stands. Where the
    curvature is negative the first condition asks for more than the linear decrease, because there is more
    to be had. Costs one gradient, one Hessian-vector product and one value per trial; the product comes
    from the gradient's own graph.

    Args:
        parameters: tensors or parameter groups.
        lr: first trial where the curvature is not positive.
        c: share of the linear decrease, in (0, 1).
        b2: share of the second-order term, in [0, c / 2].
        start: "exact" tries the model's minimum first, "lr" starts every search at lr.
        longest: bound on the step.
        shrink: factor between trials, in (0, 1).
        max_trials: give up, and stay, after so many.

    Raises:
        InputError: an option is outside its range.

    Source:
        Armijo 1966 for the form; "full relaxation" is the exact line minimum of steepest descent
        (Kantorovich 1945).

    Example:
        >>> from neurobridge.ann.optimizers import Closure
        >>> x = torch.tensor([1.0, 1.0], requires_grad=True)
        >>> optimizer = FullRelaxation([x])
        >>> loss = optimizer.step(Closure(optimizer=optimizer, loss=lambda: x[0] ** 2 + 2 * x[1] ** 2))
        >>> [round(value, 4) for value in x.tolist()], optimizer.report["trials"]
        ([0.4444, -0.1111], 1)
    """

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1.0,
        *,
        c: float = 0.5,
        b2: float = 0.1,
        start: Literal["exact", "lr"] = "exact",
        longest: float = 1e6,
        shrink: float = 0.5,
        max_trials: int = 60,
    ) -> None:
        require_between("FullRelaxation", "lr", lr, 0, closed=False)
        require_between("FullRelaxation", "c", c, 0, 1, closed=False)
        require_between("FullRelaxation", "longest", longest, 0, closed=False)
        require_between("FullRelaxation", "shrink", shrink, 0, 1, closed=False)
        require_between("FullRelaxation", "max_trials", max_trials, 1)
        if not 0 <= 2 * b2 <= c:
            raise InputError(
                f"FullRelaxation: b2={b2!r} must lie in [0, c / 2] = [0, {c / 2:g}]: above it the condition "
                "accepts steps that raise the loss of a quadratic."
            )
        if start not in ("exact", "lr"):
            raise InputError(f"FullRelaxation: start={start!r} must be 'exact' or 'lr'.")
        options = {"lr": lr, "c": c, "b2": b2, "start": start, "longest": longest, "shrink": shrink}
        super().__init__(parameters, options | {"max_trials": max_trials})

    def _measure(self, closure: Callable[..., Tensor]) -> tuple[Tensor, list[Tensor | None], Slope]:
        if not evaluates_without_backward(closure):
            raise InputError(
                "FullRelaxation differentiates the loss itself: its closure must accept backward=False and then "
                "return the loss with its graph; wrap the loss as Closure(optimizer=..., loss=...)."
            )
        with torch.enable_grad():
            loss = closure(backward=False)
            gradients, curvature = gradient_and_curvature(loss, self._parameters())
        for parameter, gradient in zip(self._parameters(), gradients, strict=True):
            parameter.grad = gradient
        value = float(loss.detach())
        slope = Slope(value=value, squared_gradient=squared_norm(gradients), curvature=curvature)
        return loss.detach(), list(gradients), slope

    def _search(self, trials: Trials, slope: Slope) -> Search:
        options = self.param_groups[0]
        length = self._length_to_try(slope)
        for _ in range(options["max_trials"]):
            linear = length * slope.squared_gradient
            wanted = options["c"] * linear - options["b2"] * length**2 * slope.curvature
            needed = SUFFICIENT * linear
            if trials.decrease(length, slope.value) >= max(wanted, needed):
                return Search(length=length, outcome=Outcome.ACCEPTED)
            if self._below_precision(slope, needed):
                return Search(length=0.0, outcome=Outcome.PRECISION)
            length *= options["shrink"]
        return Search(length=0.0, outcome=Outcome.EXHAUSTED)

    def _length_to_try(self, slope: Slope) -> float:
        options = self.param_groups[0]
        curved = slope.curvature > FLAT * slope.squared_gradient
        if options["start"] == "lr" or not curved:
            return min(options["lr"], options["longest"])
        return min(slope.squared_gradient / slope.curvature, options["longest"])


def gradient_and_curvature(loss: Tensor, parameters: list[Tensor]) -> tuple[tuple[Tensor, ...], float]:
    """Return the gradient g and the curvature g.Hg along it, by differentiating g once more.

    Args:
        loss: a scalar with its graph.
        parameters: what to differentiate by; those the loss does not depend on get zeros.

    Raises:
        InputError: a gradient is sparse.
    """
    gradients = torch.autograd.grad(loss, parameters, create_graph=True, materialize_grads=True)
    require_dense("FullRelaxation", gradients)
    detached = tuple(gradient.detach() for gradient in gradients)
    curved = [(graph, fixed) for graph, fixed in zip(gradients, detached, strict=True) if graph.requires_grad]
    if not curved:
        return detached, 0.0
    graphs, directions = zip(*curved, strict=True)
    products = torch.autograd.grad(graphs, parameters, grad_outputs=directions, materialize_grads=True)
    return detached, inner_product(products, detached)
