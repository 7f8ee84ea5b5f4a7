"""Let an optimiser walk a classic function and keep its path."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from numpy import ndarray
from torch import Tensor
from torch.optim import Optimizer

from neurobridge.ann.landscape.functions import ClassicFunction
from neurobridge.ann.optimizers.closures import Closure
from neurobridge.errors import InputError, TrainingError


@final
@dataclass(frozen=True, kw_only=True)
class Path:
    """Where an optimiser went.

    Args:
        points: of shape (step + 1, dimension), the start included.
        losses: of shape (step + 1).
        gradient_norms: of shape (step + 1); the last one is not computed and repeats the one before.
    """

    points: ndarray
    losses: ndarray
    gradient_norms: ndarray

    @property
    def steps(self) -> int:
        """Updates that were made."""
        return len(self.points) - 1


def descend(
    function: ClassicFunction,
    make: Callable[[list[Tensor]], Optimizer],
    steps: int,
    *,
    tolerance: float = 0.0,
    start: tuple[float, ...] | None = None,
) -> Path:
    """Run an optimiser from a start in float64, until the gradient is small or the loss is no number.

    Args:
        function: what is minimised.
        make: makes the optimiser from [x].
        steps: updates at most, at least 1.
        tolerance: stop once |g| is below it.
        start: None for the function's customary one.

    Raises:
        InputError: `steps` is below 1.
        TrainingError: the loss is no number at the start.
    """
    if steps < 1:
        raise InputError(f"descend: steps={steps} must be at least 1.")
    x = torch.tensor(start or function.start, dtype=torch.float64, requires_grad=True)
    optimizer = make([x])
    closure = Closure(optimizer=optimizer, loss=lambda: function(x))
    points, norms = [x.detach().clone()], []
    losses: list[float] = []
    for _ in range(steps):
        try:
            loss = float(optimizer.step(closure).detach())  # type: ignore[arg-type, attr-defined]
        except TrainingError:  # a line search that has gone down without end
            if not losses:
                raise
            break
        losses.append(loss)
        norms.append(float(x.grad.norm()))  # type: ignore[union-attr]
        # the gradient belongs to the point before the step
        if norms[-1] < tolerance:
            break
        points.append(x.detach().clone())
        if not torch.isfinite(x).all():
            break
    with torch.no_grad():
        losses.append(float(function(points[-1])))
    count = len(points)
    return Path(
        points=torch.stack(points).numpy(),
        losses=np.array(losses[: count - 1] + losses[-1:]),
        gradient_norms=np.array(norms[: count - 1] + norms[-1:]),
    )
