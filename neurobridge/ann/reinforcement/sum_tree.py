"""Draw places in proportion to their weights, and change weights, in a number of steps that is logarithmic."""

from typing import Any, final

import numpy as np
import torch
from numpy import ndarray


@final
class SumTree:
    """A binary tree whose leaves are weights and whose inner nodes are the sums of their two children.

    Source: Schaul et al. 2016, "Prioritized experience replay", appendix B.2.1.

    Args:
        count: how many weights; all are 0 at first.
    """

    def __init__(self, count: int) -> None:
        self.leaves = 1 << max(0, count - 1).bit_length()
        self.depth = self.leaves.bit_length() - 1
        self.nodes = np.zeros(2 * self.leaves)  # children of i are 2 i and 2 i + 1; the root is 1

    @property
    def total(self) -> float:
        """The sum of all weights."""
        return float(self.nodes[1])

    def __getitem__(self, places: ndarray) -> ndarray:
        """Return the weights at `places`."""
        return self.nodes[self.leaves + places]

    def __setitem__(self, places: ndarray, weights: ndarray | float) -> None:
        """Set the weights at `places`; of equal places the last counts."""
        nodes = self.leaves + np.atleast_1d(places)
        self.nodes[nodes] = weights
        for _ in range(self.depth):
            nodes = np.unique(nodes >> 1)
            self.nodes[nodes] = self.nodes[2 * nodes] + self.nodes[2 * nodes + 1]

    def find(self, heights: ndarray) -> ndarray:
        """Return the places at which the running sum of the weights first exceeds each height in [0, total)."""
        nodes, rest = np.ones(len(heights), np.int64), heights.astype(np.float64)
        for _ in range(self.depth):
            nodes = 2 * nodes
            left = self.nodes[nodes]
            # rounding may leave a height at the very end, where the right child can be empty
            right = (rest >= left) & (self.nodes[nodes + 1] > 0)
            rest = np.where(right, rest - left, rest)
            nodes = nodes + right
        return nodes - self.leaves

    def state_dict(self) -> dict[str, Any]:
        """Return all nodes: sums depend on the order of additions, so that leaves alone would not be exact."""
        return {"nodes": torch.from_numpy(self.nodes)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over the nodes of another tree."""
        self.nodes[:] = state["nodes"].numpy()
