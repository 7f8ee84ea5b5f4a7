"""Do networks that read in order understand what counting words cannot?

Expected: on sentences where "not" turns a word round and the clause after "but" decides, a bag of words
guesses (50 %) and an LSTM makes hardly a mistake.

Source: the grammar of the task sentiment-grammar; Maas et al. 2011 for reviews in folders.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import torch

from neurobridge import program, tasks
from neurobridge.ann.training import contender, fit_cached, recipe
from neurobridge.tasks import baselines


@dataclass
class Config:
    """What is trained."""

    task: str = "sentiment-grammar"
    """sentiment-grammar, sentiment-imdb or sentiment-csv."""
    models: tuple[str, ...] = ("lstm", "gru", "transformer")
    """Networks on texts."""
    data: Path | None = None
    """Where the texts are, for tasks that read files."""
    seed: int = 0
    """Of weights and training."""
    out: Path = Path("reports/reader")
    """Folder of the weights."""
    quick: bool = False
    """One epoch: a look, not a result."""


def main(config: Config) -> None:
    """Train each network and print its accuracy beside that of counting words."""
    torch.set_num_threads(1)
    task = tasks.load(config.task, config.data)
    for name in task.baselines:
        print(f"{name:<16} {task.judge(baselines.fit(name, task)).summary:6.2f} %")
    for name in config.models:
        settings = replace(recipe(task.name, name), device="cpu")
        settings = replace(settings, epochs=1) if config.quick else settings
        model, _ = fit_cached(task, name, config.seed, config.out / "weights", config=settings)
        print(f"{name:<16} {task.judge(contender(model)).summary:6.2f} %")


if __name__ == "__main__":
    program.run(Config, main)
