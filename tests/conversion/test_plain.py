"""Distances and bags of tokens: what they are written out as is what PyTorch computes, and it converts."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import neurobridge as nb
from neurobridge.conversion.plain import bags, distances
from neurobridge.errors import UnsupportedOperationError
from tests.conversion.rules.cases import FLAT, ROWS, TOKENS, Of, agreed

DISTANCES = {
    "of rows": (lambda m, x: torch.cdist(x[:, :2], x[:, 2:]).flatten(1), ROWS),
    "of rows, of order 1": (lambda m, x: torch.cdist(m[0](x), x.repeat(1, 1, 2), p=1).flatten(1), ROWS),
    "from prototypes": (lambda m, x: m[0](-torch.cdist(x, m[0].weight)[:, :6]), FLAT),
    "from prototypes, the farthest axis": (lambda m, x: torch.functional.cdist(x, m[0].weight, torch.inf), FLAT),
}


@pytest.mark.parametrize("name", DISTANCES)
def test_distances(name):
    torch.manual_seed(0)
    function, x = DISTANCES[name]
    agreed(Of(function, nn.Linear(6, 12)), x)


@pytest.mark.parametrize("order", [1.0, 2.0, 3.0, torch.inf])
@pytest.mark.parametrize("shapes", [((4, 3), (5, 3)), ((2, 4, 3), (5, 3)), ((30, 3), (40, 3))])
def test_distances_are_torchs_own(order, shapes):
    a, b = (torch.randn(shape, dtype=torch.float64) for shape in shapes)
    torch.testing.assert_close(distances(a, b, order), torch.cdist(a, b, order))


BAGS = {
    "mean": {},
    "sum": {"mode": "sum"},
    "max": {"mode": "max"},
    "mean without padding": {"padding_idx": 0},
    "sum without padding": {"mode": "sum", "padding_idx": -20},
}


def with_padding():
    """Return tokens of which some are padding, and all of one bag."""
    tokens = TOKENS.clone()
    tokens[:, 2:4] = 0
    tokens[0] = 0
    return tokens


@pytest.mark.parametrize("name", BAGS)
def test_bags_of_tokens(name):
    torch.manual_seed(0)
    bag = nn.EmbeddingBag(20, 7, **BAGS[name])
    torch.testing.assert_close(bags(with_padding(), bag.weight, **BAGS[name]), bag(with_padding()))
    agreed(nn.Sequential(bag, nn.Tanh(), nn.Linear(7, 3)), with_padding())


class Weighted(nn.Module):
    """Words that count more or less, as the network finds."""

    def __init__(self):
        super().__init__()
        self.bag, self.scores = nn.EmbeddingBag(20, 7, mode="sum"), nn.Embedding(20, 1)

    def forward(self, x):
        return torch.tanh(self.bag(x, per_sample_weights=torch.sigmoid(self.scores(x)[..., 0])))


def test_bags_of_weighted_tokens():
    torch.manual_seed(0)
    agreed(Weighted(), TOKENS)


def test_a_bag_that_is_no_sum_is_refused_with_the_users_line():
    bag = nn.EmbeddingBag(20, 7, mode="max", padding_idx=0)
    with pytest.raises(UnsupportedOperationError, match=r"embedding_bag at .*cases.py"):
        nb.convert(Of(lambda m, x: m[0](x), bag), TOKENS)


def test_functions_are_their_own_again_after_an_export():
    before = torch.cdist, F.embedding_bag
    nb.convert(Of(lambda m, x: torch.relu(m[0](x)), nn.Linear(6, 3)), FLAT)
    assert (torch.cdist, F.embedding_bag) == before
