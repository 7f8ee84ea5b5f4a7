"""Where to compute and how precisely."""

import os
from contextlib import AbstractContextManager, nullcontext

import torch

from neurobridge.errors import InputError, lookup

PRECISIONS = {"fp32": None, "bf16": torch.bfloat16, "fp16": torch.float16}


def resolve(name: str) -> torch.device:
    """Return the device of this name; "auto" is this process's GPU, or the CPU where there is none.

    Raises:
        InputError: no device has this name, or this machine does not have it.
    """
    if name == "auto":
        kind = _accelerator() or "cpu"
        return torch.device(kind, int(os.environ.get("LOCAL_RANK", 0))) if kind == "cuda" else torch.device(kind)
    try:
        device = torch.device(name)
    except RuntimeError:
        raise InputError(f"unknown device {name!r}; use auto, cpu, cuda, cuda:1, mps.") from None
    if device.type == "cpu":
        return device
    count = torch.cuda.device_count() if device.type == "cuda" else int(_accelerator() == device.type)
    if (device.index or 0) >= count:
        raise InputError(
            f"device {name!r} isn't there: this machine has {count} of type {device.type!r}; use 'auto' or 'cpu'."
        )
    return device


def autocast(device: torch.device, precision: str) -> AbstractContextManager:
    """Return the context in which a forward pass is computed in mixed precision.

    Raises:
        UnknownNameError: no precision has this name.
        InputError: half precision on a CPU, where gradients underflow and nothing gets faster.
    """
    dtype = lookup("precision", precision, PRECISIONS)
    if dtype is None:
        return nullcontext()
    if dtype is torch.float16 and device.type == "cpu":
        raise InputError("precision 'fp16' needs a GPU; on a CPU use 'fp32' or 'bf16'.")
    return torch.autocast(device.type, dtype=dtype)


def _accelerator() -> str | None:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else None
