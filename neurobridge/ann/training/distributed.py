"""Several processes that train one network, as started by `torchrun`.

Each process takes its share of every batch and gradients are averaged, so that the curve is that of one process with
the whole batch; batch normalisation sees its process's share only. Process 0 writes the files.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.distributed as dist
from torch import Tensor, nn


@contextmanager
def processes(device: torch.device) -> Iterator[None]:
    """Join the processes that `torchrun` started; does nothing in a process that it did not start."""
    if "WORLD_SIZE" not in os.environ or dist.is_initialized():
        yield
        return
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield
    finally:
        dist.destroy_process_group()


def world() -> int:
    """Return the number of processes."""
    return dist.get_world_size() if dist.is_initialized() else 1


def rank() -> int:
    """Return this process's number, from 0; also before and after the processes work together."""
    return dist.get_rank() if dist.is_initialized() else int(os.environ.get("RANK", "0"))


def share(batch: Tensor) -> Tensor:
    """Return this process's part of a batch."""
    return batch.tensor_split(world())[rank()] if world() > 1 else batch


def total(value: Tensor) -> Tensor:
    """Return the sum of a value over all processes."""
    if world() > 1:
        value = value.clone()
        dist.all_reduce(value)
    return value


def wait() -> None:
    """Return when all processes have come here."""
    if world() > 1:
        dist.barrier()


def averaged(model: nn.Module) -> nn.Module:
    """Return `model` in a form whose backward pass averages gradients over processes."""
    return nn.parallel.DistributedDataParallel(model) if world() > 1 else model
