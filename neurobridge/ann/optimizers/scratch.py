"""A second place for the parameters, kept between steps: fresh memory costs more than writing to it."""

from typing import final

import torch
from torch import Tensor, UntypedStorage


@final
class Scratch:
    """Memory in which parameters lie as they lie in their own, so that fused kernels and shared storage stay possible.

    It is no part of an optimiser's state and starts empty after a copy.
    """

    def __init__(self) -> None:
        self._places: list[tuple[int, torch.Size]] = []
        self._tensors: list[Tensor] = []

    def like(self, parameters: list[Tensor]) -> list[Tensor]:
        """Return a tensor for each parameter, with any content; the same ones until the parameters change place."""
        places = [(entry.data_ptr(), entry.shape) for entry in parameters]
        if places != self._places:
            self._places, self._tensors = places, _twins(parameters)
        return self._tensors


def _twins(parameters: list[Tensor]) -> list[Tensor]:
    storages: dict[int, UntypedStorage] = {}
    found = []
    for entry in parameters:
        own = entry.untyped_storage()
        if own.data_ptr() not in storages:
            storages[own.data_ptr()] = UntypedStorage(own.nbytes(), device=entry.device)
        empty = torch.empty(0, dtype=entry.dtype, device=entry.device)
        found.append(empty.set_(storages[own.data_ptr()], entry.storage_offset(), entry.size(), entry.stride()))
    return found
