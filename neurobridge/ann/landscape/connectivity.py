"""Are two minima connected? The loss on the straight line and on a curve trained to stay low."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from numpy import ndarray
from torch import Tensor

from neurobridge.ann.landscape.objective import Objective
from neurobridge.errors import InputError


@final
@dataclass(frozen=True, kw_only=True)
class Connection:
    """The loss on the way from one minimum to another.

    Args:
        along: fraction of the way, of shape (position), from 0 to 1.
        straight: loss on the line, of shape (position).
        curved: loss on the trained curve, of shape (position).
        bend: the curve's middle control point.
    """

    along: ndarray
    straight: ndarray
    curved: ndarray
    bend: Tensor

    @property
    def straight_barrier(self) -> float:
        """How far the line rises above the chord between the ends' losses."""
        return barrier(self.along, self.straight)

    @property
    def curved_barrier(self) -> float:
        """How far the curve rises above the chord between the ends' losses."""
        return barrier(self.along, self.curved)


def barrier(along: ndarray, loss: ndarray) -> float:
    """Return the largest rise of a profile above the straight line between its ends, at least 0."""
    return float(np.max(loss - ((1 - along) * loss[0] + along * loss[-1])))


def connect(
    objective: Objective,
    start: Tensor,
    end: Tensor,
    *,
    steps: int = 300,
    lr: float = 0.05,
    positions: Sequence[float] = tuple(np.linspace(0, 1, 21)),
    seed: int = 0,
) -> Connection:
    """Train a quadratic Bezier curve between two points so that the mean loss along it is low.

        w(t) = (1 - t)^2 start + 2 t (1 - t) bend + t^2 end,    bend <- bend - Adam of df(w(t))/dbend, t
        uniform

    Args:
        objective: the loss; left where it stands.
        start: weights at one minimum.
        end: weights at the other.
        steps: updates of the bend; 0 leaves the curve straight.
        lr: Adam's step, in units of the distance between the ends over the square root of the dimension.
        positions: where the loss is reported, from 0 to 1.
        seed: of t.

    Raises:
        InputError: the ends differ in length from the objective, or coincide.

    Source:
        Garipov et al. 2018, Loss surfaces, mode connectivity, and fast ensembling of DNNs.
    """
    if start.shape != end.shape or start.shape != (objective.dimension,):
        raise InputError(f"connect: both ends need {objective.dimension} coordinates.")
    scale = float((end - start).norm()) / objective.dimension**0.5
    if scale == 0:
        raise InputError("connect: the two ends are the same point.")
    bend = ((start + end) / 2).clone()
    optimizer = torch.optim.Adam([bend], lr=lr * scale)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(steps):
        t = float(torch.rand((), generator=generator))
        with objective.at(_bezier(start, bend, end, t)):
            bend.grad = 2 * t * (1 - t) * objective.gradient()
        optimizer.step()
    along = np.asarray(positions, dtype=np.float64)
    straight = [objective.value_at((1 - t) * start + t * end) for t in along]
    curved = [objective.value_at(_bezier(start, bend, end, t)) for t in along]
    return Connection(along=along, straight=np.array(straight), curved=np.array(curved), bend=bend)


def _bezier(start: Tensor, bend: Tensor, end: Tensor, t: float) -> Tensor:
    return (1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t**2 * end
