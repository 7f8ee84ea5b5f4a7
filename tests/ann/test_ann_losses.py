"""Losses against scikit-learn's values."""

import doctest

import numpy as np
import pytest
import torch
from sklearn import metrics

from neurobridge.ann import losses
from neurobridge.ann.losses import LOSSES, asked, binary_log_loss, hinge, log_loss, squared_error
from neurobridge.errors import InputError
from neurobridge.tasks.scoring import IGNORE

RANDOM = np.random.default_rng(0)
BINARY, LOGITS = RANDOM.standard_normal(50) * 3, RANDOM.standard_normal((50, 4)) * 3
YES, LABELS = RANDOM.integers(0, 2, 50), RANDOM.integers(0, 4, 50)


def torched(*arrays):
    return [torch.as_tensor(array) for array in arrays]


def test_log_loss_of_two_classes():
    found = log_loss(*torched(BINARY, YES))
    assert found.item() == pytest.approx(metrics.log_loss(YES, 1 / (1 + np.exp(-BINARY))), rel=1e-12)


def test_log_loss_of_several_classes():
    shares = np.exp(LOGITS) / np.exp(LOGITS).sum(1, keepdims=True)
    assert log_loss(*torched(LOGITS, LABELS)).item() == pytest.approx(metrics.log_loss(LABELS, shares), rel=1e-12)


def test_log_loss_stays_finite_far_out():
    assert log_loss(torch.tensor([-1e4, 1e4]), torch.tensor([1, 0])).item() == 1e4


def test_hinge_of_two_classes():
    assert hinge(*torched(BINARY, YES)).item() == pytest.approx(metrics.hinge_loss(YES, BINARY), rel=1e-12)


def test_hinge_of_several_classes():
    assert hinge(*torched(LOGITS, LABELS)).item() == pytest.approx(metrics.hinge_loss(LABELS, LOGITS), rel=1e-12)


def test_squared_error():
    targets = RANDOM.standard_normal((50, 4))
    found = squared_error(*torched(LOGITS, targets)).item()
    assert found == pytest.approx(metrics.mean_squared_error(targets, LOGITS), rel=1e-12)
    against_labels = squared_error(*torched(LOGITS, LABELS)).item()
    assert against_labels == pytest.approx(metrics.mean_squared_error(np.eye(4)[LABELS], LOGITS), rel=1e-12)


def test_log_loss_of_uncertain_labels():
    chances = RANDOM.random(50)
    p = 1 / (1 + np.exp(-BINARY))
    expected = -(chances * np.log(p) + (1 - chances) * np.log(1 - p)).mean()
    assert binary_log_loss(*torched(BINARY[:, None], chances)).item() == pytest.approx(expected, rel=1e-12)


def test_ignored_labels_are_left_out():
    kept = RANDOM.random(50) < 0.7
    some = np.where(kept, LABELS, IGNORE)
    found = log_loss(*torched(LOGITS.reshape(5, 10, 4), some.reshape(5, 10)))
    assert found.item() == pytest.approx(log_loss(*torched(LOGITS[kept], LABELS[kept])).item(), rel=1e-12)
    assert asked(torch.as_tensor(some)) == kept.sum()


def test_smoothing_spreads_the_target_over_all_classes():
    logs = torch.log_softmax(torch.as_tensor(LOGITS), dim=1)
    wanted = 0.2 / 4 + 0.8 * torch.nn.functional.one_hot(torch.as_tensor(LABELS), 4)
    assert log_loss(*torched(LOGITS, LABELS), 0.2).item() == pytest.approx(-float((wanted * logs).sum(1).mean()))


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_gradients(name):
    binary = name == "binary cross-entropy"
    scores = torch.as_tensor(BINARY[:5] if binary else LOGITS[:5]).requires_grad_()
    labels = torch.as_tensor(YES[:5] if binary else LABELS[:5])
    assert torch.autograd.gradcheck(lambda x: LOSSES[name](x, labels), (scores,))


@pytest.mark.parametrize("name", ["cross-entropy", "hinge"])
def test_shapes_that_do_not_fit_are_refused(name):
    with pytest.raises(InputError, match="do not fit"):
        LOSSES[name](torch.zeros(3, 2), torch.zeros(4, dtype=torch.long))


@pytest.mark.parametrize("labels", [[0, 2, 1], [-1, 1, 1]])
def test_labels_out_of_range_are_refused(labels):
    with pytest.raises(InputError, match="whole numbers from 0 to 1"):
        hinge(torch.zeros(3), torch.tensor(labels))


def test_examples_in_the_docs():
    assert doctest.testmod(losses, extraglobs={"torch": torch}).failed == 0
