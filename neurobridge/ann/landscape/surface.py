"""The loss on a line or on a plane through parameter space."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from numpy import ndarray
from torch import Tensor

from neurobridge.ann.landscape.functions import ClassicFunction
from neurobridge.ann.landscape.objective import Objective
from neurobridge.errors import InputError


@final
@dataclass(frozen=True, kw_only=True)
class Profile:
    """The loss along a line.

    Args:
        along: positions in units of the direction, of shape (position).
        loss: of shape (position).
    """

    along: ndarray
    loss: ndarray


@final
@dataclass(frozen=True, kw_only=True)
class Surface:
    """The loss on a plane.

    Args:
        x: positions along the first direction, of shape (column).
        y: positions along the second, of shape (row).
        loss: of shape (row, column).
    """

    x: ndarray
    y: ndarray
    loss: ndarray


def profile(objective: Objective, direction: Tensor, positions: Sequence[float]) -> Profile:
    """Return the loss at w + a d for every position a.

    Args:
        objective: standing at w, and left there.
        direction: d, of the objective's dimension.
        positions: the values of a.

    Raises:
        InputError: the direction has another length.
    """
    centre = objective.vector()
    _check(centre, direction)
    loss = [objective.value_at(centre + float(a) * direction) for a in positions]
    return Profile(along=np.asarray(positions, dtype=np.float64), loss=np.array(loss))


def surface(objective: Objective, first: Tensor, second: Tensor, x: Sequence[float], y: Sequence[float]) -> Surface:
    """Return the loss at w + a d1 + b d2 for every pair of positions.

    Args:
        objective: standing at w, and left there.
        first: d1.
        second: d2.
        x: the values of a.
        y: the values of b.

    Raises:
        InputError: a direction has another length.
    """
    centre = objective.vector()
    _check(centre, first)
    _check(centre, second)
    loss = [[objective.value_at(centre + float(a) * first + float(b) * second) for a in x] for b in y]
    return Surface(x=np.asarray(x, dtype=np.float64), y=np.asarray(y, dtype=np.float64), loss=np.array(loss))


def function_surface(function: ClassicFunction, points: int = 200) -> Surface:
    """Return a function of the plane on its own window.

    Args:
        function: a classic function of two variables.
        points: grid points per axis.
    """
    left, right, bottom, top = function.window
    x, y = torch.linspace(left, right, points), torch.linspace(bottom, top, points)
    rows, columns = torch.meshgrid(y, x, indexing="ij")
    return Surface(x=x.numpy(), y=y.numpy(), loss=function(torch.stack([columns, rows], dim=-1)).numpy())


def _check(centre: Tensor, direction: Tensor) -> None:
    if direction.shape != centre.shape:
        raise InputError(f"a direction needs {len(centre)} coordinates, got shape {tuple(direction.shape)}.")
