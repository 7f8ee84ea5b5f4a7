from dataclasses import replace

import pytest
import torch

from neurobridge import models, tasks
from neurobridge.ann.models.shapes import Shapes
from neurobridge.ann.training import TrainingConfig, train
from neurobridge.ann.training.truncation import truncated
from neurobridge.errors import InputError

NUMBERS = Shapes(input_shape=(12, 3), output_size=2, output_steps=12)
TOKENS = Shapes(input_shape=(12,), output_size=9, output_steps=12, vocabulary=9)


@pytest.mark.parametrize(("name", "shapes"), [("lstm", NUMBERS), ("gru", NUMBERS), ("language-model", TOKENS)])
def test_outputs_are_equal(name, shapes):
    model = models.build(name, shapes).eval()
    x = torch.randint(0, 9, (4, 12)) if shapes.vocabulary else torch.randn(4, 12, 3)
    assert torch.allclose(truncated(model, 5)(x), model(x), atol=1e-6)


def test_the_gradient_stops_at_the_border():
    model = models.build("lstm", NUMBERS)
    x = torch.randn(1, 12, 3, requires_grad=True)
    reached = torch.autograd.grad(truncated(model, 4)(x)[:, 10].sum(), x)[0].abs().sum(-1)[0]
    assert (reached[:8] == 0).all()
    assert (reached[8:11] > 0).all()


def test_pieces_as_long_as_the_sequence_train_the_same_network():
    task = tasks.load("parity", length=8)
    config = TrainingConfig(epochs=1, batch_size=500, device="cpu")
    runs = [
        train(models.build("gru", task, hidden=8), task, replace(config, truncate=steps))[0] for steps in (None, 8, 2)
    ]
    weights = [torch.cat([weight.flatten() for weight in run.parameters()]) for run in runs]
    assert torch.allclose(weights[0], weights[1], atol=1e-6)
    assert not torch.allclose(weights[0], weights[2], atol=1e-4)


def test_several_processes_are_refused(monkeypatch):
    monkeypatch.setattr("neurobridge.ann.training.truncation.world", lambda: 2)
    with pytest.raises(InputError, match="truncation works in one process only"):
        truncated(models.build("lstm", NUMBERS), 4)


@pytest.mark.parametrize(
    ("name", "shapes"), [("transformer", NUMBERS), ("lstm", Shapes(input_shape=(12, 3), output_size=2))]
)
def test_networks_without_a_state_to_carry_are_refused(name, shapes):
    model = models.build(name, shapes)
    with pytest.raises(InputError, match="truncation needs a recurrent network that answers at every step"):
        truncated(model, 4)
