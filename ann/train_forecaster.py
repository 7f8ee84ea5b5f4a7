"""How far ahead can an LSTM see a chaotic series?

Expected: on Mackey-Glass an error of about 1 % of the series' spread, one step and 20 steps ahead, where
linear autoregression has 46 % at 20 steps and the last value is of no use. One step ahead, without noise,
the linear rule is the better one: a smooth series is locally a polynomial.

Source: Mackey & Glass 1977; Lorenz 1963.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from neurobridge import program, tasks
from neurobridge.ann.training import contender, fit_cached, recipe
from neurobridge.plots.sequences import forecast
from neurobridge.plots.style import save
from neurobridge.tasks import baselines

SHOWN = 150


@dataclass
class Config:
    """What is trained."""

    tasks: tuple[str, ...] = ("mackey-glass", "mackey-glass-20")
    """mackey-glass, mackey-glass-20, lorenz or forecast-csv."""
    model: str = "lstm"
    """A network on sequences."""
    data: Path | None = None
    """A CSV file with a header, for forecast-csv."""
    seed: int = 0
    """Of weights and training."""
    out: Path = Path("reports/forecaster")
    """Folder of the weights and the figures."""
    quick: bool = False
    """One epoch: a look, not a result."""


def main(config: Config) -> None:
    """Train on each series, print errors beside the rivals', draw a stretch of forecasts."""
    torch.set_num_threads(1)
    for name in config.tasks:
        task = tasks.load(name, config.data)
        settings = replace(recipe(task.name, config.model), device="cpu")
        settings = replace(settings, epochs=1) if config.quick else settings
        model, _ = fit_cached(task, config.model, config.seed, config.out / "weights", config=settings)
        contenders = {config.model: contender(model), **{rival: baselines.fit(rival, task) for rival in task.baselines}}
        for rival, predict in contenders.items():
            print(f"{name:<20} {rival:<24} NRMSE {task.judge(predict).summary:8.4f}")
        shown = {rival: np.asarray(predict(task.test.inputs[:SHOWN]))[:, 0] for rival, predict in contenders.items()}
        save(forecast(task.test.inputs[0, :, 0], task.test.targets[:SHOWN, 0], shown), config.out, name)


if __name__ == "__main__":
    program.run(Config, main)
