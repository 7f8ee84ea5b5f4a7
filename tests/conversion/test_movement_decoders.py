"""Decoders of movement: memory pays on rotating dynamics, and costs nothing in spikes."""

import pytest
import torch

import neurobridge as nb
from neurobridge.ann.training import TrainingConfig, contender, recipe, train
from neurobridge.tasks import baselines

LOSS = 0.5
"""What the network in spikes may lose of R², in percent."""


def trained(task, config, seed=0, **options):
    return train(nb.models.build("lstm", task, seed=seed, **options), task, config)[0]


def scores(task, model):
    """Return R² of a network, and of the network in spikes."""
    snn = nb.convert(model, torch.as_tensor(task.calibration(64)), code="radix", steps=8)
    return [task.judge(contender(network)).summary for network in (model, snn)]


def test_a_small_decoder_loses_nothing_in_spikes():
    task = nb.tasks.load("reaching", neurons=24, minutes=3, steps=20)
    own, spiking = scores(
        task, trained(task, TrainingConfig(epochs=6, batch_size=16, learning_rate=2e-2, clip=1.0), hidden=16)
    )
    assert own > 50
    assert abs(own - spiking) <= LOSS


@pytest.mark.slow
def test_an_lstm_beats_the_kalman_filter_and_loses_nothing_in_spikes():
    differences = []
    for seed in range(3):
        task = nb.tasks.load("reaching", seed=seed)
        own, spiking = scores(task, trained(task, recipe("reaching", "lstm"), seed))
        differences.append(own - task.judge(baselines.fit("Kalman filter", task)).summary)
        assert own - spiking <= LOSS
    # measured: 6.3 to 7.3 percent
    assert min(differences) > 4
