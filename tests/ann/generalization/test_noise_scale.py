"""The gradient noise scale against brute force and a known problem."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss

from neurobridge.ann.generalization.noise_scale import NoiseScale, noise_scale
from neurobridge.errors import InputError


def test_equals_the_variance_of_single_gradients():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)).double()
    inputs, targets = torch.randn(30, 4, dtype=torch.float64), torch.randint(0, 3, (30,))
    rows = []
    for sample, target in zip(inputs, targets, strict=True):
        gradients = torch.autograd.grad(cross_entropy(model(sample[None]), target[None]), model.parameters())
        rows.append(torch.cat([entry.flatten() for entry in gradients]))
    rows = torch.stack(rows)
    found = noise_scale(model, cross_entropy, inputs, targets)
    noise = float(rows.var(0).sum())
    assert found.noise == pytest.approx(noise, rel=1e-9)
    assert found.signal == pytest.approx(float(rows.mean(0).square().sum()) - noise / 30, rel=1e-9)


def test_is_unbiased_on_a_known_problem():
    # f = (w - t)^2 with t ~ N(0, 1) and w = 1: gradients 2 (1 - t), so |G|^2 = 4 and tr S = 4
    model = nn.Linear(1, 1, bias=False).double()
    nn.init.ones_(model.weight)
    random = torch.Generator().manual_seed(0)
    ones = torch.ones(20, 1, dtype=torch.float64)
    found = [
        noise_scale(model, mse_loss, ones, torch.randn(20, 1, generator=random, dtype=torch.float64))
        for _ in range(300)
    ]
    # standard errors over 300 x 20 samples: 0.08 and 0.11; 5 of them
    assert np.mean([entry.noise for entry in found]) == pytest.approx(4.0, abs=0.4)
    assert np.mean([entry.signal for entry in found]) == pytest.approx(4.0, abs=0.55)


def test_the_scale_is_noise_over_signal_and_variance_falls_with_the_batch():
    found = NoiseScale(signal=0.5, noise=8.0)
    assert found.batch_size == 16.0 and found.variance(4) == 2.0


def test_without_signal_no_batch_is_large_enough():
    assert NoiseScale(signal=-0.1, noise=1.0).batch_size == float("inf")


def test_one_sample_is_refused():
    with pytest.raises(InputError, match="at least 2 samples, got 1"):
        noise_scale(nn.Linear(1, 1), mse_loss, torch.zeros(1, 1), torch.zeros(1, 1))
