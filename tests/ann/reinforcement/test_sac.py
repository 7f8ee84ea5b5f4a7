"""SAC: its density against numerical integration and torch's, its targets, its temperature, small worlds."""

from math import pi

import numpy as np
import pytest
import torch
from scipy.integrate import quad

from neurobridge.ann import reinforcement
from neurobridge.ann.reinforcement.replay import Batch
from neurobridge.ann.reinforcement.sac import SACConfig, squashed_log_density
from neurobridge.conversion.convert import convert
from neurobridge.errors import InputError
from neurobridge.tasks.environments import Spaces
from tests.ann.reinforcement.worlds import SHOWN, Aim, Bandit, aim_error, practised, world

SMALL = {"widths": (32,), "learning_rate": 5e-3, "batch_size": 64, "capacity": 4000, "warm_up": 200}


def density(action, mean, log_spread):
    before = torch.atanh(torch.tensor([[action]], dtype=torch.float64))
    parts = (torch.tensor([[value]], dtype=torch.float64) for value in (mean, log_spread))
    return float(squashed_log_density(before, *parts).exp())


@pytest.mark.parametrize(("mean", "log_spread"), [(0.0, 0.0), (0.5, -1.0), (-1.0, 0.3)])
def test_the_density_is_one_and_has_the_chances_of_the_normal(mean, log_spread):
    whole, _ = quad(density, -1, 1, args=(mean, log_spread), epsabs=1e-9, limit=200)
    assert whole == pytest.approx(1, abs=1e-5)
    part, _ = quad(density, -0.3, 0.6, args=(mean, log_spread))
    normal = torch.distributions.Normal(mean, float(np.exp(log_spread)))
    ends = normal.cdf(torch.atanh(torch.tensor([-0.3, 0.6], dtype=torch.float64)))
    assert part == pytest.approx(float(ends[1] - ends[0]), abs=1e-7)


def test_the_density_is_that_of_torch_and_finite_where_tanh_rounds():
    before, means, spreads = (torch.randn(20, 3, dtype=torch.float64) for _ in range(3))
    normal = torch.distributions.Normal(means, spreads.exp())
    known = torch.distributions.TransformedDistribution(normal, [torch.distributions.TanhTransform(cache_size=1)])
    expected = known.log_prob(torch.tanh(before)).sum(-1)
    torch.testing.assert_close(squashed_log_density(before, means, spreads), expected, rtol=1e-5, atol=1e-6)
    far = torch.tensor([[40.0]])
    # log(1 - tanh(x)^2) is log 4 - 2 x for large x
    expected = -np.log(2 * pi) / 2 - (np.log(4) - 80)
    assert float(squashed_log_density(far, far, torch.zeros(1, 1))) == pytest.approx(expected, rel=1e-6)


def agent(**options):
    return reinforcement.build("sac", Spaces(observation_shape=(3,), low=(-2.0,), high=(4.0,)), **{**SMALL, **options})


def test_targets_are_those_of_the_paper():
    learner, random = agent(temperature=0.7), torch.Generator().manual_seed(0)
    seen, after = (torch.randn(16, 3, generator=random) for _ in range(2))
    rewards, left = torch.randn(16, generator=random), torch.tensor([0.0, 0.9] * 8)
    batch = Batch(seen, torch.zeros(16, 1), rewards, after, left, torch.ones(16), np.arange(16))
    state = learner.generator.get_state()
    with torch.no_grad():
        actions, logs = learner.draw(after)
        worth = learner.slow_critics(after, actions).min(0).values - 0.7 * logs
        expected = (learner.critics(seen, batch.actions) - rewards - left * worth).square().mean()
    learner.generator.set_state(state)
    assert learner.update(batch)["value"] == pytest.approx(float(expected), rel=1e-5)


def test_the_slow_critics_follow_by_their_share():
    learner = agent(target_share=0.25)
    before = learner.slow_weights.values.clone()
    learner.replay.add(learner.single.push(world(Aim).step(np.zeros((1, 1), np.float32)))._replace(
        observations=np.ones((1, 3), np.float32), successors=np.ones((1, 3), np.float32)))  # fmt: skip
    learner.update(learner.replay.sample(8, learner.random))
    torch.testing.assert_close(learner.slow_weights.values, 0.75 * before + 0.25 * learner.weights.values.detach())


@pytest.mark.parametrize(("entropy", "way"), [(-3.0, 1), (1.0, -1)])
def test_the_temperature_keeps_the_entropy_at_minus_the_number_of_actions(entropy, way):
    learner = agent()
    learner._keep_entropy(entropy)
    assert np.sign(float(learner.log_temperature.detach())) == way


def test_what_is_tried_lies_within_the_bounds_and_the_policy_is_its_middle():
    learner, seen = agent(), torch.randn(1000, 3)
    actions, _ = learner.draw(seen)
    assert ((actions > -2) & (actions < 4)).all()
    with torch.no_grad():
        learner.spread.bias.fill_(-20)
        learner.spread.weight.zero_()
        torch.testing.assert_close(learner.draw(seen)[0], learner.policy(seen), rtol=0, atol=1e-5)


def test_numbers_are_aimed_and_the_policy_converts():
    learner = reinforcement.build("sac", world(Aim).spaces, **SMALL)
    practised(learner, world(Aim, 2), 1_600)
    assert aim_error(learner) < 0.2
    spiking, outputs = convert(learner.policy, SHOWN, steps=12), learner.predict(SHOWN)
    with torch.no_grad():
        assert np.abs(spiking(torch.from_numpy(SHOWN)).numpy() - outputs).max() < 0.01 * np.ptp(outputs)


def test_what_can_not_be_is_refused():
    with pytest.raises(InputError, match=r"SAC: temperature is 0.0; it must be above 0"):
        SACConfig(temperature=0.0)
    with pytest.raises(InputError, match=r"agent 'sac' can't give .* 'choice'; these agents can: .*dqn"):
        reinforcement.build("sac", world(Bandit).spaces)
    with pytest.raises(InputError, match=r"SAC: observations of shape \(1, 8, 8\); it takes vectors"):
        reinforcement.build("sac", Spaces(observation_shape=(1, 8, 8), low=(0.0,), high=(1.0,)))
