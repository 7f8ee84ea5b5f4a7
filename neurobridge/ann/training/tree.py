"""Nested Python values with tensors in them <-> JSON and a flat table of tensors, so that state never needs pickle."""

from typing import Any

import torch
from torch import Tensor

from neurobridge.errors import FileFormatError, InputError


def pack(tree: Any, tensors: dict[str, Tensor], prefix: str) -> Any:
    """Return `tree` as JSON can hold it, and put its tensors into `tensors` under names that start with `prefix`.

    Raises:
        InputError: a value that is neither a number, a string, None, a tensor, nor a list, tuple or dict of such.
    """
    if isinstance(tree, Tensor):
        tensors[prefix] = tree.detach().contiguous()
        return {"tensor": prefix}
    if isinstance(tree, dict):
        return {"items": [[key, pack(value, tensors, f"{prefix}.{key}")] for key, value in tree.items()]}
    if isinstance(tree, list | tuple):
        kind = "list" if isinstance(tree, list) else "tuple"
        return {kind: [pack(value, tensors, f"{prefix}.{index}") for index, value in enumerate(tree)]}
    if tree is None or isinstance(tree, bool | int | float | str):
        return tree
    raise InputError(f"cannot store {prefix}: a {type(tree).__name__} has no safe form in a file.")


def unpack(packed: Any, tensors: dict[str, Tensor]) -> Any:
    """Return what `pack` was given.

    Raises:
        FileFormatError: not something that `pack` wrote, or a tensor is missing.
    """
    if not isinstance(packed, dict):
        return packed
    match next(iter(packed.items()), None):
        case ("tensor", str(name)) if isinstance(tensors.get(name), torch.Tensor):
            return tensors[name]
        case ("items", list(items)):
            return {key: unpack(value, tensors) for key, value in items}
        case ("list", list(values)):
            return [unpack(value, tensors) for value in values]
        case ("tuple", list(values)):
            return tuple(unpack(value, tensors) for value in values)
    raise FileFormatError(f"a stored state cannot be read: {str(packed)[:80]}.")
