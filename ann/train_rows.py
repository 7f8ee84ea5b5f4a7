"""How well do recurrent networks and a Transformer read digits that come in row by row?

Expected: 98 % and more for gated networks and the Transformer, about 96 % for Elman's network, on 9,000
altered copies of held-out digits.

Source: the task as in Le, Jaitly & Hinton 2015, by rows; the digits of Alpaydin & Kaynak 1998.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import torch

from neurobridge import program, tasks
from neurobridge.ann.inside.memory import gates_through_time
from neurobridge.ann.training import contender, fit_cached, recipe
from neurobridge.plots.sequences import gates, unrolled
from neurobridge.plots.style import save
from neurobridge.plots.training import curves


@dataclass
class Config:
    """What is trained."""

    task: str = "digits-augmented-rows"
    """digits-rows, digits-augmented-rows, digits-permuted or digits-augmented-permuted."""
    models: tuple[str, ...] = ("rnn", "gru", "lstm", "bilstm", "stacked-lstm", "transformer")
    """Networks on sequences."""
    seed: int = 0
    """Of weights and training."""
    out: Path = Path("reports/rows")
    """Folder of the weights and the figures."""
    quick: bool = False
    """One epoch: a look, not a result."""


def main(config: Config) -> None:
    """Train each network, print its accuracy; draw the curves, an LSTM's gates and its unrolled graph."""
    torch.set_num_threads(1)
    task = tasks.load(config.task)
    histories = {}
    for name in config.models:
        settings = replace(recipe(task.name, name), device="cpu")
        settings = replace(settings, epochs=1) if config.quick else settings
        model, history = fit_cached(task, name, config.seed, config.out / "weights", config=settings)
        histories[name] = {column: history.column(column) for column in ("loss", "validation")}
        print(f"{name:<16} {task.judge(contender(model)).summary:6.2f} %")
        if name in ("gru", "lstm"):
            opened = gates_through_time(model, torch.from_numpy(task.test.inputs[:1]))
            save(gates({gate: values[0] for gate, values in opened.items()}), config.out, f"gates-{name}")
    save(curves(histories, "validation accuracy (%)"), config.out, "curves")
    save(unrolled(["recurrent layer"], min(4, task.input_shape[0])), config.out, "unrolled")


if __name__ == "__main__":
    program.run(Config, main)
