"""Can a network that looks back translate numbers into words, and where does it look?

Expected: more than 99 % of held-out numbers without a mistake, with either attention; in the picture most
words look at the digit that they name; the encoder reads both ways, so the last digit may stand for others.

Source: Bahdanau, Cho & Bengio 2015; Luong, Pham & Manning 2015.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import torch

from neurobridge import program, tasks
from neurobridge.ann.inside.attention import alignment
from neurobridge.ann.training import contender, fit_cached, recipe
from neurobridge.plots.sequences import attention
from neurobridge.plots.style import save


@dataclass
class Config:
    """What is trained."""

    task: str = "numbers-to-words"
    """numbers-to-words or dates-to-iso."""
    attentions: tuple[str, ...] = ("bahdanau", "luong")
    """Kinds of attention."""
    seed: int = 0
    """Of weights and training."""
    out: Path = Path("reports/translator")
    """Folder of the weights and the figures."""
    quick: bool = False
    """One epoch and 100 tests: a look, not a result."""


def main(config: Config) -> None:
    """Train with each attention, print exact matches, draw where one answer looks."""
    torch.set_num_threads(1)
    task = tasks.load(config.task)
    source = task.input_shape[0] - task.output_steps
    for kind in config.attentions:
        settings = replace(recipe(task.name, "seq2seq"), device="cpu")
        settings = replace(settings, epochs=1) if config.quick else settings
        model, _ = fit_cached(task, "seq2seq", config.seed, config.out / "weights", config=settings, attention=kind)
        score = task.judge(contender(model), limit=100 if config.quick else None).summary
        print(f"{kind:<12} exact match {score:6.2f} %")
        tokens = task.test.inputs[:1]
        answer = [task.labels[token] for token in task.test.targets[0] if token >= 0]
        read = [task.labels[token].replace("<end>", "") for token in tokens[0, :source]]
        weights = alignment(model, torch.from_numpy(tokens))[0, : len(answer)]
        save(attention(weights, answer, read, f"{kind} attention"), config.out, f"alignment-{kind}")


if __name__ == "__main__":
    program.run(Config, main)
