"""Can a network put together what no single picture shows, or tell a window of sensors that is not as it should be?

Expected: a convolutional network with an LSTM behind it reads mostly hidden moving digits where logistic
regression on the mean picture does not; a Transformer finds anomalies with a larger area under the
precision-recall curve than the reconstruction error of principal components, which sees no labels.

Source: Donahue et al. 2015 for CNN + LSTM; Srivastava, Mansimov & Salakhutdinov 2015 for moving digits.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import torch

from neurobridge import program, tasks
from neurobridge.ann.training import contender, fit_cached, recipe
from neurobridge.tasks import baselines
from neurobridge.tasks.scoring import precision_and_recall


@dataclass
class Config:
    """What is trained."""

    pairs: tuple[str, ...] = ("moving-digits=cnn-lstm", "anomalies=transformer")
    """TASK=MODEL; also n-mnist=cnn-lstm, shd=gru and spoken-words=bilstm with --data."""
    data: Path | None = None
    """Where the recordings are, for tasks that read files."""
    seed: int = 0
    """Of weights and training."""
    out: Path = Path("reports/watcher")
    """Folder of the weights."""
    quick: bool = False
    """One epoch: a look, not a result."""


def main(config: Config) -> None:
    """Train each pair and print its score beside the rivals'."""
    torch.set_num_threads(1)
    for pair in config.pairs:
        task_name, _, model_name = pair.partition("=")
        task = tasks.load(task_name, config.data)
        settings = replace(recipe(task.name, model_name), device="cpu")
        settings = replace(settings, epochs=1) if config.quick else settings
        model, _ = fit_cached(task, model_name, config.seed, config.out / "weights", config=settings)
        contenders = {model_name: contender(model), **{name: baselines.fit(name, task) for name in task.baselines}}
        for name, predict in contenders.items():
            scores = task.judge(predict)
            print(f"{task.name:<16} {name:<32} {task.metric.name} {scores.summary:8.3f} {task.metric.unit}")
            if task.scoring == "anomaly" and name == model_name:
                precision, recall = precision_and_recall(scores.values, 0.0)  # the logit of even odds
                print(f"{'':<16} at even odds: precision {precision:.3f}, recall {recall:.3f}")


if __name__ == "__main__":
    program.run(Config, main)
