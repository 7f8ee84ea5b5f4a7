"""A comparison in control: paired returns as a share of what was learnt, agreement in states that were visited."""

import numpy as np
import pytest

from neurobridge import tasks
from neurobridge.ann import reinforcement
from neurobridge.ann.reinforcement import RunConfig
from neurobridge.ann.reinforcement.fit import fit_cached
from neurobridge.ann.reinforcement.run import progress_of
from neurobridge.ann.training.contender import contender
from neurobridge.cli import compare as command
from neurobridge.comparison import compare as comparison
from neurobridge.comparison import measures, recipes, summary
from neurobridge.comparison.compare import compare
from neurobridge.comparison.contenders import ANN, SPIKING
from neurobridge.comparison.intervals import ratio_interval
from neurobridge.comparison.practice import practice
from neurobridge.comparison.study import Plan, Study
from neurobridge.conversion.convert import convert
from neurobridge.errors import InputError

FAST = {"QUICK_STEPS": 1200, "QUICK_EVALUATION": 600}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in FAST.items():
            patch.setattr(recipes, name, value)
        patch.setattr(measures, "STATES", 1000)
        yield compare(
            "cartpole",
            codes=("radix",),
            steps={"radix": (3, 8)},
            seeds=(0,),
            out=tmp_path_factory.mktemp("a") / "b",
            quick=True,
        )


def test_both_agents_play_the_same_episodes(found, monkeypatch):
    for name, value in FAST.items():
        monkeypatch.setattr(recipes, name, value)
    task = tasks.load("cartpole")
    policy = recipes.trained(task, "dqn", 0, found.study.weights, quick=True)
    spiking = convert(policy, recipes.calibration(task, policy), steps=8)
    own, theirs, lowest = task.judge(contender(spiking)), task.judge(contender(policy)), task.random_scores()
    rows = {(row["kind"], row["steps"]): row for row in found.rows}
    assert rows[ANN, None]["score"] == theirs.summary
    assert rows[SPIKING, 8]["score"] == own.summary
    expected = (own.values - theirs.values).sum() / (theirs.values - lowest.values).sum()
    gain = found.summary.of(SPIKING, "radix", 8).gain
    assert gain.estimate == pytest.approx(expected)
    assert gain.low <= gain.estimate <= gain.high
    assert len(rows[ANN, None]["tallies"]["lowest"]) == 200


def test_the_report_shows_how_the_agent_learnt(found):
    (drawing,) = practice(found.study)
    (line,) = [line for line in drawing.figure.axes[0].lines if line.get_label() == "dqn"]
    (folder,) = found.study.weights.glob("cartpole-dqn-0-*")
    scores = [row.score for row in progress_of(folder).evaluations]
    assert len(scores) == 2 and line.get_ydata().tolist() == scores
    assert "How the agent learnt" in found.report.read_text()


def test_studies_that_learn_from_answers_have_no_curves_of_practice(tmp_path):
    plan = Plan(task="digits", model="mlp", steps={"radix": (8,)}, seeds=(0,))
    assert practice(Study(folder=tmp_path, plan=plan, versions={}, command="")) == ()
    acting = Plan(task="cartpole", model="dqn", steps={"radix": (8,)}, seeds=(0,))
    assert practice(Study(folder=tmp_path, plan=acting, versions={}, command="")) == ()


def test_agents_of_several_seeds_come_through_different_numbers_of_episodes():
    rows = [
        {"tallies": {"lowest": [1.0], "agreements": [9, 8, 10], "trials": [10, 10, 10]}},
        {"tallies": {"lowest": [1.0], "agreements": [17, 18], "trials": [20, 20]}},
    ]
    assert summary.agreement(rows).estimate == pytest.approx(62 / 70)


def test_more_steps_agree_more(found):
    coarse, fine = (found.summary.of(SPIKING, "radix", steps) for steps in (3, 8))
    assert coarse.agreement.estimate < fine.agreement.estimate
    assert fine.agreement.estimate > 0.9


def test_the_report_speaks_of_episodes(found):
    assert "200 episodes of" in found.table()
    assert "difference % [95 % bounds]" in found.table()
    assert "of random actions" in found.report.read_text()
    assert command.described(found)["standings"][1]["gain"] is not None


def test_actions_that_are_numbers_are_compared_within_their_range():
    task = tasks.load("pendulum", episodes=2)
    theirs = np.array([[1.0], [3.0], [-2.0]])
    wanted = measures.Asked(inputs=np.zeros((3, 3)), outputs=theirs, groups=np.arange(3))
    same, errors = measures.compared(task, theirs + np.array([[0.4], [0.4], [0.0]]), wanted)
    assert same is None
    # 3 and 3.4 are both the largest torque, so that one of three actions differs by 0.4 of a range of 4
    assert errors["action_error"] == pytest.approx(0.1 / np.sqrt(3))


def test_a_ratio_of_sums_has_the_interval_of_its_parts():
    random = np.random.default_rng(0)
    lower = random.uniform(50, 60, (1, 400))
    upper = 0.1 * lower + random.normal(0, 2, (1, 400))
    found = ratio_interval(upper, lower)
    # linearised: standard error sd(upper - ratio * lower) / (sqrt(n) mean(lower)); the bounds at 1.96 of it
    half = 1.96 * np.std(upper - found.estimate * lower) / (20 * lower.mean())
    assert found.estimate == pytest.approx(upper.sum() / lower.sum())
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.1)


def test_an_agent_that_practised_is_read_again(tmp_path):
    task, run = tasks.load("cartpole", episodes=2), RunConfig(steps=200, evaluate_every=100, episodes=2)
    options = {"widths": (8,), "warm_up": 50}
    made = []
    first, _ = fit_cached(task, "dqn", 3, tmp_path, run=run, options=options, watchers=[made.append])
    again, progress = fit_cached(task, "dqn", 3, tmp_path, run=run, options=options, watchers=[made.append])
    assert len(made) == len(progress) == 2
    seen = task.calibration(5)
    np.testing.assert_array_equal(first.predict(seen), again.predict(seen))
    fit_cached(task, "dqn", 3, tmp_path, run=run, options={**options, "discount": 0.5})
    assert len(list(tmp_path.iterdir())) == 2


def test_a_team_and_its_spiking_form_play_the_same_episodes(tmp_path, monkeypatch):
    for name, value in {**FAST, "CALIBRATION_STATES": 500}.items():
        monkeypatch.setattr(recipes, name, value)
    monkeypatch.setattr(measures, "STATES", 400)
    found = compare("two-step", codes=("radix",), steps={"radix": (8,)}, seeds=(0,), out=tmp_path / "a", quick=True)
    assert found.study.plan.model == "qmix"
    rows = {row["kind"]: row for row in found.rows}
    task = tasks.load("two-step")
    policy = recipes.trained(task, "qmix", 0, found.study.weights, quick=True)
    assert rows[ANN]["score"] == task.judge(contender(policy)).summary
    assert rows[SPIKING]["score"] == task.judge(contender(convert(policy, recipes.calibration(task, policy)))).summary
    # every state asks both agents
    assert sum(rows[SPIKING]["tallies"]["trials"]) == 800 and rows[SPIKING]["agreement"] > 0.9


@pytest.mark.parametrize("central", [True, False])
def test_policies_of_a_team_become_spiking_side_by_side(central):
    task = tasks.load("speaker-listener", episodes=3)
    team = reinforcement.build("maddpg", task.spaces, widths=(8, 8), central=central)
    inputs = task.visited(team.predict, 200, seed=1).inputs
    spiking = convert(team.policy, inputs, steps=10)
    expected = team.predict(inputs)
    assert np.abs(contender(spiking)(inputs) - expected).max() < 0.01 * np.abs(expected).max()
    # nobody's output depends on what the other one sees
    mixed = np.concatenate([inputs[:, :1], inputs[::-1, 1:]], 1)
    np.testing.assert_array_equal(contender(spiking)(mixed)[:, 0], contender(spiking)(inputs)[:, 0])


def test_the_usual_agent_is_one_that_has_a_recipe_there():
    chosen = {name: comparison.chosen(tasks.load(name), None) for name in ("cartpole", "cartpole-positions", "catch")}
    assert chosen == {"cartpole": "dqn", "cartpole-positions": "drqn", "catch": "dqn"}
    assert [comparison.chosen(tasks.load(name), None) for name in ("two-step", "spread")] == ["qmix", "maddpg"]


def test_networks_that_can_not_act_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"model 'cnn' doesn't fit task 'cartpole'; these do: .*dqn"):
        compare("cartpole", "cnn", out=tmp_path / "a")
    assert "dqn" in recipes.fitting(tasks.load("cartpole")) and "dqn" in reinforcement.names()
