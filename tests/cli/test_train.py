import json
import re

import pytest

from neurobridge import models, tasks
from neurobridge.ann import reinforcement
from neurobridge.ann.reinforcement.progress import bounds
from neurobridge.ann.training import contender, load_weights
from neurobridge.cli.main import main
from neurobridge.cli.train import Config, parsed, settings
from neurobridge.errors import InputError

QUICK = ["--epochs", "2", "--device", "cpu"]

OWN = """
import gymnasium
from gymnasium.envs.classic_control import CartPoleEnv

class Own(CartPoleEnv):
    def reset(self, **options):
        self.steps = 0
        return super().reset(**options)

    def step(self, action):
        self.steps += 1
        if self.steps == 3:
            raise ValueError("my fault")
        return super().step(action)

gymnasium.register("Own-v0", Own, max_episode_steps=50)
"""


def test_a_trained_network_can_be_loaded_and_has_the_printed_score(tmp_path, capsys):
    words = ["train", "digits", "mlp", *QUICK, "--options", "widths=16,", "--out", str(tmp_path / "run"), "--json"]
    assert main(words) == 0
    shown = json.loads(capsys.readouterr().out)
    model = models.build("mlp", tasks.load("digits"), widths=(16,))
    facts = load_weights(tmp_path / "run" / "weights.safetensors", model)
    score = tasks.load("digits").judge(contender(model)).summary
    assert shown["score"] == facts["score"] == pytest.approx(score)
    assert shown["rivals"]["logistic regression"] > 90
    assert (tmp_path / "run" / "curves.csv").read_text().count("\n") == 3


def test_the_same_command_again_trains_nothing(tmp_path, capsys):
    words = ["train", "parity", "rnn", *QUICK, "--task-options", "length=4", "--out", str(tmp_path), "--json"]
    assert main(words) == 0
    first = json.loads(capsys.readouterr().out)
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out) == first


def test_one_of_several_processes_speaks(tmp_path, capsys, monkeypatch):
    words = ["train", "parity", "rnn", *QUICK, "--task-options", "length=4", "--out", str(tmp_path)]
    assert main(words) == 0
    assert capsys.readouterr().out
    (tmp_path / "weights.safetensors").unlink()
    monkeypatch.setenv("RANK", "1")
    assert main(words) == 0
    assert capsys.readouterr().out == ""
    assert not (tmp_path / "weights.safetensors").exists()


def test_words_fit_a_terminal(tmp_path, capsys):
    assert main(["train", "parity", "rnn", *QUICK, "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "parity: accuracy on the test side (higher is better)" in shown
    assert "most frequent" in shown
    assert max(map(len, shown.splitlines()[:-1])) <= 80


def test_a_pair_that_makes_no_sense_lists_what_fits(tmp_path, capsys):
    assert main(["train", "digits", "lstm", "--out", str(tmp_path)]) == 2
    assert "these fit: cnn, mlp, residual-cnn, stn-cnn" in capsys.readouterr().err


def test_only_what_is_given_replaces_the_recipe():
    config = settings(Config(task="digits", model="cnn", learning_rate=0.5, options=("widths=4,",)))
    assert (config.learning_rate, config.epochs, config.options) == (0.5, 80, None)


def test_options_are_numbers_tuples_or_words():
    assert parsed(["widths=8,16", "pooling=max", "batch-norm=False"], "--options") == {
        "widths": (8, 16),
        "pooling": "max",
        "batch_norm": False,
    }


def test_options_that_cannot_be_read_are_refused():
    with pytest.raises(InputError, match="--options 'widths' can't be read; give NAME=VALUE"):
        parsed(["widths"], "--options")


def test_an_agent_is_trained_judged_and_kept(tmp_path, capsys):
    words = ["train", "cartpole", "dqn", "--steps", "300", "--evaluate-every", "150", "--episodes", "2"]
    words += ["--options", "widths=8,", "warm_up=50", "duelling=False", "--task-options", "episodes=10"]
    words += ["--out", str(tmp_path)]
    assert main([*words, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    task = tasks.load("cartpole", episodes=10)
    options = {"widths": (8,), "duelling": False}
    agent = reinforcement.build("dqn", task.spaces, **options)
    facts = load_weights(tmp_path / "weights.safetensors", agent.policy)
    assert shown["score"] == facts["score"] == task.judge(agent.predict).summary
    assert shown["rivals"]["random actions"] == task.random_scores().summary
    assert (tmp_path / "curves.csv").read_text().count("\n") == 3
    mean, low, high = bounds(task.judge(agent.predict).values)
    assert shown["interval"] == [low, high] and low < mean < high
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "mean return of 10 episodes that training never saw (higher is better)" in said
    assert re.search(rf"\n  dqn +{mean:.4g}  \(95 % interval {low:.4g} to {high:.4g}\)\n", said)
    assert re.search(r"\n  random actions +\S+  \(95 % interval \S+ to \S+\)\n", said)
    assert all(len(line) <= 80 for line in said.splitlines() if "weights" not in line)
    words[words.index("episodes=10")] = "episodes=1"  # one episode has no interval
    assert main(words) == 0
    assert "interval" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ("nosuchmod:X-v0", "error: environment 'nosuchmod:X-v0' can't be made: ModuleNotFoundError"),
        ("own:Own-v0", "error: environment 'Own-v0' fails in step 3 of an episode: ValueError: my fault (at "),
    ],
)
def test_a_users_environment_that_fails_is_no_fault_of_ours(environment, message, tmp_path, monkeypatch, capsys):
    (tmp_path / "own.py").write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    words = ["train", "control", "dqn", "--steps", "100", "--evaluate-every", "50", "--out", str(tmp_path / "run")]
    assert main([*words, "--task-options", f"environment={environment}"]) == 2
    said = capsys.readouterr().err
    assert message in said and "Traceback" not in said and "fault of neurobridge" not in said


def test_a_team_is_trained_judged_and_kept(tmp_path, capsys):
    words = ["train", "speaker-listener", "maddpg", "--steps", "400", "--evaluate-every", "200", "--episodes", "2"]
    words += ["--options", "widths=8,", "warm_up=100", "--task-options", "episodes=10", "--out", str(tmp_path)]
    assert main([*words, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    task = tasks.load("speaker-listener", episodes=10)
    agent = reinforcement.build("maddpg", task.spaces, widths=(8,))
    load_weights(tmp_path / "weights.safetensors", agent.policy)
    assert shown["score"] == task.judge(agent.predict).summary
    assert shown["rivals"]["random actions"] == task.random_scores().summary
    assert (tmp_path / "curves.csv").read_text().count("\n") == 3
    # the same command again trains nothing, a longer one goes on
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == shown
    words[4] = "600"
    assert main(words) == 0
    assert "of 600, the best of 3 evaluations" in capsys.readouterr().out
    assert (tmp_path / "curves.csv").read_text().count("\n") == 4


def test_a_recipe_that_keeps_the_last_policy_says_so(tmp_path, capsys):
    words = ["train", "two-step", "qmix", "--steps", "1600", "--evaluate-every", "800", "--out", str(tmp_path)]
    assert main(words) == 0
    assert "policy of step 1,600 of 1,600, the last of 2 evaluations" in capsys.readouterr().out


def test_options_of_the_other_kind_of_training_are_refused(tmp_path, capsys):
    assert main(["train", "cartpole", "dqn", "--epochs", "3", "--clip", "1", "--out", str(tmp_path)]) == 2
    assert "--clip, --epochs can't be used with task 'cartpole'" in capsys.readouterr().err
    assert main(["train", "digits", "mlp", "--steps", "3", "--out", str(tmp_path)]) == 2
    assert "--steps can't be used with task 'digits'" in capsys.readouterr().err
