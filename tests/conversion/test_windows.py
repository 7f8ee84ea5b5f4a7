"""Direct training in a windowed code: recurrent networks and attention learn through their spikes."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import neurobridge as nb
from neurobridge.conversion.direct import train_spiking
from neurobridge.conversion.windows import train_windows
from neurobridge.errors import CalibrationError, InputError, UnsupportedOperationError
from neurobridge.graph.nodes import Loop
from tests.conversion.test_direct import BRIEFLY, TASK, accuracy


class Rows(nn.Module):
    """A network that reads images of stripes row by row."""

    def __init__(self, size: int = 12) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.cell, self.head = nn.LSTM(8, size, batch_first=True), nn.Linear(size, 2)

    def forward(self, x):
        return self.head(self.cell(x[:, 0])[0][:, -1])


def test_an_lstm_learns_from_scratch_through_three_levels(tmp_path):
    """200 fair coins come to 65 % or more with a probability below 2e-5."""
    trained = train_spiking(Rows(), TASK, code="radix", steps=2, config=replace(BRIEFLY, epochs=6))
    assert accuracy(trained) > 65
    assert (trained.code, trained.steps, trained.certificate) == ("radix", 2, None)
    assert trained.graph.of(Loop)
    nb.save(trained, tmp_path / "trained.nb")
    assert torch.equal(nb.load(tmp_path / "trained.nb")(TASK.test.inputs), trained(TASK.test.inputs))
    assert nb.verify(trained, TASK.test.inputs[:2], simulators=("snntorch", "brian2")).differing == 0


def test_a_run_that_was_cut_short_ends_with_the_same_network(tmp_path):
    """Ranges are part of what a checkpoint keeps."""

    def stop(epoch):
        raise KeyboardInterrupt

    options = {"code": "radix", "steps": 2, "config": replace(BRIEFLY, epochs=3)}
    with pytest.raises(KeyboardInterrupt):
        train_spiking(Rows(), TASK, **options, directory=tmp_path / "run", watchers=[stop])
    whole = train_spiking(Rows(), TASK, **options)
    epochs = []
    rest = train_spiking(Rows(), TASK, **options, directory=tmp_path / "run", watchers=[epochs.append])
    assert [epoch.epoch for epoch in epochs] == [2, 3]
    assert torch.equal(whole(TASK.test.inputs), rest(TASK.test.inputs))
    with pytest.raises(InputError, match=r"holds another training run \(options.steps 2, not 3; options.weights"):
        train_spiking(Rows(), TASK, **{**options, "steps": 3}, directory=tmp_path / "run")


class Kept:
    """Stands for a training: keeps the module, and calls what goes before each of `epochs`."""

    def __init__(self, epochs: int, change: float) -> None:
        self.epochs, self.change = epochs, change

    def __call__(self, network, before_epoch):
        for _ in range(self.epochs):
            before_epoch()
            with torch.no_grad():
                for parameter in network.parameters():
                    parameter.mul_(self.change)
        self.network = network
        self.outputs = network.eval()(torch.as_tensor(TASK.test.inputs)).detach()


def test_ranges_are_fitted_before_each_epoch_and_deployed_if_they_are_best(monkeypatch):
    """Weights that grow tenfold leave all ranges behind; the last ones are those of the weights before."""
    lowered = nb.convert(Rows(), TASK.train.inputs, steps=3).graph
    kept = Kept(2, 1.0)
    deployed = train_windows(lowered, TASK, kept)
    assert torch.allclose(deployed(TASK.test.inputs), kept.outputs, atol=1e-5)
    scores = iter([0.0, 1.0])  # of the network with new ranges, and of that with the last
    monkeypatch.setattr("neurobridge.conversion.windows._score", lambda network, task: next(scores))
    kept = Kept(1, 2.0)
    deployed = train_windows(lowered, TASK, kept)
    assert torch.allclose(deployed(TASK.test.inputs), kept.outputs, atol=1e-5)
    scores = iter([1.0, 0.0])
    assert not torch.allclose(train_windows(lowered, TASK, Kept(1, 2.0))(TASK.test.inputs), kept.outputs, atol=1e-5)


def test_weights_that_are_no_numbers_end_it():
    lowered = nb.convert(Rows(), TASK.train.inputs, steps=3).graph
    with pytest.raises(CalibrationError, match=r"is not finite on the calibration data"):
        train_windows(lowered, TASK, Kept(2, np.nan))


class Bessel(nn.Module):
    def forward(self, x):
        return torch.special.i0e(x.flatten(1))[:, :2]


def test_what_no_code_carries_is_refused():
    with pytest.raises(UnsupportedOperationError, match=r"special_i0e at .*\n.*it has no lowering rule"):
        train_spiking(Bessel(), TASK, code="radix", steps=2)


def test_a_softmax_of_too_few_levels_is_refused_with_what_to_do():
    """Behind a maximum that was rounded up, all exponentials of a row are sent as zero."""
    with pytest.raises(CalibrationError, match=r"has a drive too near zero; take more steps"):
        train_spiking(Sharp(), TASK, code="radix", steps=2)


class Sharp(nn.Module):
    """A softmax over scores of a wide range."""

    def forward(self, x):
        return torch.softmax(20 * x.flatten(1)[:, :4], dim=1)[:, :2]
