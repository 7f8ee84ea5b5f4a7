"""Directions to look along: random and filter-normalised, between points, or where a path varies most."""

from collections.abc import Sequence

import torch
from torch import Tensor

from neurobridge.ann.landscape.objective import Objective, flat
from neurobridge.errors import InputError


def filter_normalised(objective: Objective, seed: int = 0) -> Tensor:
    """Return a random direction in which every filter has the norm of its weights.

    A filter is the row of weights into one output; biases and the parameters of normalisation layers, which
    have one axis, are left alone. So pictures of differently scaled networks can be compared.

    Args:
        objective: a network's.
        seed: of the direction.

    Source:
        Li et al. 2018, Visualizing the loss landscape of neural nets.
    """
    generator = torch.Generator().manual_seed(seed)
    return flat([_like(parameter, generator) for parameter in objective.parameters])


def _like(parameter: Tensor, generator: torch.Generator) -> Tensor:
    if parameter.ndim <= 1:
        return torch.zeros_like(parameter)
    drawn = torch.randn(parameter.shape, generator=generator, dtype=torch.float64).to(parameter)
    rows, weights = drawn.flatten(1), parameter.detach().flatten(1)
    scale = weights.norm(dim=1, keepdim=True) / (rows.norm(dim=1, keepdim=True) + 1e-10)
    return (rows * scale).view_as(parameter)


def principal(path: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Return the two orthonormal directions in which a path varies most around its last point.

    Args:
        path: weight vectors, at least three.

    Raises:
        InputError: fewer than three points.
    """
    if len(path) < 3:
        raise InputError(f"principal directions need at least 3 points of a path, got {len(path)}.")
    offsets = torch.stack([point - path[-1] for point in path[:-1]]).double()
    _, _, directions = torch.linalg.svd(offsets, full_matrices=False)
    return directions[0].to(path[0]), directions[1].to(path[0])


def project(path: Sequence[Tensor], centre: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """Return the coordinates (point, 2) of a path in the plane through `centre`, by least squares."""
    plane = torch.stack([first, second], dim=1).double()
    offsets = torch.stack([point - centre for point in path]).double()
    return torch.linalg.lstsq(plane, offsets.T).solution.T
