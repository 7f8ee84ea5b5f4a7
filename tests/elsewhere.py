"""A device that no machine has: its numbers are computed on the CPU, and it refuses what a GPU refuses.

Tensors say that they are on `ELSEWHERE`. An operation on tensors of two devices raises `MisplacedError`, as CUDA would;
numbers without axes, indices, and copies from one device to the other are what CUDA lets through too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import torch
from torch import Generator, Tensor
from torch.utils import _pytree as pytree
from torch.utils._mode_utils import no_dispatch
from torch.utils._python_dispatch import TorchDispatchMode

ELSEWHERE = torch.device("meta")  # the one device that every build of torch knows and no code asks for by name
COPIES = ("aten::copy_", "aten::_to_copy")
INDEXED = ("aten::index", "aten::index_put_", "aten::_index_put_impl_")  # by places that may be on the CPU

SEED = 20240417  # torch makes no generators for the meta device: those with this seed are elsewhere


class MisplacedError(RuntimeError):
    """Tensors of two devices met, or random numbers came from a generator of another device."""


class Remote(Tensor):
    """A tensor that says it is elsewhere; `inner` holds its numbers."""

    inner: Tensor

    @staticmethod
    def __new__(cls, inner: Tensor, requires_grad: bool = False) -> "Remote":
        return torch.Tensor._make_wrapper_subclass(
            cls, inner.size(), strides=inner.stride(), storage_offset=inner.storage_offset(), dtype=inner.dtype,
            device=ELSEWHERE, requires_grad=requires_grad,
        )  # fmt: skip

    def __init__(self, inner: Tensor, requires_grad: bool = False) -> None:
        self.inner = inner

    def __repr__(self) -> str:
        return f"Remote({self.inner!r})"

    @classmethod
    def __torch_dispatch__(cls, function, types, arguments=(), options=None):
        return computed(function, arguments, options or {})


class Remotely(TorchDispatchMode):
    """Catches what makes tensors elsewhere out of none that are there."""

    def __torch_dispatch__(self, function, types, arguments=(), options=None):
        return computed(function, arguments, options or {})


def computed(function, arguments, options):
    """Return what an operation gives, on the device where it is computed, or raise if there is more than one."""
    tensors = [x for x in pytree.tree_leaves((arguments, options)) if isinstance(x, Tensor)]
    remote = any(isinstance(x, Remote) for x in tensors)
    name = function._schema.name
    if remote and name not in COPIES and not (name in INDEXED and isinstance(arguments[0], Remote)):
        strangers = [x for x in tensors if not isinstance(x, Remote) and x.ndim]
        if strangers:
            raise MisplacedError(
                f"{name}: a tensor of shape {tuple(strangers[0].shape)} on the CPU meets others elsewhere"
            )
    device = options.get("device")
    there = remote if device is None else torch.device(device) == ELSEWHERE
    if name == "aten::copy_":
        there = isinstance(arguments[0], Remote)
    source = options.get("generator") or next((x for x in arguments if isinstance(x, Generator)), None)
    if source is not None and there != (source.initial_seed() == SEED):
        raise MisplacedError(f"{name}: random numbers from a generator of another device")
    plain = {key: torch.device("cpu") if key == "device" and there else value for key, value in options.items()}
    inner_arguments, inner_options = pytree.tree_map_only(Remote, lambda x: x.inner, (arguments, plain))
    found = function(*inner_arguments, **inner_options)
    if remote and torch.Tag.inplace_view in function.tags:  # the tensor that wraps the numbers takes their new shape
        with no_dispatch():
            function(*arguments, **options)
    written = written_arguments(function, arguments, options)
    if written:
        return written[0] if len(written) == 1 else tuple(written)
    return pytree.tree_map_only(Tensor, Remote, found) if there else found


def written_arguments(function, arguments, options):
    """Return the arguments that an operation in place, or with `out`, returns again."""
    names = {name for out in function._schema.returns if is_written(out) for name in out.alias_info.before_set}
    found = []
    for place, taken in enumerate(function._schema.arguments):
        if is_written(taken) and taken.alias_info.before_set & names:
            found.append(options[taken.name] if taken.name in options else arguments[place])
    return found


def is_written(argument) -> bool:
    """Return whether an operation changes an argument."""
    return argument.alias_info is not None and argument.alias_info.is_write


def generator() -> Generator:
    """Return a generator of random numbers elsewhere."""
    return Generator().manual_seed(SEED)


@contextmanager
def elsewhere() -> Iterator[torch.device]:
    """Let tensors be elsewhere inside; yields the device."""
    made = torch.tensor

    def tensor(data, *, dtype=None, device=None, **rest):
        x = made(data, dtype=dtype, **rest)  # torch leaves tensors of the meta device empty
        return x if device is None else x.to(device)

    def traced(mode=True, made=torch.inference_mode):
        # in inference mode, torch asks the meta device itself for the value of a tensor
        return torch.no_grad() if mode else made(False)

    swapping = torch.__future__.get_swap_module_params_on_conversion()
    # weights that are one stay one, as on their way to CUDA
    torch.__future__.set_swap_module_params_on_conversion(True)
    try:
        with Remotely(), patch.object(torch, "tensor", tensor), patch.object(torch, "inference_mode", traced):
            yield ELSEWHERE
    finally:
        torch.__future__.set_swap_module_params_on_conversion(swapping)
