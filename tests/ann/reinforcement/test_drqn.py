"""DRQN: a sequence is its steps, pieces never mix episodes, and what was shown first is remembered to the last."""

import numpy as np
import pytest
import torch

from neurobridge import tasks
from neurobridge.ann import reinforcement
from neurobridge.ann.reinforcement.drqn import DRQNConfig
from neurobridge.ann.reinforcement.recurrent_value import RecurrentValues
from neurobridge.ann.reinforcement.sequences import Pieces, SequenceReplay
from neurobridge.ann.training.contender import contender
from neurobridge.conversion.convert import convert
from neurobridge.errors import InputError
from neurobridge.tasks.environments import Spaces, Transition

LINE = Spaces(observation_shape=(1,), actions=2)


def test_a_sequence_is_its_steps():
    network = RecurrentValues((2,), 3, 5)
    seen, memory = torch.randn(4, 7, 2), torch.randn(4, 5)
    whole = network.sequence(seen, memory)
    for step in range(7):
        outputs = network(torch.cat([seen[:, step], memory], 1))
        torch.testing.assert_close(outputs[:, :3], whole[:, step])
        memory = outputs[:, 3:]


def test_values_of_pieces_are_those_of_steps_that_are_told_the_last_action():
    learner = reinforcement.build("drqn", LINE, width=5, length=6)
    seen, actions, memory = torch.randn(4, 7, 1), torch.randint(2, (4, 6)), torch.randn(4, 7)
    flat = torch.zeros(4, 6)
    whole = learner.values(learner.network, Pieces(seen, actions, flat, flat, flat, memory))
    for step in range(7):
        outputs = learner.policy(torch.cat([seen[:, step], memory], 1))
        torch.testing.assert_close(outputs[:, :2], whole[:, step])
        if step < 6:
            memory = torch.cat([torch.nn.functional.one_hot(actions[:, step], 2), outputs[:, 2:]], 1)


def test_a_scale_is_what_observations_are_multiplied_by():
    plain, large = (reinforcement.build("drqn", LINE, width=3, scale=scale) for scale in ((), (10.0,)))
    seen, rest = torch.randn(4, 1), torch.randn(4, 5)
    assert torch.equal(large.policy(torch.cat([seen, rest], 1)), plain.policy(torch.cat([10 * seen, rest], 1)))


def test_the_learning_rate_falls_with_the_steps():
    flat, seen = torch.ones(4, 6), torch.randn(4, 7, 1)
    for falling_steps, wanted in ((0, 1.0), (100, 0.75)):
        learner = reinforcement.build("drqn", LINE, width=5, length=6, learning_rate=0.5, falling_steps=falling_steps)
        learner.steps = 25
        learner.update(Pieces(seen, flat.long(), flat, flat, flat, torch.zeros(4, 7)))
        assert learner.optimizer.param_groups[0]["lr"] == pytest.approx(0.5 * wanted)


def test_what_was_really_done_is_remembered():
    learner = reinforcement.build("drqn", LINE, width=4, exploration=1.0)
    seen, flat, never = np.zeros((3, 1), np.float32), np.zeros(3, np.float32), np.zeros(3, bool)
    for _ in range(20):
        actions = learner.act(seen)
        learner.observe(Transition(seen, actions, flat, seen, never, never))
        np.testing.assert_array_equal(learner.present.memory[:, :2], np.eye(2)[actions])


def test_pieces_never_mix_episodes():
    # two environments count their steps from 0; episodes last 5 and 3 steps, pieces 4
    replay, places, last = SequenceReplay(LINE, 6, 4, 1, 0.9), np.array([0, 0]), np.array([4, 2])
    for now in range(10):
        ended = places == last
        seen = places[:, None].astype(np.float32)
        step = Transition(seen, places % 2, seen[:, 0], seen + 1, ended, np.zeros(2, bool))
        replay.add(step, np.full((2, 1), now, np.float32))
        places = np.where(ended, 0, places + 1)
    assert len(replay) == 6
    for piece in range(6):
        seen, counted = replay.rows.observations[piece, :, 0], replay.rows.counted[piece]
        length = int(counted.sum())
        assert (counted[:length] == 1).all()
        np.testing.assert_array_equal(seen[: length + 1], seen[0] + np.arange(length + 1))
        np.testing.assert_array_equal(replay.rows.rewards[piece, :length], seen[:length])
        discounts = replay.rows.discounts[piece, :length]
        assert set(discounts[:-1].tolist()) <= {np.float32(0.9)}
        assert discounts[-1] == 0 or length == 4 or piece in replay.open


def test_values_of_remembered_cues_are_found():
    # the first of four observations says which action pays at the last step; in between nothing is seen
    learner = reinforcement.build("drqn", LINE, width=16, length=4, learning_rate=1e-2, target_share=0.05, discount=0.5)
    random, memory = np.random.default_rng(0), np.zeros((1, 18), np.float32)
    for _ in range(200):
        cue = random.choice([-1, 1])
        for place in range(4):
            action = random.integers(2)
            seen = np.array([[cue if place == 0 else 0]], np.float32)
            pays = np.float32([place == 3 and (action == 1) == (cue == 1)])
            end = np.array([place == 3])
            learner.replay.add(
                Transition(seen, np.array([action]), pays, seen * 0, end, end & False), memory
            )  # fmt: skip
    for _ in range(250):
        learner.update(learner.replay.sample(32, learner.random))
    for cue in (-1.0, 1.0):
        seen, flat = torch.tensor([[[cue], [0.0], [0.0], [0.0]]]), torch.zeros(1, 3)
        values = learner.values(learner.network, Pieces(seen, flat.long(), flat, flat, flat, torch.zeros(1, 18)))
        wanted = [0.0, 1.0] if cue == 1 else [1.0, 0.0]
        np.testing.assert_allclose(values.detach()[0, 3], wanted, atol=0.1)


def test_an_agent_that_remembers_becomes_spiking():
    task = tasks.load("cartpole-positions", episodes=5)
    agent = reinforcement.build("drqn", task.spaces, width=8)
    task = task.remembering(agent.memory, agent.told)
    visits = task.visited(agent.predict, 200)
    spiking = convert(agent.policy, visits.inputs, steps=10)
    expected = agent.predict(visits.inputs)
    assert np.abs(contender(spiking)(visits.inputs) - expected).max() < 0.01 * np.abs(expected).max()
    assert task.judge(contender(spiking)).values.shape == (5,)


def test_what_can_not_be_is_refused():
    with pytest.raises(InputError, match="DRQN: length is 0; it must be at least 1"):
        DRQNConfig(length=0)
    with pytest.raises(InputError, match=r"DRQN: discount is 2; it must lie in \[0, 1\]"):
        DRQNConfig(discount=2)
    with pytest.raises(InputError, match=r"\(1, 4, 4\): a recurrent agent takes vectors"):
        reinforcement.build("drqn", Spaces(observation_shape=(1, 4, 4), actions=2))
    with pytest.raises(InputError, match="scale has 2 numbers; an observation has 1"):
        reinforcement.build("drqn", LINE, scale=(1.0, 10.0))
    with pytest.raises(InputError, match="needs capacity and length >= 1"):
        SequenceReplay(LINE, 0, 4, 1, 0.9)
