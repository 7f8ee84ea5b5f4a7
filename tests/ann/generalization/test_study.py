"""The study: every switch changes what it says, and the known effects show."""

import numpy as np
import pytest
import torch
from torch import nn

from neurobridge.ann.generalization.study import (
    SWITCHES,
    Setting,
    draw_model,
    investigate,
    investigate_all,
    shrink,
    switched,
)
from neurobridge.errors import InputError, UnknownNameError
from neurobridge.tasks.digits import digits

TASK = digits()
PLAIN = Setting(samples=100, epochs=30)


@pytest.mark.parametrize("name", sorted(SWITCHES))
def test_every_switch_runs(name):
    finding = investigate(TASK, switched(name, Setting(samples=60, epochs=2, batch_size=30)))
    assert 0 <= finding.error.test <= 1 and np.isfinite(finding.sharpness.top)
    assert finding.error.low <= finding.error.value <= finding.error.high


def test_repeats_exactly():
    first, second = investigate_all(TASK, [PLAIN, PLAIN])
    assert first == second


def test_early_stopping_stops_early():
    finding = investigate(TASK, Setting(samples=100, epochs=200, patience=3))
    assert finding.epochs < 200


def test_random_labels_are_fitted_but_teach_nothing():
    # 10 classes: chance is 0.9
    finding = investigate(
        TASK, Setting(samples=100, label_noise=1.0, widths=(512,), optimizer="adam", lr=1e-3, epochs=120)
    )
    assert finding.error.train < 0.02 and finding.error.test > 0.8


def test_weights_that_are_too_large_widen_the_gap():
    plain, large = investigate_all(TASK, [PLAIN, switched("too large", PLAIN)])
    assert large.loss.value > 2 * plain.loss.value


def test_label_noise_changes_the_stated_share():
    part, noisy = shrink(TASK, Setting(samples=1000)), shrink(TASK, Setting(samples=1000, label_noise=0.5))
    changed = np.mean(part.train.targets != noisy.train.targets)
    # half are redrawn, a tenth of those to the same label; standard error 0.016: 4 of them
    assert changed == pytest.approx(0.45, abs=0.064)
    assert np.array_equal(part.test.targets, TASK.test.targets)


def second_moments(initial_weights):
    """Return the mean square of the hidden units of a deep, wide network, layer by layer."""
    model = draw_model(TASK, Setting(widths=(512,) * 8, initial_weights=initial_weights))
    signal, moments = torch.randn(200, 64, generator=torch.Generator().manual_seed(0)), []
    with torch.no_grad():
        for layer in [entry for entry in model.modules() if isinstance(entry, nn.Linear)][:-1]:
            signal = torch.relu(layer(signal))
            moments.append(float(signal.square().mean()))
    return moments


def test_he_keeps_the_signal_and_xavier_halves_it_per_layer():
    # square layers: He preserves the second moment of relu units, Xavier halves it
    he, xavier = second_moments("he"), second_moments("xavier")
    assert 0.5 < he[-1] / he[0] < 2
    assert xavier[-1] / xavier[0] == pytest.approx(0.5**7, rel=0.5)


def test_bad_arguments_are_refused():
    with pytest.raises(InputError, match="1212 training samples, not 5000"):
        investigate(TASK, Setting(samples=5000))
    with pytest.raises(InputError, match="samples=1 must be at least 2"):
        Setting(samples=1)
    with pytest.raises(UnknownNameError, match="unknown initial weights 'his'"):
        Setting(initial_weights="his")
    with pytest.raises(UnknownNameError, match="did you mean 'dropout'"):
        switched("drop out", PLAIN)
