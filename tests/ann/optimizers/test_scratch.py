"""A second place for parameters: laid out alike, kept, and left by SAM and by line searches as if never used."""

import copy
from functools import partial, wraps

import pytest
import torch

from neurobridge.ann.optimizers import Closure, build
from neurobridge.ann.optimizers.closures import evaluates_without_backward
from neurobridge.ann.optimizers.scratch import Scratch


def test_it_lies_as_the_parameters_lie():
    shared = torch.zeros(10)
    parameters = [shared[:4], shared[4:].view(2, 3).T, torch.zeros(3, dtype=torch.float64)]
    first, second, third = Scratch().like(parameters)
    assert first.untyped_storage().data_ptr() == second.untyped_storage().data_ptr() != shared.data_ptr()
    assert (first.storage_offset(), second.storage_offset(), second.stride()) == (0, 4, (1, 3))
    assert third.dtype == torch.float64 and third.untyped_storage().data_ptr() != first.untyped_storage().data_ptr()


def test_it_is_kept_until_the_parameters_move():
    scratch, parameter = Scratch(), torch.zeros(4)
    (place,) = scratch.like([parameter])
    assert scratch.like([parameter])[0] is place
    assert scratch.like([torch.zeros(4)])[0] is not place


@pytest.mark.parametrize("name", ["sam", "armijo", "full_relaxation"])
def test_parameters_keep_their_place(name):
    x = torch.tensor([1.0, -0.5], requires_grad=True)
    seen, place = x.detach(), x.data_ptr()
    optimizer = build(name, [x], lr=0.1)
    for _ in range(3):
        optimizer.step(Closure(optimizer=optimizer, loss=lambda: x.square().sum()))
    assert x.data_ptr() == place and torch.equal(seen, x) and x.square().sum() < 1.25


@pytest.mark.parametrize("name", ["sam", "goldstein"])
def test_copies_of_an_optimizer_go_their_own_way(name):
    x = torch.tensor([1.0, -0.5], dtype=torch.float64, requires_grad=True)
    optimizer = build(name, [x], lr=0.1)
    optimizer.step(Closure(optimizer=optimizer, loss=lambda: x.square().sum()))
    other = copy.deepcopy(optimizer)
    (y,) = other.param_groups[0]["params"]
    for rule, place in ((optimizer, x), (other, y)):
        rule.step(Closure(optimizer=rule, loss=lambda place=place: place.square().sum()))
    assert y is not x and torch.equal(x, y)


def plain():
    return torch.zeros(())


def choosing(backward=True):
    return torch.zeros(())


@wraps(plain)
def wrapped(*arguments, **options):
    return plain(*arguments, **options)


@pytest.mark.parametrize(
    ("closure", "expected"),
    [
        (plain, False),
        (choosing, True),
        (partial(choosing), True),
        (partial(plain), False),
        (wrapped, False),
        (lambda **options: torch.zeros(()), True),
        (Closure(optimizer=None, loss=plain), True),
        (Closure(optimizer=None, loss=plain).__call__, True),
    ],
)
def test_closures_that_can_leave_out_the_backward_pass_are_known(closure, expected):
    assert evaluates_without_backward(closure) is expected
