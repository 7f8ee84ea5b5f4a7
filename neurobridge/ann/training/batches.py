"""Which samples an update sees: a shuffle that depends on the seed and the epoch and on nothing else."""

from collections.abc import Iterator
from typing import final

import numpy as np
import torch
from torch import Generator, Tensor

from neurobridge.ann.training.distributed import share
from neurobridge.tasks import Split

# bytes of training data that are put onto the device once instead of batch by batch
RESIDENT = 2**31


def epoch_seed(seed: int, epoch: int) -> int:
    """Return the seed of everything random in one epoch, so that resuming needs no stored random state."""
    return int(np.random.SeedSequence([seed, epoch]).generate_state(1)[0])


@final
class Batches:
    """The training side as batches of tensors on a device.

    Args:
        split: the training side.
        size: samples in a batch; batches of one epoch differ by at most one sample, so none is tiny.
        device: where batches are wanted.
    """

    def __init__(self, split: Split, size: int, device: torch.device) -> None:
        self.inputs, self.targets = torch.from_numpy(split.inputs), torch.from_numpy(split.targets)
        if self.inputs.nbytes + self.targets.nbytes <= RESIDENT:
            self.inputs, self.targets = self.inputs.to(device), self.targets.to(device)
        self.device = device
        self.count = -(-len(split) // size)

    def __len__(self) -> int:
        return self.count

    def epoch(self, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield this process's share of (inputs, targets), in the order that `seed` gives."""
        order = torch.randperm(len(self.inputs), generator=Generator().manual_seed(seed))
        for batch in order.to(self.inputs.device).tensor_split(self.count):
            chosen = share(batch)
            yield self.inputs[chosen].to(self.device), self.targets[chosen].to(self.device)
