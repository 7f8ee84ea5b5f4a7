"""Gradient descent with the Armijo condition: backtrack until the loss falls enough."""

from collections.abc import Iterable
from typing import Any

from neurobridge.ann.optimizers.line_search import LineSearch, Outcome, Search, Slope, Trials
from neurobridge.ann.optimizers.options import require_between


class Armijo(LineSearch):
    """Steepest descent with backtracking.

        a <- lr;  while f(x - a g) > f(x) - c a g.g:  a <- shrink a
        x <- x - a g

    If g is L-Lipschitz every a <= 2 (1 - c) / L passes, so the search ends; the loss never rises. Costs one
    gradient and one value per trial. With mini-batches the condition holds on the batch the closure
    evaluates.

    Args:
        parameters: tensors or parameter groups.
        lr: first trial.
        c: share of the linear decrease that is asked for, in (0, 1).
        shrink: factor between trials, in (0, 1).
        growth: None starts every search at lr; otherwise at `growth` times the last step, at most lr.
        max_trials: give up, and stay, after so many.

    Raises:
        InputError: an option is outside its range.

    Source:
        Armijo 1966; c and shrink from Nocedal and Wright 2006, section 3.1; on mini-batches Vaswani et al.
        2019, Painless stochastic gradient.

    Example:
        >>> from neurobridge.ann.optimizers import Closure
        >>> x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
        >>> optimizer = Armijo([x], lr=1.0, shrink=0.8)
        >>> loss = optimizer.step(Closure(optimizer=optimizer, loss=lambda: x.square().sum()))
        >>> round(x.square().sum().item(), 2), round(optimizer.report["length"], 2)
        (5.04, 0.8)
    """

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1.0,
        *,
        c: float = 1e-4,
        shrink: float = 0.5,
        growth: float | None = None,
        max_trials: int = 60,
    ) -> None:
        require_between("Armijo", "lr", lr, 0, closed=False)
        require_between("Armijo", "c", c, 0, 1, closed=False)
        require_between("Armijo", "shrink", shrink, 0, 1, closed=False)
        require_between("Armijo", "max_trials", max_trials, 1)
        if growth is not None:
            require_between("Armijo", "growth", growth, 1)
        options = {"lr": lr, "c": c, "shrink": shrink, "growth": growth, "max_trials": max_trials}
        super().__init__(parameters, options)

    def _search(self, trials: Trials, slope: Slope) -> Search:
        options = self.param_groups[0]
        length = self._first_trial()
        for _ in range(options["max_trials"]):
            wanted = options["c"] * length * slope.squared_gradient
            if trials.decrease(length, slope.value) >= wanted > 0:
                return Search(length=length, outcome=Outcome.ACCEPTED)
            if self._below_precision(slope, wanted):
                return Search(length=0.0, outcome=Outcome.PRECISION)
            length *= options["shrink"]
        return Search(length=0.0, outcome=Outcome.EXHAUSTED)
