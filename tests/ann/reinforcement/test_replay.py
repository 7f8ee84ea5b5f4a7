"""Replay memories against closed forms: n-step returns, probabilities of a sum tree, weights that undo the draw."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neurobridge.ann.reinforcement.replay import Replay
from neurobridge.ann.reinforcement.several_steps import Experience, SeveralSteps
from neurobridge.ann.reinforcement.sum_tree import SumTree
from neurobridge.errors import InputError
from neurobridge.tasks.environments import Spaces, Transition

LINE = Spaces(observation_shape=(1,), actions=2)


def walk(rewards, terminated=False, truncated=False):
    """One environment that shows 0, 1, 2, ...; the last step ends the episode as asked."""
    for place, reward in enumerate(rewards):
        last = place == len(rewards) - 1
        yield Transition(
            observations=np.array([[place]], np.float32),
            actions=np.array([place % 2]),
            rewards=np.array([reward], np.float32),
            successors=np.array([[place + 1]], np.float32),
            terminated=np.array([last and terminated]),
            truncated=np.array([last and truncated]),
        )


def collected(steps, count, discount=0.9):
    several = SeveralSteps(count, discount)
    rows = [made for made in map(several.push, steps) if made is not None]
    return [np.concatenate(column) for column in zip(*rows, strict=True)]


@pytest.mark.parametrize("count", [1, 2, 3, 10])
@pytest.mark.parametrize("ends", ["terminated", "truncated"])
def test_rewards_of_several_steps_are_the_discounted_sum(count, ends):
    rewards = np.array([1.0, 2.0, -1.0, 4.0, 0.5])
    seen, actions, gained, successors, left = collected(walk(rewards, **{ends: True}), count)
    np.testing.assert_array_equal(seen[:, 0], np.arange(5))
    np.testing.assert_array_equal(actions, np.arange(5) % 2)
    for start in range(5):
        taken = rewards[start : start + count]
        assert gained[start] == pytest.approx((0.9 ** np.arange(len(taken)) * taken).sum())
        assert successors[start, 0] == start + len(taken)
        over = ends == "terminated" and start + len(taken) == 5
        assert left[start] == pytest.approx(0 if over else 0.9 ** len(taken))


def test_episodes_are_never_mixed():
    several = SeveralSteps(3, 1.0)
    first, second = list(walk([1.0, 1.0], terminated=True)), list(walk([5.0, 5.0, 5.0], terminated=True))
    rows = [made for made in map(several.push, first + second) if made is not None]
    assert np.concatenate([made.rewards for made in rows]).tolist() == [2, 1, 15, 10, 5]


@given(st.lists(st.floats(0, 10), min_size=1, max_size=40).filter(lambda weights: sum(weights) > 1e-6))
def test_a_sum_tree_draws_in_proportion(weights):
    tree = SumTree(len(weights))
    tree[np.arange(len(weights))] = np.array(weights)
    assert tree.total == pytest.approx(sum(weights))
    fine = 20_000
    drawn = np.bincount(tree.find((np.arange(fine) + 0.5) / fine * tree.total), minlength=len(weights))
    np.testing.assert_allclose(drawn[: len(weights)] / fine, np.array(weights) / sum(weights), atol=2 / fine)
    assert drawn[len(weights) :].sum() == 0


def test_a_weight_that_changes_changes_the_sums():
    tree = SumTree(5)
    tree[np.arange(5)] = np.arange(5.0)
    tree[np.array([4, 1])] = np.array([0.5, 3.0])
    np.testing.assert_array_equal(tree[np.arange(5)], [0, 3, 2, 3, 0.5])
    assert tree.total == 8.5
    np.testing.assert_array_equal(
        tree.find(np.array([0.0, 2.9, 3.0, 4.9, 5.0, 7.9, 8.0, 8.49])), [1, 1, 2, 2, 3, 3, 4, 4]
    )


def rows(places):
    places = np.asarray(places, np.float32)
    return Experience(
        places[:, None], places.astype(int) % 2, places, places[:, None] + 1, np.full(len(places), 0.9, "f4")
    )


def test_the_oldest_rows_go_first():
    memory = Replay(LINE, 5)
    for place in range(8):
        memory.add(rows([place]))
    drawn = memory.sample(500, np.random.default_rng(0))
    assert len(memory) == 5
    assert set(drawn.rewards.tolist()) == {3, 4, 5, 6, 7}
    assert torch.equal(drawn.successors[:, 0], drawn.rewards + 1)
    assert torch.equal(drawn.weights, torch.ones(500))


def test_priorities_decide_the_draw_and_weights_undo_it():
    memory = Replay(LINE, 4, priority=0.6)
    memory.add(rows([0, 1, 2, 3]))
    sizes = np.array([0.5, 1.0, 2.0, 4.0])
    memory.surprise(np.arange(4), sizes)
    shares = (sizes + 1e-6) ** 0.6 / ((sizes + 1e-6) ** 0.6).sum()
    drawn = memory.sample(40_000, np.random.default_rng(0), correction=0.7)
    # stratified draws: a place's count is within 2 of its expectation
    np.testing.assert_allclose(np.bincount(drawn.places) / 40_000, shares, atol=2 / 40_000)
    expected = (4 * shares) ** -0.7
    np.testing.assert_allclose(drawn.weights, (expected / expected.max())[drawn.places], rtol=1e-5)
    # fully undone, the weighted mean is that of an even draw
    undone = memory.sample(40_000, np.random.default_rng(0), correction=1.0)
    assert float((undone.weights * undone.rewards).mean() / undone.weights.mean()) == pytest.approx(1.5, abs=1e-3)


def test_new_rows_have_the_largest_priority():
    memory = Replay(LINE, 4, priority=1.0)
    memory.add(rows([0, 1]))
    memory.surprise(np.arange(2), np.array([0.1, 7.0]))
    memory.add(rows([2]))
    assert memory.tree[np.array([2])] == pytest.approx(7.0)


def test_what_can_not_be_is_refused():
    with pytest.raises(InputError, match="capacity >= 1 and priority in"):
        Replay(LINE, 0)
    with pytest.raises(InputError, match="holds nothing can't be drawn from"):
        Replay(LINE, 3).sample(1, np.random.default_rng(0))
