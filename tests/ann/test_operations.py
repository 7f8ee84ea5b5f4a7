"""Multiply-accumulates against closed forms."""

import numpy as np
import pytest
from torch import nn

from neurobridge.ann.operations import multiply_accumulates


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.layer = kind(5, 7, batch_first=True)

    def forward(self, x):
        return self.layer(x)[0]


@pytest.mark.parametrize(
    ("model", "shape", "expected"),
    [
        (nn.Linear(6, 4), (6,), 6 * 4),
        (nn.Conv2d(3, 8, 3, padding=1), (3, 5, 5), 8 * 3 * 9 * 25),
        (nn.Conv1d(2, 4, 5), (2, 9), 4 * 2 * 5 * 5),
        (nn.Sequential(nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 2)), (6,), 6 * 4 + 4 * 2),
        (nn.AvgPool2d(2), (3, 4, 4), 0),
        (Recurrent(nn.RNN), (11, 5), 11 * 7 * (5 + 7)),
        (Recurrent(nn.LSTM), (11, 5), 11 * 4 * 7 * (5 + 7)),
        (Recurrent(nn.GRU), (11, 5), 11 * 3 * 7 * (5 + 7)),
    ],
)
def test_closed_forms(model, shape, expected):
    assert multiply_accumulates(model, np.zeros((1, *shape), dtype=np.float32)) == expected


def test_the_mode_of_a_network_is_left_alone():
    model = nn.Linear(3, 3).train()
    multiply_accumulates(model, np.zeros((1, 3), dtype=np.float32))
    assert model.training
