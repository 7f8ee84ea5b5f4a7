import numpy as np
import pytest
import torch

from neurobridge import models
from neurobridge.ann.inside.memory import gates_through_time, gradients_through_time
from neurobridge.ann.models.shapes import Shapes
from neurobridge.errors import InputError

SHAPES = Shapes(input_shape=(20, 3), output_size=1)


@pytest.mark.parametrize("scale", [0.8, 1.0, 1.2])
def test_a_nearly_linear_network_keeps_powers_of_its_scale(scale):
    # tanh is the identity near 0, so with W = scale x orthogonal the gradient shrinks by scale a step, exactly
    model = models.build("rnn", SHAPES, hidden=16)
    with torch.no_grad():
        for weight in model.stack.parameters():
            weight.mul_(1e-6)
        model.stack.fused.weight_hh_l0.copy_(scale * torch.linalg.qr(torch.randn(16, 16))[0])
    norms = gradients_through_time(model, torch.randn(5, 20, 3), torch.ones(5), "squared error")
    assert np.allclose(norms / norms[-1], scale ** np.arange(19, -1, -1), rtol=1e-4)


@pytest.mark.parametrize("name", ["gru", "lstm", "rnn", "stacked-lstm"])
def test_the_gradient_at_the_last_step_is_the_readouts(name):
    model = models.build(name, SHAPES, layers=1)
    x, y = torch.randn(5, 20, 3), torch.randn(5)
    norms = gradients_through_time(model, x, y, "squared error")
    error = 2 * (model(x)[:, 0] - y)
    expected = (error[:, None] * model.readout.weight).square().sum(-1).mean().sqrt()
    assert norms.shape == (20,)
    assert norms[-1] == pytest.approx(expected.item(), rel=1e-4)


def test_gradients_of_every_step_are_those_of_the_inputs_too():
    model = models.build("lstm", Shapes(input_shape=(6, 3), output_size=2, output_steps=6))
    norms = gradients_through_time(model, torch.randn(4, 6, 3), torch.randint(0, 2, (4, 6)), "cross-entropy")
    assert (norms > 0).all()


def test_gates_are_those_of_the_kernels():
    model = models.build("lstm", SHAPES, hidden=8)
    x = torch.randn(2, 20, 3)
    gates = gates_through_time(model, x)
    assert set(gates) == {"input", "forget", "candidate", "output"}
    c = np.zeros((2, 8))
    for step in range(20):
        c = gates["forget"][:, step] * c + gates["input"][:, step] * gates["candidate"][:, step]
    assert np.allclose(gates["output"][:, -1] * np.tanh(c), model.stack(x)[:, -1].detach().numpy(), atol=1e-5)


def test_time_needs_a_direction():
    with pytest.raises(InputError, match="reads in one direction"):
        gradients_through_time(models.build("bilstm", SHAPES), torch.randn(1, 20, 3), torch.ones(1), "squared error")


def test_a_network_without_gates_is_refused():
    with pytest.raises(InputError, match="has no gates; use a GRU or an LSTM"):
        gates_through_time(models.build("rnn", SHAPES), torch.randn(1, 20, 3))
