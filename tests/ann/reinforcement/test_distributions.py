"""Chances of actions against torch's own distributions."""

import numpy as np
import torch

from neurobridge.ann.reinforcement.distributions import Choice, Numbers, distribution
from neurobridge.tasks.environments import Spaces

CHOICES = Spaces(observation_shape=(2,), actions=4)
NUMBERS = Spaces(observation_shape=(2,), low=(-2.0, 0.0), high=(2.0, 1.0))


def test_choices_are_categorical():
    outputs, own = torch.randn(16, 4), distribution(CHOICES)
    known = torch.distributions.Categorical(logits=outputs)
    drawn = own.draw(outputs, torch.Generator().manual_seed(0))
    assert isinstance(own, Choice) and drawn.shape == (16,)
    torch.testing.assert_close(own.log_density(outputs, drawn), known.log_prob(drawn))
    torch.testing.assert_close(own.entropy(outputs), known.entropy())
    assert own.actions(drawn).tolist() == drawn.tolist()


def test_numbers_are_normal_and_start_with_half_the_range():
    outputs, own = torch.randn(16, 2), distribution(NUMBERS)
    assert isinstance(own, Numbers)
    torch.testing.assert_close(own.log_spread.exp().detach(), torch.tensor([2.0, 0.5]))
    known = torch.distributions.Independent(torch.distributions.Normal(outputs, torch.tensor([2.0, 0.5])), 1)
    drawn = own.draw(outputs, torch.Generator().manual_seed(0))
    torch.testing.assert_close(own.log_density(outputs, drawn), known.log_prob(drawn))
    torch.testing.assert_close(own.entropy(outputs), known.entropy())
    assert (own.actions(drawn) <= [2, 1]).all() and (own.actions(drawn) >= [-2, 0]).all()


def test_what_is_drawn_has_the_chances_that_are_said():
    # 40,000 draws: a share of p is off by more than 4 sqrt(p (1 - p) / n) <= 0.01 in fewer than one of 10,000 tests
    logits = torch.tensor([0.5, -1.0, 2.0, 0.0]).repeat(40_000, 1)
    drawn = Choice().draw(logits, torch.Generator().manual_seed(1))
    shares = np.bincount(drawn.numpy(), minlength=4) / 40_000
    np.testing.assert_allclose(shares, logits[0].softmax(-1).numpy(), atol=0.01)
    own = Numbers(NUMBERS)
    drawn = own.draw(torch.ones(40_000, 2), torch.Generator().manual_seed(1))
    np.testing.assert_allclose(drawn.mean(0).numpy(), [1, 1], atol=4 * 2 / 200)
    np.testing.assert_allclose(drawn.std(0).numpy(), [2, 0.5], rtol=0.02)
