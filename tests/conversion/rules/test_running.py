"""Products of all entries of an axis and of all up to each."""

import pytest
import torch
from torch import nn

import neurobridge as nb
from neurobridge.errors import UnsupportedOperationError
from tests.conversion.rules.cases import FLAT, ROWS, Of, agreed

PRODUCTS = {
    "running": (lambda m, x: m[1](torch.cumprod(1.2 * torch.tanh(m[0](x)), 1)[:, 2:].sum(1)), ROWS),
    "running along the last axis": (lambda m, x: m[1](torch.cumprod(torch.sigmoid(m[0](x)) + 0.4, -1)), FLAT),
    "of all": (lambda m, x: (0.5 + m[1](m[0](x))).prod(1, keepdim=True) + x.tanh().prod(1, keepdim=True), FLAT),
    "of one": (lambda m, x: m[1](m[0](x))[:, :1].prod(1) + m[0](x)[:, :1].cumprod(1)[:, 0], FLAT),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_product(name):
    torch.manual_seed(0)
    function, x = PRODUCTS[name]
    agreed(Of(function, nn.Linear(6, 12), nn.Linear(12, 5)), x)


REFUSED = {
    "many": (
        lambda m, x: m[0](x).cumprod(1),
        "it multiplies 65 numbers with each other; at most 64.*Sum their logarithms",
    ),
    "of everything": (lambda m, x: x * x.prod(), "reduces over the samples"),
    "of samples": (lambda m, x: x.cumprod(0), "axis of the samples"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_products_that_are_refused(name):
    function, message = REFUSED[name]
    with pytest.raises(UnsupportedOperationError, match=message):
        nb.convert(Of(function, nn.Linear(6, 65)), FLAT)
