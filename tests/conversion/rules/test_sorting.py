"""Sorted numbers, the first of them and the middle one, equal ones among them."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

import neurobridge as nb
from neurobridge.conversion.rules.sorting import LONGEST, layers, leading_to
from neurobridge.errors import UnsupportedOperationError
from tests.conversion.rules.cases import FLAT, ROWS, Of, agreed


def sorted_by(pairs, numbers):
    """Return numbers after all comparators, smaller ones first."""
    numbers = list(numbers)
    for one in itertools.chain(*pairs):
        numbers[one[0]], numbers[one[1]] = sorted((numbers[one[0]], numbers[one[1]]))
    return numbers


@pytest.mark.parametrize("size", range(1, 11))
def test_comparators_sort_all_zeros_and_ones_and_so_everything(size):
    """The zero-one principle (Knuth 5.2.2, theorem Z), also for what is left of the network where a few are wanted."""
    for bits in itertools.product((0, 1), repeat=size):
        assert sorted_by(layers(size), bits) == sorted(bits)
        for wanted in ([0], [size // 2], range(min(2, size))):
            found = sorted_by(leading_to(wanted, layers(size)), bits)
            assert [found[i] for i in wanted] == [sorted(bits)[i] for i in wanted]


def test_comparators_of_one_layer_work_at_once_and_few_are_needed_for_the_largest():
    for size in range(2, LONGEST + 1):
        assert all(len({*itertools.chain(*pairs)}) == 2 * len(pairs) for pairs in layers(size))
    assert len(layers(LONGEST)) == 15
    assert sum(map(len, leading_to([0], layers(16)))) == 15  # a tournament
    numbers = np.random.default_rng(0).normal(size=LONGEST)
    assert sorted_by(layers(LONGEST), numbers) == sorted(numbers)


SORTED = {
    "sort": (lambda m, x: x.sort(1).values * torch.arange(1, 7), FLAT),
    "sort, falling, of rows": (lambda m, x: m[0](x.sort(1, descending=True)[0]).flatten(1), ROWS),
    "sort, stable": (lambda m, x: torch.sort(torch.relu(m[0](x)), dim=-1, stable=True).values, FLAT),
    "msort": (lambda m, x: m[0](x).transpose(0, 1).msort().transpose(0, 1), FLAT),
    "topk": (lambda m, x: torch.tanh(m[0](x)).topk(3).values, FLAT),
    "smallest": (lambda m, x: m[0](x).topk(2, 1, largest=False).values.flatten(1), ROWS),
    "kthvalue": (lambda m, x: m[0](x).kthvalue(2, 1).values, ROWS),
    "median": (lambda m, x: m[0](x).median(1, keepdim=True).values + x.median(1).values[:, None], FLAT),
    "equal numbers": (lambda m, x: torch.relu(x).sort(1).values + torch.cat([x, x], 1).topk(6).values, FLAT),
}


@pytest.mark.parametrize("name", SORTED)
def test_sorted_numbers(name):
    torch.manual_seed(0)
    function, x = SORTED[name]
    agreed(Of(function, nn.Linear(6, 6)), x, steps=12)


def test_the_rate_code_sorts_too():
    torch.manual_seed(0)
    model = Of(lambda m, x: torch.relu(m[0](x)).topk(2).values, nn.Linear(6, 5)).requires_grad_(False)
    snn = nb.convert(model, FLAT, code="rate", steps=256)
    assert (snn(FLAT) - model(FLAT)).norm() < 0.05 * model(FLAT).norm()


REFUSED = {
    "places": (lambda m, x: x.topk(2).indices, "where the sorted numbers were, which no spikes carry on"),
    "places beside numbers": (lambda m, x: x.sort(1), "its values alone convert"),
    "many": (lambda m, x: m[0](x).sort(1).values, "it sorts 33 numbers; at most 32"),
    "any order": (lambda m, x: x.topk(2, sorted=False).values, "in any order"),
    "samples": (lambda m, x: x.sort(0).values, "axis of the samples"),
    "median of everything": (lambda m, x: x - x.median(), "name the axis"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_orders_that_are_refused(name):
    function, message = REFUSED[name]
    with pytest.raises(UnsupportedOperationError, match=message):
        nb.convert(Of(function, nn.Linear(6, 33)), FLAT)
