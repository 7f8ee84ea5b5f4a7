"""Only an axis that loops cut may have any length."""

import pytest
import torch
from torch import nn

import neurobridge as nb
from neurobridge.errors import InputError


class Rows(nn.Module):
    """A recurrent layer over the rows that `before` makes of its input; a class for the whole."""

    def __init__(self, before: nn.Module, size: int, tokens: bool = False) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.before, self.tokens = before, tokens
        self.layers, self.readout = nn.GRU(size, 5, batch_first=True), nn.Linear(5, 3)

    def forward(self, x):
        return self.readout(self.layers(self.before(x))[1][0])


ANY_LENGTH = {
    "rows": (Rows(nn.Identity(), 4), torch.randn(32, 6, 4)),
    "linear rows": (Rows(nn.Sequential(nn.Linear(4, 7), nn.Tanh()), 7), torch.randn(32, 6, 4)),
    "words": (Rows(nn.Embedding(9, 4), 4), torch.randint(9, (32, 6))),
}


@pytest.mark.parametrize("name", ANY_LENGTH)
def test_sequences_of_any_length(name):
    model, x = ANY_LENGTH[name]
    network = nb.convert(model.eval(), x, steps=10)
    longer = torch.cat([x, x[:, :3]], dim=1)
    with torch.no_grad():
        torch.testing.assert_close(network(longer), model(longer), atol=0.05, rtol=0.05)


class FromImage(nn.Module):
    """The rows of a convolved image."""

    def __init__(self) -> None:
        super().__init__()
        self.convolve = nn.Conv2d(1, 2, 3, padding=1)

    def forward(self, x):
        return torch.relu(self.convolve(x)).transpose(1, 2).flatten(2)


@pytest.mark.parametrize("shape", [(4, 3, 6, 6), (4, 1, 5, 6), (4, 1, 7, 7)])
def test_images_before_a_loop_keep_their_shape(shape):
    network = nb.convert(Rows(FromImage(), 12).eval(), torch.rand(32, 1, 6, 6))
    with pytest.raises(InputError, match=r"takes \(sample, 1, 6, 6\)"):
        network(torch.rand(shape))
