"""A measured activation goes through its points, has the gradient of its curve, and can be trained with."""

import numpy as np
import pytest
import torch

from neurobridge.ann.models.measured_activation import MeasuredActivation
from neurobridge.errors import FileFormatError, InputError

CURRENT = np.linspace(0, 5, 41)
# the leaky neuron's closed form, 2 ms refractory, 8 ms membrane, threshold at 2
RATE = np.array([0.0 if i <= 2 else 1000 / (2 + 8 * np.log((i - 0.5) / (i - 2))) for i in CURRENT])


def test_it_goes_through_the_points_and_stays_constant_beyond():
    activation = MeasuredActivation(CURRENT, RATE).double()
    assert np.allclose(activation(torch.tensor(CURRENT / 5)), RATE / RATE.max(), atol=1e-6)
    assert activation(torch.tensor([2.0, -1.0])).tolist() == pytest.approx([1.0, 0.0])
    assert 0 < activation.fit_error < 0.2


def test_its_gradient_is_that_of_the_curve():
    activation = MeasuredActivation(CURRENT, RATE).double()
    drive = torch.linspace(0.02, 0.98, 30, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(activation, (drive,), eps=1e-6, atol=1e-3)


def test_a_network_learns_with_it():
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(2, 16), MeasuredActivation(CURRENT, RATE), torch.nn.Linear(16, 1))
    x = torch.rand(256, 2)
    target = (x[:, :1] * x[:, 1:]).detach()
    optimizer = torch.optim.Adam(network.parameters(), 0.02)
    losses = []
    for _ in range(150):
        loss = ((network(x) - target) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.05 * losses[0]


def test_it_reads_what_a_protocol_saved(tmp_path):
    np.savez(tmp_path / "leaky.npz", header=np.array("{}"), current=CURRENT, rate=RATE)
    found = MeasuredActivation.from_file(tmp_path / "leaky.npz")
    assert torch.equal(found.y, MeasuredActivation(CURRENT, RATE).y)
    assert 0 < found.typical_error < found.fit_error
    np.savez(tmp_path / "other.npz", time=CURRENT)
    (tmp_path / "text.npz").write_text("no archive")
    for name in ("other", "text", "absent"):
        with pytest.raises(FileFormatError, match=rf"{name}.npz is not a measured f-I curve .*--protocol fi-curve"):
            MeasuredActivation.from_file(tmp_path / f"{name}.npz")


def test_the_error_of_a_fit_is_that_at_points_left_out():
    line = MeasuredActivation(np.arange(9.0), np.arange(9.0))
    assert line.fit_error == pytest.approx(0, abs=1e-12)
    jump = MeasuredActivation(np.arange(9.0), np.array([0, 0, 0, 0, 0, 1, 1, 1, 1.0]))
    # the curve through every second point is at a half where the left-out one is at 1
    assert jump.fit_error == pytest.approx(0.5)
    assert jump.typical_error == pytest.approx(0.25)


def test_points_out_of_order_are_refused():
    with pytest.raises(InputError, match="four or more points with increasing currents"):
        MeasuredActivation(CURRENT[::-1], RATE)
