"""What the ANN bank reaches: every network and task of the table, three seeds, trained by their recipes.

Run it as `python -m benchmarks.ann_bank`; rows are kept as they finish, and a run that was killed goes on. It takes
about an hour on one core. Scores are those of the test side; rivals are the task's plain baselines.
"""

import json
import platform
from pathlib import Path
from statistics import mean, stdev

import numpy as np
import torch

from neurobridge import tasks
from neurobridge.ann.training import contender, fit_cached
from neurobridge.tasks import baselines

RESULT = Path(__file__).parent / "results" / "ann_bank.json"
WEIGHTS = Path("reports/ann-bank")
SEEDS = (0, 1, 2)
# (task, model, what the figure must be, "higher" or "lower" than)
TABLE = (
    ("digits", "cnn", 98.0, "higher"),
    ("digits-rotated", "cnn", None, "higher"),
    ("digits-rotated", "stn-cnn", None, "higher"),
    ("digits-rows", "lstm", 97.0, "higher"),
    ("digits-rows", "gru", 97.0, "higher"),
    ("digits-rows", "bilstm", 97.0, "higher"),
    ("digits-rows", "rnn", 94.0, "higher"),
    ("digits-augmented-rows", "lstm", 97.0, "higher"),
    ("digits-augmented-rows", "gru", 97.0, "higher"),
    ("digits-augmented-rows", "bilstm", 97.0, "higher"),
    ("mackey-glass", "lstm", 0.02, "lower"),
    ("mackey-glass-20", "lstm", 0.15, "lower"),
    ("text-words", "language-model", None, "lower"),
    ("copy-memory", "language-model", 99.0, "higher"),
    ("numbers-to-words", "seq2seq", 99.0, "higher"),
    ("adding", "gru", 0.01, "lower"),
    ("adding", "lstm", 0.01, "lower"),
    ("adding", "rnn", None, "lower"),
    ("digits-augmented-rows", "rnn", 94.0, "higher"),
    ("digits-augmented-rows", "stacked-lstm", 97.0, "higher"),
    ("digits-augmented-rows", "transformer", 97.0, "higher"),
    ("anomalies", "gru", None, "higher"),
    ("anomalies", "transformer", None, "higher"),
    ("anomalies", "lstm", None, "higher"),
)


def main():
    torch.set_num_threads(1)
    rows = json.loads(RESULT.read_text())["rows"] if RESULT.exists() else {}
    for task_name, model_name, target, better in TABLE:
        name = f"{task_name} {model_name}"
        if name not in rows:
            rows[name] = measure(task_name, model_name) | {"target": target, "better": better}
            write(rows)
        mixed = rows[name].get("interpolated with the rival")
        print(f"{name:40s} {rows[name]['mean']:10.4g} +- {rows[name]['deviation']:.2g}", flush=True)
        if mixed:
            print(f"{'  interpolated with the rival':40s} {mean(entry['perplexity'] for entry in mixed):10.4g}")


def measure(task_name, model_name):
    task = tasks.load(task_name)
    scores, seconds, extra = [], [], []
    for seed in SEEDS:
        model, history = fit_cached(task, model_name, seed, WEIGHTS)
        scores.append(task.judge(contender(model)).summary)
        seconds.append(float(history.column("seconds").sum()))
        if task_name == "text-words":
            extra.append(interpolated(task, model))
    found = {
        "metric": task.metric.name,
        "unit": task.metric.unit,
        "scores": scores,
        "mean": mean(scores),
        "deviation": stdev(scores),
        "seconds": seconds,
        "test units": len(task.test),
        "rivals": {name: task.judge(baselines.fit(name, task)).summary for name in task.baselines},
    }
    return found | ({"interpolated with the rival": extra} if extra else {})


def interpolated(task, model):
    """Return the perplexity of the best mixture with the rival; its share is chosen on the validation text."""
    rival, ours = baselines.fit(task.baselines[0], task), contender(model)

    def mixed(side, share):
        a, b = (task.judge_on(side, predict).values for predict in (ours, rival))
        return np.array([np.exp(-np.log(w * np.exp(-a) + (1 - w) * np.exp(-b)).mean()) for w in share])

    shares = np.linspace(0, 1, 21)
    chosen = shares[mixed(task.validation, shares).argmin()]
    return {"share": float(chosen), "perplexity": float(mixed(task.test, [chosen])[0])}


def write(rows):
    RESULT.parent.mkdir(exist_ok=True)
    versions = {"python": platform.python_version(), "torch": torch.__version__}
    RESULT.write_text(json.dumps({"versions": versions, "seeds": SEEDS, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
