"""Does a network that may turn its input before it looks read rotated digits better?

Expected: with the spatial transformer the same convolutional network makes less than half of the errors,
and the figure shows the digits upright.

Source: Jaderberg, Simonyan, Zisserman & Kavukcuoglu 2015, section 4.1.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from neurobridge import program, tasks
from neurobridge.ann.inside.views import views
from neurobridge.ann.training import contender, fit_cached, recipe
from neurobridge.plots.images import before_and_after
from neurobridge.plots.style import save


@dataclass
class Config:
    """What is trained."""

    distortion: str = "rotated"
    """rotated, scaled, translated, sheared, perspective or cluttered."""
    parameterisation: str = "affine"
    """affine, translation, similarity, projective or thin-plate."""
    seed: int = 0
    """Of weights and training."""
    out: Path = Path("reports/spatial-transformer")
    """Folder of the weights and the figure."""
    quick: bool = False
    """Two epochs: a look, not a result."""


def main(config: Config) -> None:
    """Train the network with and without the transformer, print both, draw what it sees."""
    torch.set_num_threads(1)
    task = tasks.load(f"digits-{config.distortion}")
    settings = replace(recipe(task.name), device="cpu")
    settings = replace(settings, epochs=2) if config.quick else settings
    plain, _ = fit_cached(task, "cnn", config.seed, config.out / "weights", config=settings)
    turning, _ = fit_cached(
        task, "stn-cnn", config.seed, config.out / "weights", config=settings, parameterisation=config.parameterisation
    )
    for name, model in (("cnn", plain), ("stn-cnn", turning)):
        print(f"{name:<12} {task.judge(contender(model)).summary:6.2f} %")

    shown = np.concatenate([np.flatnonzero(task.test.targets == digit)[:1] for digit in range(10)])
    images = task.test.inputs[shown]
    seen = views(turning, torch.from_numpy(images))
    labels = [str(digit) for digit in range(10)]
    save(before_and_after(images[:, 0], seen[:, 0], labels), config.out, "views")


if __name__ == "__main__":
    program.run(Config, main)
