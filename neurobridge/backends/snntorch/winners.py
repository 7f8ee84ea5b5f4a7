"""Maxima: the bit-serial race on spikes, and its closed form on numbers."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from neurobridge.graph.nodes import Shape, Winner
from neurobridge.graph.reference import competitors


class Race(nn.Module):
    """Winners of a node; `shape` is that of the competitors."""

    def __init__(self, node: Winner, shape: Shape) -> None:
        super().__init__()
        self.node = node
        self.shape = shape
        places = np.arange(1, np.prod(shape, dtype=int) + 1).reshape(shape)
        if node.mask is not None:
            places = places * node.mask
            self.register_buffer("banned", torch.as_tensor(~node.mask))
        index = torch.as_tensor(np.ascontiguousarray(competitors(node, places)))
        self.register_buffer("index", index.reshape(-1, index.shape[-1]))
        self.alive: Tensor | None = None

    def number(self, x: Tensor) -> Tensor:
        """Return the largest of the competing numbers `x`."""
        node = self.node
        if node.mask is not None:
            x = x.masked_fill(self.banned, -torch.inf)
        if node.axes:
            return x.amax(dim=node.axes, keepdim=True)
        rank = len(node.kernel)
        lead = x.shape[: -rank - 1]
        pool = getattr(functional, f"max_pool{rank}d")
        y = pool(
            x.reshape(-1, *x.shape[-rank - 1 :]),
            node.kernel,
            node.stride,
            node.padding,
            node.dilation,
            ceil_mode=node.ceil_mode,
        )
        return y.reshape(*lead, *y.shape[1:])

    def reset_window(self) -> None:
        """Let all competitors run again."""
        self.alive = None

    def forward(self, spikes: Tensor) -> Tensor:
        """Return the winners' spikes at the next step: those still alive fire, and a spike silences the others."""
        flat = functional.pad(spikes.reshape(len(spikes), -1), (1, 0))
        runners = flat[:, self.index] > 0
        if self.alive is None:
            self.alive = (self.index > 0).expand_as(runners)
        fires = runners & self.alive
        won = fires.any(dim=-1)
        self.alive = torch.where(won[..., None], fires, self.alive)
        return won.to(spikes.dtype).reshape(len(spikes), *self.node.shape)
