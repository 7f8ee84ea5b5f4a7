"""The run that all agents share: exact resumption, refusals, failures that keep the last good checkpoint."""

import os
import signal

import numpy as np
import pytest
import torch

from neurobridge.ann import reinforcement
from neurobridge.ann.reinforcement import RunConfig, training
from neurobridge.ann.reinforcement.progress import Evaluation, Progress, bounds, held
from neurobridge.ann.reinforcement.run import progress_of
from neurobridge.ann.reinforcement.workers import run_workers
from neurobridge.ann.training import CurveFile, TensorBoard, checkpoint
from neurobridge.errors import FileFormatError, InputError, TrainingError, UnknownNameError
from neurobridge.tasks.environments import make, vector

SHORT = {"steps": 360, "evaluate_every": 120, "episodes": 3}
SMALL = {"widths": (16,), "warm_up": 60, "batch_size": 16, "capacity": 200}
# every option that keeps something: the tree of priorities, rows that wait for later rewards
KEEPING = {
    "a2c": {"widths": (8,), "length": 7},
    "a3c": {"widths": (8,), "length": 7, "workers": 1},
    "ddpg": SMALL,
    "dqn": {**SMALL, "steps": 3, "priority": 0.6, "duelling": True, "double": True, "gap": 0.5},
    "drqn": {"width": 8, "warm_up": 60, "batch_size": 8, "capacity": 40, "length": 8},
    "maddpg": SMALL,
    "ppo": {"widths": (8,), "length": 25, "epochs": 2, "memory": 6},
    "qmix": SMALL,
    "reinforce": {"widths": (8,), "episodes": 3},
    "sac": SMALL,
    "vdn": SMALL,
}
WHERE = {"ddpg": "pendulum", "sac": "pendulum"}  # all others on a cart
WHERE |= dict.fromkeys(("maddpg", "qmix", "vdn"), "two-step")


def fresh(name="dqn", environment=None, seed=0, **options):
    environment = environment or WHERE.get(name, "cartpole")
    return reinforcement.build(name, make(environment).spaces, seed=seed, **(options or KEEPING[name]))


class KilledError(Exception):
    pass


def test_every_agent_is_resumed_in_a_test():
    assert set(KEEPING) == set(reinforcement.names())


@pytest.mark.parametrize("name", sorted(KEEPING))
@pytest.mark.parametrize("copies", [1, 3])
def test_a_killed_run_ends_with_the_same_weights(name, copies, tmp_path):
    config, where = RunConfig(environments=copies, **SHORT), WHERE.get(name, "cartpole")
    whole, progress = training.train(fresh(name), where, config, directory=tmp_path / "whole")

    def kill(row):
        if row.step == 240:
            raise KilledError

    with pytest.raises(KilledError):
        training.train(fresh(name), where, config, directory=tmp_path / "cut", watchers=[kill])
    resumed, again = training.train(fresh(name, seed=7), where, config, directory=tmp_path / "cut")
    for mine, theirs in zip(whole.policy.parameters(), resumed.policy.parameters(), strict=True):
        assert torch.equal(mine, theirs)
    assert progress.column("score").tolist() == again.column("score").tolist()
    assert progress.column("practice").tolist() == again.column("practice").tolist()
    ends = [checkpoint.read(tmp_path / folder / "last.safetensors")[0] for folder in ("whole", "cut")]
    assert ends[0].keys() == ends[1].keys()
    assert all(torch.equal(ends[0][key], ends[1][key]) for key in ends[0])


def test_the_best_policy_is_returned_and_kept(tmp_path):
    config = RunConfig(**SHORT)
    agent, progress = training.train(fresh(), "cartpole", config, directory=tmp_path)
    alone, _ = training.train(fresh(), "cartpole", config)
    seeds = training.evaluation_seeds(config.seed, config.episodes)
    for one in (agent, alone):
        assert training.evaluate(one, "cartpole", seeds).mean() == progress.column("score").max()


def test_a_run_stops_when_it_is_good_enough(tmp_path):
    config = RunConfig(**SHORT, enough=1.0)
    for _ in range(2):  # the second time it is over before it begins
        agent, progress = training.train(fresh(), "cartpole", config, directory=tmp_path)
        assert (agent.steps, len(progress)) == (120, 1)
    agent, progress = training.train(fresh(), "cartpole", RunConfig(**SHORT), directory=tmp_path)
    assert (agent.steps, len(progress)) == (360, 3)


def test_curves_go_on_in_their_file(tmp_path):
    watchers = [CurveFile(tmp_path / "curves.csv"), TensorBoard(tmp_path / "board")]
    training.train(fresh(), "cartpole", RunConfig(**SHORT), watchers=watchers)
    lines = (tmp_path / "curves.csv").read_text().splitlines()
    assert lines[0] == "step,episodes,practice,score,low,high,value,seconds"
    assert [line.split(",")[0] for line in lines[1:]] == ["120", "240", "360"]
    assert list((tmp_path / "board").iterdir())


def test_a_loss_that_is_no_number_keeps_the_last_good_checkpoint(tmp_path):
    agent = fresh()
    observe = agent.observe
    agent.observe = lambda step: observe(step._replace(rewards=step.rewards * (np.nan if agent.steps > 200 else 1)))
    with pytest.raises(TrainingError, match=r"value loss is nan at environment step 2\d\d, update \d+; the last good"):
        training.train(agent, "cartpole", RunConfig(**SHORT), directory=tmp_path)
    tensors, facts = checkpoint.read(tmp_path / "last.safetensors")
    assert [row["step"] for row in facts["progress"]] == [120]
    assert all(torch.isfinite(tensor).all() for tensor in tensors.values() if tensor.is_floating_point())


@pytest.mark.parametrize("name", ["dqn", "ppo"])
def test_an_environment_that_fails_late_keeps_the_last_good_checkpoint(name, tmp_path, monkeypatch):
    whole, acted = vector.Environments.step, []

    def step(environments, actions):
        acted.append(actions)
        if len(acted) > 200:
            monkeypatch.setattr(
                environments.copies[0].unwrapped, "step", lambda action: (np.zeros(4), np.nan, 0, 0, {})
            )
        return whole(environments, actions)

    monkeypatch.setattr(vector.Environments, "step", step)
    with pytest.raises(InputError, match=r"'CartPole-v1': the reward of step \d+ of an episode is nan"):
        training.train(fresh(name), "cartpole", RunConfig(**SHORT), directory=tmp_path)
    assert [row.step for row in progress_of(tmp_path).evaluations] == [120]


def test_outputs_that_are_no_numbers_end_the_run():
    agent = fresh()
    with torch.no_grad():
        next(agent.policy.parameters()).fill_(float("nan"))
    with pytest.raises(TrainingError, match="outputs of the policy are no longer finite"):
        training.evaluate(agent, "cartpole", [0])


def test_another_run_in_the_folder_is_refused(tmp_path):
    training.train(fresh(), "cartpole", RunConfig(**SHORT), directory=tmp_path)
    with pytest.raises(InputError, match=r"another training run \(options.discount 0.99, not 0.5\)"):
        training.train(fresh(discount=0.5, **KEEPING["dqn"]), "cartpole", RunConfig(**SHORT), directory=tmp_path)


def test_a_damaged_state_is_refused(tmp_path):
    agent = fresh()
    training.train(agent, "cartpole", RunConfig(**SHORT), directory=tmp_path)
    tensors, facts = checkpoint.read(tmp_path / "last.safetensors")
    del facts["environments"]
    checkpoint.write(tmp_path / "last.safetensors", tensors, facts)
    with pytest.raises(FileFormatError, match="is not the state of an agent"):
        training.train(fresh(), "cartpole", RunConfig(**SHORT), directory=tmp_path)


def test_agents_refuse_spaces_they_can_not_serve_and_say_who_can():
    with pytest.raises(InputError, match=r"agent 'dqn' can't give actions of the kind 'numbers'; these agents can: "):
        fresh(environment="pendulum")
    with pytest.raises(UnknownNameError, match="unknown agent 'dqm'; did you mean 'dqn'"):
        fresh("dqm", widths=(4,))
    with pytest.raises(UnknownNameError, match="unknown option of agent 'dqn', 'width'"):
        fresh(width=3)
    with pytest.raises(InputError, match="the agent was made for"):
        training.train(fresh(), "acrobot", RunConfig(**SHORT))


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"steps": 0}, "steps is 0; it must be at least 1"),
        ({"environments": 3, "steps": 10, "evaluate_every": 3}, "must be multiples of environments 3"),
        ({"keep": "worst"}, "keep is 'worst'; it must be 'best' or 'last'"),
        ({"seed": -1}, "seed is -1; it must be 0 or more"),
    ],
)
def test_runs_that_can_not_be_are_refused(fault, message):
    with pytest.raises(InputError, match=message):
        RunConfig(**fault)


def test_what_happened_is_read_from_a_folder(tmp_path):
    assert len(progress_of(tmp_path)) == 0
    _, progress = training.train(fresh(), "cartpole", RunConfig(**SHORT), directory=tmp_path)
    assert progress_of(tmp_path).rows() == progress.rows()
    checkpoint.write(tmp_path / "last.safetensors", {}, {"about": {}})
    with pytest.raises(FileFormatError, match="is not the state of an agent"):
        progress_of(tmp_path)


def test_a_run_that_stopped_early_keeps_its_last_return():
    def run(*scores):
        facts = {"episodes": 1, "practice": None, "low": 0.0, "high": 0.0, "losses": {}, "seconds": 1.0}
        return Progress([Evaluation(step=10 * n, score=score, **facts) for n, score in enumerate(scores, 1)])

    steps, returns = held([run(1.0, 5.0), run(2.0, 3.0, 4.0, 6.0)])
    np.testing.assert_array_equal(steps, [10, 20, 30, 40])
    np.testing.assert_array_equal(returns, [[1, 5, 5, 5], [2, 3, 4, 6]])


def test_bounds_are_those_of_students_t():
    # four values, mean 5, standard deviation 2.582: 3.182 * 2.582 / 2 = 4.108
    assert bounds(np.array([2.0, 4.0, 6.0, 8.0])) == pytest.approx((5.0, 0.8915, 9.1085), abs=1e-3)
    assert bounds(np.array([3.0])) == (3.0, 3.0, 3.0)


def raise_in(index, place):
    if index == place:
        raise ValueError("the pole broke")
    signal.pause()


def vanish(index):
    if index == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()


@pytest.mark.slow
def test_a_worker_that_fails_ends_the_run_with_its_traceback(caplog):
    with pytest.raises(TrainingError, match=r"(?s)worker 1 of 2 failed.*raise_in.*the pole broke"):
        run_workers(raise_in, 2, 1)
    with pytest.raises(TrainingError, match=r"worker 0 of 2 was ended from outside.*SIGKILL"):
        run_workers(vanish, 2)
    assert not caplog.records  # of torch, on whom it ended
