"""Cool an optimiser down: a schedule of its temperature."""

from collections.abc import Callable
from math import log

from torch.optim import Optimizer

from neurobridge.ann.optimizers.options import require_between
from neurobridge.errors import InputError

Schedule = Callable[[int], float]


def logarithmic(scale: float) -> Schedule:
    """Return T(k) = scale / log(k + 2), slow enough to find the global minimum (Geman and Geman 1984)."""
    require_between("logarithmic", "scale", scale, 0)
    return lambda step: scale / log(step + 2)


def geometric(start: float, factor: float) -> Schedule:
    """Return T(k) = start factor^k, the usual faster compromise (Kirkpatrick et al. 1983)."""
    require_between("geometric", "start", start, 0)
    require_between("geometric", "factor", factor, 0, 1)
    return lambda step: start * factor**step


class Annealing:
    """Sets the temperature of every group of an optimiser, like a learning-rate scheduler.

    Args:
        optimizer: one whose groups have a temperature, such as `SGLD`.
        schedule: step -> temperature; the optimiser starts at `schedule(0)`.

    Raises:
        InputError: the optimiser has no temperature.

    Example:
        >>> import torch
        >>> from neurobridge.ann.optimizers import SGLD
        >>> optimizer = SGLD([torch.zeros(1, requires_grad=True)])
        >>> annealing = Annealing(optimizer, geometric(1.0, 0.5))
        >>> annealing.step(); optimizer.param_groups[0]["temperature"]
        0.5
    """

    def __init__(self, optimizer: Optimizer, schedule: Schedule) -> None:
        if "temperature" not in optimizer.defaults:
            raise InputError(f"{type(optimizer).__name__} has no temperature to anneal; use SGLD.")
        self._groups = optimizer.param_groups
        self._schedule = schedule
        self._steps = 0
        self._apply()

    def step(self) -> None:
        """Move on to the temperature of the next step."""
        self._steps += 1
        self._apply()

    def state_dict(self) -> dict[str, int]:
        """Return what `load_state_dict` needs."""
        return {"steps": self._steps}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on from a saved state."""
        self._steps = state["steps"]
        self._apply()

    def _apply(self) -> None:
        for group in self._groups:
            group["temperature"] = self._schedule(self._steps)
