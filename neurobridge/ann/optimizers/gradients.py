"""Which parameters and gradients an optimiser accepts, and which of torch's kernels is the fastest for them."""

from collections.abc import Iterable
from math import fsum
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from neurobridge.ann.optimizers.options import require_between
from neurobridge.errors import InputError


class DenseReal(Optimizer):
    """Abstract: an optimiser of real parameters with dense gradients, which refuses all others by name."""

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group of parameters.

        Raises:
            InputError: a parameter is complex or holds integers, or lr or weight_decay is negative or no number.
        """
        super().add_param_group(param_group)
        group = self.param_groups[-1]
        for option in ("lr", "weight_decay"):
            require_between(type(self).__name__, option, float(group.get(option, 0)), 0)
        for index, parameter in enumerate(group["params"]):
            if not parameter.is_floating_point():
                self.param_groups.pop()
                raise InputError(
                    f"{type(self).__name__}: parameter {index} has dtype {parameter.dtype}; only real "
                    "floating-point parameters can be optimised; give real and imaginary parts as two parameters."
                )

    # torch's own rules collect the gradients of a group here, after the closure and before any update; they look for
    # sparse ones by themselves, and a second look would take a hundredth of a small network's update
    def _init_group(self, group: dict[str, Any], *lists: Any) -> Any:
        try:
            found = super()._init_group(group, *lists)  # type: ignore[misc]
        except RuntimeError:
            require_dense(type(self).__name__, (entry.grad for entry in group["params"]))
            raise
        if found is True or (isinstance(found, tuple) and found[0]):
            require_dense(type(self).__name__, (entry.grad for entry in group["params"]))
        return found


def require_dense(rule: str, gradients: Iterable[Tensor | None]) -> None:
    """Refuse sparse gradients.

    Args:
        rule: name of the optimiser, for the message.
        gradients: one per parameter, None where there is none.

    Raises:
        InputError: a gradient is sparse.
    """
    for index, gradient in enumerate(gradients):
        if gradient is not None and gradient.layout != torch.strided:
            raise InputError(
                f"{rule}: the gradient of parameter {index} (shape {tuple(gradient.shape)}) is sparse; build the layer "
                "with sparse=False, or use torch.optim.SparseAdam for it."
            )


def fastest(parameters: list[Any], asked: bool | None = None, devices: tuple[str, ...] = ("cpu", "cuda")) -> bool:
    """Return whether to take torch's fused kernels, mostly the fastest on CPU and on CUDA.

    Args:
        parameters: tensors, (name, tensor) pairs or parameter groups, as given to an optimiser.
        asked: what the user wants; None to decide by the parameters.
        devices: the kinds of device where this rule's kernel is there and the fastest.
    """
    if asked is not None:
        return asked
    found = list(tensors(parameters))
    return bool(found) and all(tensor.is_floating_point() and tensor.device.type in devices for tensor in found)


def tensors(parameters: list[Any]) -> Iterable[Tensor]:
    """Yield the tensors among tensors, (name, tensor) pairs and parameter groups."""
    for entry in parameters:
        if isinstance(entry, dict):
            group = entry["params"]
            yield from tensors([group] if isinstance(group, Tensor) else list(group))
        else:
            yield entry[1] if isinstance(entry, tuple) else entry


def with_gradients(group: dict[str, Any]) -> list[Tensor]:
    """Return the parameters of a group that have a gradient."""
    return [parameter for parameter in group["params"] if parameter.grad is not None]


def gradients_of(parameters: list[Tensor]) -> list[Tensor]:
    """Return the gradients of parameters that have one."""
    return [parameter.grad for parameter in parameters if parameter.grad is not None]


def squared_norm(gradients: Iterable[Tensor]) -> float:
    """Return the sum of squares over all gradients."""
    # on CPU a dot product takes half the time of a norm
    rows = [gradient.flatten() for gradient in gradients]
    return _total([torch.dot(row, row) for row in rows])


def inner_product(left: Iterable[Tensor], right: Iterable[Tensor]) -> float:
    """Return the sum of products over all elements of two lists of tensors."""
    return _total([torch.dot(a.flatten(), b.flatten()) for a, b in zip(left, right, strict=True)])


def _total(parts: list[Tensor]) -> float:
    if all(part.is_cpu for part in parts):
        return fsum(float(part) for part in parts)
    return float(torch.stack(parts).sum())  # a GPU waits once
