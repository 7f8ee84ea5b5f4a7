"""Does a recurrent network know Python's reference text better than counting three words does?

Expected: the perplexity of the LSTM is close to that of an interpolated Kneser-Ney 3-gram, a strong rival
on so small a text; mixed with it, it is about a fifth lower than that of either.

Source: Mikolov et al. 2010; Chen & Goodman 1999 for the rival.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy import ndarray

from neurobridge import program, tasks
from neurobridge.ann.models.sampling import sample
from neurobridge.ann.training import contender, fit_cached, recipe
from neurobridge.plots.style import save
from neurobridge.plots.training import curves
from neurobridge.tasks import baselines


@dataclass
class Config:
    """What is trained."""

    task: str = "text-words"
    """text-words or text-characters."""
    models: tuple[str, ...] = ("language-model", "transformer-language-model")
    """Language models."""
    data: Path | None = None
    """A text of your own; Python's reference if left out."""
    seed: int = 0
    """Of weights and training."""
    words: int = 60
    """Tokens of the text that is made up at the end."""
    temperature: float = 0.7
    """Of that text: lower is safer."""
    top_p: float = 0.9
    """Share of the probability that it is drawn from."""
    out: Path = Path("reports/language-model")
    """Folder of the weights and the figure."""
    quick: bool = False
    """One epoch: a look, not a result."""


def main(config: Config) -> None:
    """Train, compare with the rival alone and mixed with it, make up a text."""
    torch.set_num_threads(1)
    task = tasks.load(config.task, config.data)
    rival = baselines.fit(task.baselines[0], task)
    theirs = {side: task.judge_on(getattr(task, side), rival).values for side in ("validation", "test")}
    print(f"{task.baselines[0]:<32} perplexity {np.exp(theirs['test'].mean()):8.2f}")
    histories = {}
    for name in config.models:
        settings = replace(recipe(task.name, name), device="cpu")
        settings = replace(settings, epochs=1) if config.quick else settings
        model, history = fit_cached(task, name, config.seed, config.out / "weights", config=settings)
        histories[name] = {column: history.column(column) for column in ("loss", "validation")}
        ours = {side: task.judge_on(getattr(task, side), contender(model)).values for side in ("validation", "test")}
        share = min(np.linspace(0, 1, 21), key=lambda part: mixed(ours["validation"], theirs["validation"], part))
        print(
            f"{name:<32} perplexity {np.exp(ours['test'].mean()):8.2f}, mixed with the rival "
            f"{mixed(ours['test'], theirs['test'], share):8.2f} (share {share:.2f}, chosen on the validation text)"
        )
        start = torch.from_numpy(task.test.inputs[0, :8])
        text = sample(model, start, config.words, temperature=config.temperature, top_p=config.top_p, seed=config.seed)
        print("  " + (" " if "words" in task.name else "").join(task.labels[token] for token in text))
    save(curves(histories, "validation perplexity"), config.out, "curves")


def mixed(ours: ndarray, theirs: ndarray, share: float) -> float:
    """Return the perplexity of share x ours + (1 - share) x theirs, from -log p of each token."""
    return float(np.exp(-np.log(share * np.exp(-ours) + (1 - share) * np.exp(-theirs)).mean()))


if __name__ == "__main__":
    program.run(Config, main)
