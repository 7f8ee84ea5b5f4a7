"""How far back can a network learn to look? Adding, copying and parity, and the gradient that reaches the first step.

Expected: on the adding problem of length 100 the GRU and the LSTM come below 0.01 where answering 1 has
0.167; Elman's network stays near 0.167. Its gradient vanishes exponentially, that of the gated networks far
more slowly once trained.

Source: Hochreiter & Schmidhuber 1997; Bengio, Simard & Frasconi 1994 for the gradients.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import torch

from neurobridge import program, tasks
from neurobridge.ann.inside.memory import gradients_through_time
from neurobridge.ann.training import contender, fit_cached, recipe
from neurobridge.plots.sequences import gradients
from neurobridge.plots.style import save
from neurobridge.tasks import baselines


@dataclass
class Config:
    """What is trained."""

    task: str = "adding"
    """adding or parity."""
    length: int = 100
    """Steps of a sequence."""
    models: tuple[str, ...] = ("rnn", "gru", "lstm")
    """Recurrent networks."""
    seed: int = 0
    """Of weights and training."""
    out: Path = Path("reports/memory")
    """Folder of the weights and the figure."""
    quick: bool = False
    """One epoch: a look, not a result."""


def main(config: Config) -> None:
    """Train each network, print its score, draw the gradients through time."""
    torch.set_num_threads(1)
    task = tasks.load(config.task, length=config.length)
    inputs, targets = torch.from_numpy(task.test.inputs[:64]), torch.from_numpy(task.test.targets[:64])
    norms = {}
    for name in config.models:
        settings = replace(recipe(task.name, name), device="cpu")
        settings = replace(settings, epochs=1) if config.quick else settings
        model, _ = fit_cached(task, name, config.seed, config.out / "weights", config=settings)
        norms[name.upper()] = gradients_through_time(model, inputs, targets, task.loss)
        print(f"{name:<16} {task.judge(contender(model)).summary:10.5f} {task.metric.unit}")
    for name in task.baselines:
        print(f"{name:<16} {task.judge(baselines.fit(name, task)).summary:10.5f} {task.metric.unit}")
    save(gradients(norms), config.out, f"gradients-{config.task}")


if __name__ == "__main__":
    program.run(Config, main)
