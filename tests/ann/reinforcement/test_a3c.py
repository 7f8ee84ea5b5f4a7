"""A3C: its shared steps against torch's own, weights that all workers change, and failures that end the run."""

import os
import signal

import numpy as np
import pytest
import torch

from neurobridge.ann import reinforcement
from neurobridge.ann.reinforcement.a3c import A3CConfig, SharedRMSprop
from neurobridge.ann.reinforcement.recipes import recipe
from neurobridge.errors import InputError, TrainingError
from tests.ann.reinforcement.worlds import Bandit, practised, world


def chances(agent):
    with torch.no_grad():
        return torch.from_numpy(agent.predict(np.ones((1, 1), np.float32))).softmax(-1)[0]


def test_alone_its_steps_are_those_of_torch():
    mine, theirs = (torch.nn.Parameter(torch.linspace(-1, 1, 7)) for _ in range(2))
    own, known = SharedRMSprop(mine, 0.01), torch.optim.RMSprop([theirs], lr=0.01, alpha=0.99, eps=1e-5)
    for step in range(5):
        mine.grad, theirs.grad = ((weight.detach() - step) ** 3 for weight in (mine, theirs))
        own.step()
        known.step()
        torch.testing.assert_close(mine, theirs)


def test_one_sees_what_the_other_changed():
    first, second = (torch.nn.Parameter(torch.full((3,), value)) for value in (1.0, 5.0))
    shared, squares = torch.zeros(3), torch.zeros(3)
    optimizers = [SharedRMSprop(weights, 0.1) for weights in (first, second)]
    for optimizer in optimizers:
        optimizer.join(shared, squares)
    assert first.tolist() == second.tolist() == [0, 0, 0]
    first.grad, second.grad = torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.0, 1.0, 0.0])
    optimizers[0].step()
    assert second.tolist() == [0, 0, 0]  # not before its own step
    optimizers[1].step()
    assert second.tolist() == shared.tolist() and (second[:2] < 0).all() and second[2] == 0
    assert first[1] == 0
    np.testing.assert_allclose(squares.tolist(), [0.0099, 0.01, 0], rtol=1e-5)


def test_one_worker_plays_in_this_process():
    agent = reinforcement.build("a3c", world(Bandit).spaces, widths=(8,), workers=1, learning_rate=1e-2)
    practised(agent, world(Bandit, 4), 2_000)
    assert chances(agent)[1] > 0.9


@pytest.mark.slow
def test_several_workers_learn_on_the_same_weights():
    agent = reinforcement.build("a3c", world(Bandit).spaces, widths=(8,), workers=2, learning_rate=1e-2)
    environments = world(Bandit, 4)
    before = agent.weights.values.detach().clone()
    losses = practised(agent, environments, 2_000)
    assert agent.steps == len(environments.finished) == 2_000
    assert agent.updates == 200 and len(losses) == 2  # each of two workers: 1,000 steps, 10 an update
    assert not torch.equal(agent.weights.values.detach(), before)
    assert chances(agent)[1] > 0.9
    assert (agent.optimizer.squares > 0).any()


class Broken(Bandit):
    """It fails in its tenth episode, or ends its process."""

    vanish = False

    def reset(self, *, seed=None, options=None):
        self.played = getattr(self, "played", 0) + 1
        if self.played == 10 and self.vanish:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.played == 10:
            raise ValueError("the arm came off")
        return super().reset()


class Vanishing(Broken):
    vanish = True


class Unpaid(Bandit):
    PAID = (float("nan"),) * 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (
            Broken,
            r"worker \d of 2 failed: environment 'Broken' fails in reset: ValueError: the arm came off \(at .*\)$",
        ),
        (
            Unpaid,
            r"worker \d of 2 failed: environment 'Unpaid': the reward of step 1 of an episode is nan; only finite",
        ),
        (Vanishing, r"worker \d of 2 was ended.*SIGKILL"),
    ],
)
def test_a_worker_that_fails_ends_the_run(kind, message):
    agent = reinforcement.build("a3c", world(kind).spaces, widths=(8,), workers=2)
    with pytest.raises(TrainingError, match=message):
        practised(agent, world(kind, 2), 200)
    assert agent.steps == 0


def test_the_run_that_it_has_by_default_gives_every_worker_an_environment():
    for environment in ("cartpole", "pendulum", "Any-v0"):
        found = recipe(environment, "a3c")
        assert found.run.environments >= A3CConfig(**found.options).workers


def test_what_can_not_be_is_refused():
    with pytest.raises(InputError, match="A3C: workers is 0; it must be at least 1"):
        A3CConfig(workers=0)
    agent = reinforcement.build("a3c", world(Bandit).spaces, widths=(8,), workers=3)
    with pytest.raises(
        InputError, match=r"A3C: 3 workers need as many .* 2; give --environments 3, or --options workers=2"
    ):
        practised(agent, world(Bandit, 2), 20)
    agent = reinforcement.build("a3c", world(Bandit).spaces, widths=(8,), workers=2)
    environments = world(Bandit, 2)
    environments.copies[1].draw = lambda: None
    with pytest.raises(InputError, match=r"A3C: these environments can't be sent to another process \(.*workers=1"):
        practised(agent, environments, 20)
