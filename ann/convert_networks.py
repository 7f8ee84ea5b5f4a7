"""Does a network of each family keep its answers when it is converted to spikes?

Expected: with the radix code and 8 steps a population, no trained CNN, LSTM, spatial transformer or forecaster
loses more than a tenth of a point or of its error; nothing is trained again.

Source: the codes and their exactness are the project's own; the fair rival is the network quantised to 8 bits.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import torch

import neurobridge as nb
from neurobridge import program, tasks
from neurobridge.ann.training import contender, fit_cached, recipe


@dataclass
class Config:
    """What is converted."""

    pairs: tuple[str, ...] = ("digits=cnn", "digits-rows=lstm", "digits-rotated=stn-cnn", "mackey-glass=lstm")
    """TASK=MODEL."""
    code: str = "radix"
    """radix, latency or rate; the last carries CNNs only."""
    steps: int = 8
    """Steps of a population."""
    samples: int = 500
    """Test samples that judge both networks."""
    seed: int = 0
    """Of weights and training."""
    out: Path = Path("reports/converted")
    """Folder of the weights and the certificates."""
    quick: bool = False
    """One epoch and 20 samples: a look, not a result."""


def main(config: Config) -> None:
    """Train, convert, judge both; write what was lost layer by layer."""
    torch.set_num_threads(1)
    samples = 20 if config.quick else config.samples
    for pair in config.pairs:
        task_name, _, model_name = pair.partition("=")
        task = tasks.load(task_name)
        settings = replace(recipe(task.name, model_name), device="cpu")
        settings = replace(settings, epochs=1) if config.quick else settings
        model, _ = fit_cached(task, model_name, config.seed, config.out / "weights", config=settings)
        snn = nb.convert(model, task.calibration(256), code=config.code, steps=config.steps)
        before, after = (task.judge(contender(network), limit=samples).summary for network in (model, snn))
        unit = f"{task.metric.name} {task.metric.unit}".strip()
        print(f"{pair:<28} {unit}: ANN {before:.4g}, spiking {after:.4g} in {snn.latency} steps")
        (config.out / f"{task_name}-{model_name}.txt").write_text(snn.certificate.table() + "\n")


if __name__ == "__main__":
    program.run(Config, main)
