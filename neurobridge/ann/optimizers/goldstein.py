"""Gradient descent with the Goldstein test: steps neither too long nor too short."""

from collections.abc import Iterable
from math import inf
from typing import Any

from neurobridge.ann.optimizers.line_search import LineSearch, Outcome, Search, Slope, Trials
from neurobridge.ann.optimizers.options import require_between


class Goldstein(LineSearch):
    """Steepest descent whose decrease lies between two lines.

        (1 - c) a g.g  >=  f(x) - f(x - a g)  >=  c a g.g,    0 < c < 1/2

    Too little decrease bounds a above, too much bounds it below; the next trial halves the bracket, or
    doubles a while nothing bounds it above. On a quadratic with exact line minimum a* the accepted steps
    are [2 c a*, 2 (1 - c) a*]. Where the two lines leave no step that floating point can tell, the longest
    trial with enough decrease is taken.

    Args:
        parameters: tensors or parameter groups.
        lr: first trial.
        c: slope of the lower line, in (0, 1/2).
        growth: None starts every search at lr; otherwise at `growth` times the last step, at most lr.
        max_trials: end the search after so many.

    Raises:
        InputError: an option is outside its range.

    Source:
        Goldstein 1965, On steepest descent; Nocedal and Wright 2006, eq. 3.11.

    Example:
        >>> from neurobridge.ann.optimizers import Closure
        >>> x = torch.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = Goldstein([x], lr=4.0)
        >>> loss = optimizer.step(Closure(optimizer=optimizer, loss=lambda: x.square().sum()))
        >>> x.tolist(), optimizer.report["trials"]
        ([0.0, 0.0], 4)
    """

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1.0,
        *,
        c: float = 0.25,
        growth: float | None = None,
        max_trials: int = 60,
    ) -> None:
        require_between("Goldstein", "lr", lr, 0, closed=False)
        require_between("Goldstein", "c", c, 0, 0.5, closed=False)
        require_between("Goldstein", "max_trials", max_trials, 1)
        if growth is not None:
            require_between("Goldstein", "growth", growth, 1)
        super().__init__(parameters, {"lr": lr, "c": c, "growth": growth, "max_trials": max_trials})

    def _search(self, trials: Trials, slope: Slope) -> Search:
        options = self.param_groups[0]
        length, low, high = self._first_trial(), 0.0, inf
        for _ in range(options["max_trials"]):
            linear = length * slope.squared_gradient
            decrease = trials.decrease(length, slope.value)
            if decrease < options["c"] * linear:
                high = length
                if low == 0 and self._below_precision(slope, options["c"] * linear):
                    return Search(length=0.0, outcome=Outcome.PRECISION)
            elif decrease > (1 - options["c"]) * linear:
                low = length
            else:
                return Search(length=length, outcome=Outcome.ACCEPTED)
            length = 2 * length if high == inf else (low + high) / 2
        return Search(length=low, outcome=Outcome.EXHAUSTED)
