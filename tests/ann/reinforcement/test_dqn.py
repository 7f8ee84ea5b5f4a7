"""DQN against closed forms: targets, the duelling identity, what a small world is worth; and what it must refuse."""

import copy

import numpy as np
import pytest
import torch

from neurobridge.ann import reinforcement
from neurobridge.ann.reinforcement import RunConfig, training
from neurobridge.ann.reinforcement.dqn import DQNConfig
from neurobridge.ann.reinforcement.flat import FlatWeights
from neurobridge.ann.reinforcement.replay import Batch
from neurobridge.ann.reinforcement.several_steps import Experience
from neurobridge.ann.reinforcement.value_network import ValueNetwork, duelling
from neurobridge.errors import InputError
from neurobridge.tasks.environments import Spaces, make


def batch(count=32, seed=0):
    random = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(shape, generator=random)

    discounts = torch.where(torch.rand(count, generator=random) < 0.3, 0.0, 0.9)
    actions = torch.randint(3, (count,), generator=random)
    return Batch(
        normal(count, 4), actions, normal(count), normal(count, 4), discounts, torch.ones(count), np.arange(count)
    )


def agent(**options):
    made = reinforcement.build("dqn", Spaces(observation_shape=(4,), actions=3), widths=(16,), **options)
    with torch.no_grad():  # so that network and target differ
        made.slow_weights.values.add_(0.3 * torch.randn(made.slow_weights.values.shape))
    return made


def test_targets_are_those_of_the_papers():
    rows, torn = batch(), agent()
    online, slow = torn.policy(rows.successors), torn.target(rows.successors)
    plain = rows.rewards + rows.discounts * slow.max(1).values
    torch.testing.assert_close(torn.targets(rows), plain)
    double = agent(double=True)
    double.policy, double.target = torn.policy, torn.target
    chosen = rows.rewards + rows.discounts * slow[torch.arange(32), online.argmax(1)]
    torch.testing.assert_close(double.targets(rows), chosen)
    assert (double.targets(rows) <= torn.targets(rows)).all()
    assert (double.targets(rows) < torn.targets(rows)).any()
    wider = agent(gap=0.9)
    wider.policy, wider.target = torn.policy, torn.target
    here = torn.target(rows.observations)
    worse = here.max(1).values - here[torch.arange(32), rows.actions]
    torch.testing.assert_close(wider.targets(rows), plain - 0.9 * worse)
    ended = rows.discounts == 0
    assert torch.equal(torn.targets(rows)[ended], rows.rewards[ended])


def test_the_duelling_streams_are_told_apart():
    value, advantage = torch.randn(7, 1), torch.randn(7, 5)
    values = duelling(value, advantage)
    torch.testing.assert_close(values.mean(1, keepdim=True), value)
    torch.testing.assert_close(values - values.mean(1, keepdim=True), advantage - advantage.mean(1, keepdim=True))
    torch.testing.assert_close(duelling(value, advantage + 3), values)
    for widths in ((8,), (8, 6)):
        network = ValueNetwork((1, 5, 4), 5, widths, duelling=True)
        assert network(torch.randn(7, 1, 5, 4)).shape == (7, 5)


def test_one_piece_of_weights_is_the_same_training():
    torch.manual_seed(0)
    one = ValueNetwork((4,), 3, (16, 16))
    two = copy.deepcopy(one)
    flat = FlatWeights(one)
    optimizers = (torch.optim.Adam([flat.values], lr=1e-2, fused=True), torch.optim.Adam(two.parameters(), lr=1e-2))
    for step in range(20):
        seen = torch.randn(8, 4, generator=torch.Generator().manual_seed(step))
        flat.clear()
        optimizers[1].zero_grad()
        for network in (one, two):
            (10 * network(seen) ** 2).sum().backward()
        norm = torch.nn.utils.clip_grad_norm_(two.parameters(), 1.0)
        assert flat.clip(1.0) == pytest.approx(float(norm), rel=1e-4)
        for optimizer in optimizers:
            optimizer.step()
    for mine, theirs in zip(one.parameters(), two.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-3, atol=1e-5)


def test_the_target_follows_by_its_share():
    follower, leader = ValueNetwork((4,), 3, (5,)), ValueNetwork((4,), 3, (5,))
    before = [weight.clone() for weight in follower.parameters()]
    flat = FlatWeights(follower), FlatWeights(leader)
    flat[0].follow(flat[1], 0.25)
    for mine, old, theirs in zip(follower.parameters(), before, leader.parameters(), strict=True):
        torch.testing.assert_close(mine.data, 0.75 * old + 0.25 * theirs.data)
    flat[0].follow(flat[1], 1.0)
    assert all(torch.equal(a, b) for a, b in zip(follower.parameters(), leader.parameters(), strict=True))


@pytest.mark.parametrize(
    ("options", "scale"),
    [({}, 1), ({"double": True, "duelling": True}, 1), ({"priority": 0.6}, 1), ({"reward_scale": 0.5}, 0.5)],
)
def test_values_of_a_small_world_are_found(options, scale):
    # two states, action 1 changes the state and pays 1 in state 0, action 0 stays and pays 0.5; no end; d = 0.5.
    # Bellman: V(0) = max(0.5 + 0.5 V0, 1 + 0.5 V1), V(1) = max(0.5 + 0.5 V1, 0.5 V0) with V1 = 1, V0 = 1.5
    learner = reinforcement.build(
        "dqn", Spaces(observation_shape=(2,), actions=2), widths=(16,), learning_rate=1e-2, target_share=0.05, **options
    )
    states = np.eye(2, dtype=np.float32)
    seen, actions = states[[0, 0, 1, 1]], np.array([0, 1, 0, 1])
    rewards, after = np.array([0.5, 1, 0.5, 0], np.float32), states[[0, 1, 1, 0]]
    learner.replay.add(Experience(seen, actions, rewards, after, np.full(4, 0.5, np.float32)))
    for _ in range(600):
        learner.update()
    np.testing.assert_allclose(learner.predict(states), scale * np.array([[1.25, 1.5], [1.0, 0.75]]), atol=0.03)


@pytest.mark.parametrize("duelling", [False, True])
def test_values_start_where_they_are_told_to(duelling):
    spaces = Spaces(observation_shape=(4,), actions=3)
    states = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
    plain, started = (
        reinforcement.build("dqn", spaces, first_value=value, duelling=duelling).predict(states) for value in (0.0, 5.0)
    )
    np.testing.assert_allclose(started, plain + 5, atol=1e-5)


def test_a_gap_moves_worse_actions_away_and_leaves_the_best():
    # in the world above, state 1: actions 1.0 and 0.75; with gap 0.8 the difference is 5 times as large
    learner = reinforcement.build(
        "dqn", Spaces(observation_shape=(2,), actions=2), widths=(16,), learning_rate=1e-2, target_share=0.05, gap=0.8
    )
    states = np.eye(2, dtype=np.float32)
    seen, actions = states[[0, 0, 1, 1]], np.array([0, 1, 0, 1])
    rewards, after = np.array([0.5, 1, 0.5, 0], np.float32), states[[0, 1, 1, 0]]
    learner.replay.add(Experience(seen, actions, rewards, after, np.full(4, 0.5, np.float32)))
    for _ in range(1200):
        learner.update()
    np.testing.assert_allclose(learner.predict(states), [[0.25, 1.5], [1.0, -0.25]], atol=0.06)


def test_exploration_falls_linearly():
    learner = agent(exploration=0.9, least_exploration=0.1, exploration_steps=100)
    shares = []
    for learner.steps in (0, 50, 100, 1000):
        shares.append(learner.exploration)
    assert shares == pytest.approx([0.9, 0.5, 0.1, 0.1])


def test_catch_is_learnt_from_pixels():
    # at random 20 % of balls are caught, a return of -0.6
    learner = reinforcement.build(
        "dqn", make("catch").spaces, widths=(64,), learning_rate=1e-3, warm_up=200, batch_size=32, target_share=0.05,
        exploration_steps=1000, update_every=2,
    )  # fmt: skip
    _, progress = training.train(learner, "catch", RunConfig(steps=3600, evaluate_every=900, episodes=40))
    assert progress.column("score").max() > 0.9


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": 0}, "DQN: steps is 0; it must be at least 1"),
        ({"discount": 1.5}, r"DQN: discount is 1.5; it must lie in \[0, 1\]"),
        ({"clip": 0.0}, "learning_rate 0.0003 and clip 0.0 must be above 0"),
    ],
)
def test_options_that_can_not_be_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        DQNConfig(**options)


def test_observations_of_no_known_shape_are_refused():
    with pytest.raises(InputError, match=r"observations of shape \(2, 2\): networks here take"):
        reinforcement.build("dqn", Spaces(observation_shape=(2, 2), actions=2))


def test_a_library_trained_agent_and_ours_see_the_same_updates():
    """Stable-Baselines3's DQN and ours, one update from equal weights on an equal batch, end with equal weights."""
    sb3 = pytest.importorskip("stable_baselines3")
    theirs = sb3.DQN("MlpPolicy", "CartPole-v1", learning_rate=1e-3, batch_size=8, policy_kwargs={"net_arch": [16]})
    theirs._setup_learn(1)
    for place in range(8):
        seen = np.full((1, 4), 0.1 * place, np.float32)
        theirs.replay_buffer.add(seen, seen + 0.1, np.array([place % 2]), np.ones(1), np.array([place == 7]), [{}])
    ours = reinforcement.build("dqn", make("cartpole").spaces, widths=(16,), learning_rate=1e-3, batch_size=8)
    names = ("q_net.0", "q_net.2")
    stored = theirs.q_net.state_dict()
    with torch.no_grad():
        weights = [stored[f"{name}.{kind}"].reshape(-1) for name in names for kind in ("weight", "bias")]
        ours.weights.values.copy_(torch.cat(weights))
        ours.slow_weights.values.copy_(ours.weights.values)
    places = np.arange(8)
    theirs.replay_buffer.sample = lambda size, env=None: theirs.replay_buffer._get_samples(places)
    theirs.train(1, 8)
    buffer = theirs.replay_buffer
    left = np.where(buffer.dones[:8, 0], 0.0, 0.99).astype(np.float32)
    ours.replay.add(
        Experience(
            buffer.observations[:8, 0],
            buffer.actions[:8, 0, 0],
            buffer.rewards[:8, 0],
            buffer.next_observations[:8, 0],
            left,
        )
    )
    drawn = Batch(*[torch.from_numpy(kept[:8]) for kept in ours.replay.rows], torch.ones(8), places)
    ours.replay.sample = lambda *_: drawn
    ours.update()
    learnt = theirs.q_net.state_dict()
    after = torch.cat([learnt[f"{name}.{kind}"].reshape(-1) for name in names for kind in ("weight", "bias")])
    torch.testing.assert_close(ours.weights.values.data, after, rtol=1e-5, atol=1e-6)
