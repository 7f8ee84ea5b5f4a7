"""MADDPG: its critics see everyone, its gradient is each agent's own, its targets are those of the paper."""

import gymnasium
import numpy as np
import pytest
import torch
from torch import nn

from neurobridge.ann import reinforcement
from neurobridge.ann.reinforcement.maddpg import MADDPGConfig
from neurobridge.ann.reinforcement.recipes import recipe
from neurobridge.ann.reinforcement.replay import Batch
from neurobridge.errors import InputError
from neurobridge.tasks.environments import Spaces, make
from tests.ann.reinforcement.worlds import practised, world

SPACES = Spaces(observation_shape=(3,), actions=4, agents=2)
SMALL = {"widths": (16,), "batch_size": 64, "capacity": 4000, "warm_up": 100, "update_every": 4}


def agent(**options):
    return reinforcement.build("maddpg", SPACES, **{**SMALL, **options})


def rows(count=12):
    random = torch.Generator().manual_seed(0)
    seen, after = (torch.randn(count, 2, 3, generator=random) for _ in range(2))
    actions, rewards = torch.randint(4, (count, 2), generator=random), torch.randn(count, 2, generator=random)
    left = torch.tensor([0.0, 0.9] * (count // 2))
    return Batch(seen, actions, rewards, after, left, torch.ones(count), np.arange(count))


@pytest.mark.parametrize(("central", "reach"), [(True, [[True, True], [True, True]]), (False, np.eye(2, dtype=bool))])
def test_critics_see_everyone_or_only_their_own(central, reach):
    learner, batch = agent(central=central), rows()
    for watched in range(2):
        seen, done = batch.observations.clone().requires_grad_(), torch.rand(12, 2, 4).requires_grad_()
        learner.values(learner.critics, seen, done)[:, watched].sum().backward()
        for other in range(2):
            assert bool((seen.grad[:, other] != 0).any()) == bool(reach[watched][other])
            assert bool((done.grad[:, other] != 0).any()) == bool(reach[watched][other])


@pytest.mark.parametrize("central", [True, False])
def test_a_policy_is_taught_by_its_own_critic_alone(central):
    learner, batch = agent(central=central), rows()
    own = torch.rand(12, 2, 4).requires_grad_()
    done = torch.nn.functional.one_hot(batch.actions, 4).float()
    values = learner.values(learner.critics, batch.observations, done, own)
    for watched in range(2):
        (slope,) = torch.autograd.grad(values[:, watched].sum(), own, retain_graph=True)
        assert (slope[:, watched] != 0).any() and (slope[:, 1 - watched] == 0).all()
    torch.testing.assert_close(
        learner.values(learner.critics, batch.observations, done, done),
        learner.values(learner.critics, batch.observations, done),
    )


def test_targets_are_those_of_the_paper_and_follow_by_their_share():
    learner, batch = agent(target_share=0.25), rows()
    with torch.no_grad():
        for slow in learner.slow:
            slow.values.add_(0.1)
        state = learner.generator.get_state()
        chosen = learner.noisy(learner.slow_policy(batch.successors)).argmax(-1)
        learner.generator.set_state(state)
        after = []
        for number in range(2):
            everything = torch.cat([batch.successors.flatten(1), nn.functional.one_hot(chosen, 4).flatten(1)], 1)
            after.append(learner.slow_critics(everything[:, None].expand(-1, 2, -1))[:, number, 0])
        goals = batch.rewards + batch.discounts[:, None] * torch.stack(after, 1)
        done = nn.functional.one_hot(batch.actions, 4).float()
        errors = learner.values(learner.critics, batch.observations, done) - goals
    before = [slow.values.clone() for slow in learner.slow]
    assert learner.update(batch)["value"] == pytest.approx(float(errors.square().mean()), rel=1e-5)
    for old, slow, fast in zip(before, learner.slow, learner.flat, strict=True):
        torch.testing.assert_close(slow.values.detach(), (0.75 * old + 0.25 * fast.values).detach())


def test_choices_have_the_chances_of_their_logits():
    # 40,000 draws: 4 standard errors are 0.01, missed by chance in fewer than one of 5,000 runs
    logits = torch.tensor([0.5, -1.0, 2.0, 0.0]).repeat(40_000, 1)
    drawn = agent().noisy(logits).argmax(-1)
    np.testing.assert_allclose(np.bincount(drawn, minlength=4) / 40_000, logits[0].softmax(-1), atol=0.01)


class Agree(gymnasium.Env):
    """One agent is shown a number of two, the other nothing; both are paid if the other one's choice names it.

    The first agent's choice is shown to the second in the next step, the last one.
    """

    agents = 2

    def __init__(self):
        self.observation_space = gymnasium.spaces.Box(-1.0, 1.0, (2, 3), np.float32)
        self.action_space = gymnasium.spaces.MultiDiscrete([2, 2])

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.told, self.word = int(self.np_random.integers(2)), None
        return self._seen(), {}

    def step(self, action):
        last = self.word is not None
        paid = float(last and action[1] == self.told)
        self.word = int(action[0])
        return self._seen(), np.full(2, paid, np.float32), last, False, {}

    def _seen(self):
        seen = np.zeros((2, 3), np.float32)
        seen[0, self.told] = seen[1, 2] = 1
        if self.word is not None:
            seen[1, self.word] = 1
        return seen


def test_a_word_is_agreed_on():
    learner = reinforcement.build("maddpg", world(Agree).spaces, **{**SMALL, "learning_rate": 5e-3})
    practised(learner, world(Agree, 4), 6_000)
    words = []
    for told in range(2):
        first = np.zeros((1, 2, 3), np.float32)
        first[0, 0, told] = first[0, 1, 2] = 1
        words.append(int(learner.predict(first)[0, 0].argmax()))
        second = first.copy()
        second[0, 1, words[-1]] = 1
        assert learner.predict(second)[0, 1].argmax() == told
    assert sorted(words) == [0, 1]


def test_what_can_not_be_is_refused():
    with pytest.raises(InputError, match="MADDPG: batch_size is 0; it must be at least 1"):
        MADDPGConfig(batch_size=0)
    with pytest.raises(InputError, match=r"agent 'maddpg' can't give .* 'numbers'; these agents can: .*ddpg"):
        reinforcement.build("maddpg", make("pendulum").spaces)
    with pytest.raises(InputError, match=r"MADDPG: agents see shape \(1, 2, 2\); it takes vectors"):
        reinforcement.build("maddpg", Spaces(observation_shape=(1, 2, 2), actions=2, agents=2))


@pytest.mark.slow
def test_a_speaker_is_understood():
    # random actions bring -40; one that ignores what is said and goes to the middle about -16
    pytest.importorskip("mpe2")
    found = recipe("speaker-listener", "maddpg")
    learner = reinforcement.build("maddpg", make("speaker-listener").spaces, **found.options)
    learner, _ = reinforcement.train(learner, "speaker-listener", found.run)
    assert reinforcement.training.evaluate(learner, "speaker-listener", range(10_000, 10_200)).mean() >= -12
