"""Networks from observations to the value of every action, in one stream or in two."""

from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor, nn

from neurobridge.ann.reinforcement.networks import eye, perceptron


@final
class ValueNetwork(nn.Module):
    """Observations `(batch, *observation_shape)` -> action values `(batch, action)`.

    In one stream Q is the last layer's output. Duelling, the last layer gives V(s) and A(s, a), and
    Q(s, a) = V(s) + A(s, a) - mean_b A(s, b), so that V and A are known apart (Wang et al. 2016, equation 9). The two
    streams share all hidden layers but the last, whose units they have half each.

    Args:
        shape: of one observation.
        actions: how many.
        widths: units of each hidden layer.
        duelling: in two streams.
    """

    def __init__(self, shape: tuple[int, ...], actions: int, widths: Sequence[int], duelling: bool = False) -> None:
        super().__init__()
        self.eye, size = eye(shape)
        self.duelling = duelling
        if not duelling:
            self.values = perceptron((size, *widths, actions))
            return
        *shared, last = (size, *widths)
        self.shared = nn.Sequential(perceptron(shared), nn.ReLU()) if len(shared) > 1 else nn.Identity()
        self.value = perceptron((shared[-1], last // 2, 1))
        self.advantage = perceptron((shared[-1], last // 2, actions))

    @torch.no_grad()
    def start_from(self, value: float) -> None:
        """Add to the value of every action, as it is before anything is learnt."""
        (self.value if self.duelling else self.values)[-1].bias.add_(value)

    def forward(self, observations: Tensor) -> Tensor:
        """Return action values."""
        seen = self.eye(observations)
        if not self.duelling:
            return self.values(seen)
        features = self.shared(seen)
        return duelling(self.value(features), self.advantage(features))


def duelling(value: Tensor, advantage: Tensor) -> Tensor:
    """Return action values from state values `(batch, 1)` and advantages `(batch, action)`."""
    return value + (advantage - torch.mean(advantage, dim=-1, keepdim=True))
